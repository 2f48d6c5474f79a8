// Documents with blocks that a program writes, and what writes each.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { packageRoot } from "#host/package";
import type { JobsResult } from "../bench-jobs/result.ts";
import { jobsText } from "../bench-jobs/text.ts";
import type { BenchResult } from "../bench-records/result.ts";
import { benchText } from "../bench-records/text.ts";
import type { FaultsResult } from "../selftest-faults/result.ts";
import { withBlock } from "./blocks.ts";
import { claimRules } from "./claim-rules.ts";
import { clusterCosts, localCosts } from "./costs.ts";
import { faultsText } from "./faults.ts";
import { claimFindings, foundText, runTable, scoreTables } from "./findings.ts";
import { gpuLimits, gpuPredictions } from "./gpu.ts";
import { layerTable } from "./layers.ts";
import { readingTexts } from "./reading.ts";
import { rivalsText } from "./rivals.ts";
import { publishedRuns, publishedSelftest } from "./published.ts";

const COMMAND = "`npm run docs`";

/** Text by block, by document. */
async function blocksByDocument(): Promise<Readonly<Record<string, Readonly<Record<string, string>>>>> {
  const runs = publishedRuns();
  return {
    "README.md": { found: foundText(runs) },
    "docs/findings.md": {
      "verdicts by claim": claimFindings(runs),
      scores: scoreTables(runs),
      "published runs": runTable(runs),
    },
    "REPRODUCING.md": { "time of suites": localCosts(runs), "other implementations": rivalsText(runs) },
    "docs/reading-results.md": readingTexts(runs),
    "docs/claims.md": { rules: claimRules() },
    "docs/cluster.md": {
      "trainings side by side": benchmarkText(publishedSelftest<JobsResult>("bench-jobs"), jobsText),
      "large runs": benchmarkText(publishedSelftest<BenchResult>("bench-records"), benchText),
      "paper scale": clusterCosts(),
    },
    "docs/gpu.md": { limits: gpuLimits(), predictions: gpuPredictions() },
    "SECURITY.md": { "self-test of faults": faultsText(publishedSelftest<FaultsResult>("selftest-faults")) },
    "CONTRIBUTING.md": { layers: await layerTable() },
  };
}

function benchmarkText<Result>(result: Result | undefined, text: (result: Result) => string): string {
  return result === undefined ? "No measurement is published yet." : text(result);
}

/** Every document as it should be, by its path; formatted as `npm run check` wants it. */
export async function writtenDocuments(): Promise<ReadonlyMap<string, string>> {
  const written = new Map<string, string>();
  for (const [path, blocks] of Object.entries(await blocksByDocument())) {
    const file = join(packageRoot(), path);
    const text = Object.entries(blocks).reduce(
      (document, [name, block]) => withBlock(document, { name, command: COMMAND }, block),
      readFileSync(file, "utf8"),
    );
    written.set(path, await format(text, { ...(await resolveConfig(file)), filepath: file }));
  }
  return written;
}
