// The self-test of faults as SECURITY.md cites it.

import { markdownTable } from "#base/markdown";
import type { FaultsResult } from "../selftest-faults/result.ts";

const NOT_YET = "No result of the self-test is published yet.";

export function faultsText(result: FaultsResult | undefined): string {
  if (result === undefined) return NOT_YET;
  const { sections, readers, kills, mutations, problems, commit, node, platform, seed } = result;
  const trials = Object.entries(sections).map(([name, own]) => [name, String(own.trials), String(own.problems)]);
  const read = Object.entries(readers).map(([name, own]) => [
    name,
    String(own.trials),
    String(own.refused),
    String(own.problems),
    String(own.peakMegabytes),
    String(own.slowestSeconds),
  ]);
  return [
    `${kills} kills and ${mutations} damaged files: ${problems.length} problems. Commit ${commit.slice(0, 12)}, Node ${node}, ${platform}, seed ${seed}.`,
    markdownTable(["trial", "trials", "problems"], trials, ["left", "right", "right"]),
    markdownTable(
      ["reader", "damaged files", "refused in one line", "problems", "peak MB", "longest reading (s)"],
      read,
      ["left", "right", "right", "right", "right", "right"],
    ),
  ].join("\n\n");
}
