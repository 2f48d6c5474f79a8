// All that a report reads: results, comparisons, claims and warnings of one run or of several.

import type { Environment, Manifest } from "#store/record";
import { evaluateClaims } from "./claims/evaluate.ts";
import type { Claim } from "./claims/claim.ts";
import { decompositionsOf, type Decomposition } from "./decomposition.ts";
import { gatesOf, type Gate } from "./gates.ts";
import { findCrossovers, fitGrowth, type Growth, type SeriesCrossover } from "./growth.ts";
import { rawData, type RawData } from "./raw.ts";
import { ratioLookup, type RatioLookup } from "./ratios.ts";
import { resultsOf, type Result } from "./result.ts";
import { joinRuns, type Run } from "./runs.ts";
import { compareWithSubject, type ScoreComparisons } from "./score-comparisons.ts";
import { withoutSoftwareTimes } from "./software.ts";
import type { ResamplingOptions } from "./resampling.ts";

export interface Evidence {
  readonly manifests: readonly Manifest[];
  readonly environments: ReadonlyMap<string, Environment>;
  /** `small`, or several */
  readonly scale: string;
  /** in the order in which their cases first appear, stale ones among them */
  readonly results: readonly Result[];
  readonly ratios: RatioLookup;
  /** by series */
  readonly growth: ReadonlyMap<string, Growth>;
  readonly crossovers: (suite: string, reference: string) => readonly SeriesCrossover[];
  readonly decompositions: readonly Decomposition[];
  readonly scores: ScoreComparisons;
  readonly gates: readonly Gate[];
  readonly claims: readonly Claim[];
  /** of joining the runs */
  readonly warnings: readonly string[];
  /** what counts, as it was taken; times of software GPUs are left out */
  readonly raw: RawData;
}

/** @throws {UsageError} two runs hold one case from two machines */
export function evidenceOf(runs: readonly Run[], options: ResamplingOptions = {}): Evidence {
  const { manifests, environments, records: joined, warnings } = joinRuns(runs);
  const records = withoutSoftwareTimes(joined, environments);
  const results = resultsOf(records, options);
  const current = results.filter(({ stale }) => !stale);
  const ratios = ratioLookup(results, options);
  const parts = {
    ratios,
    growth: new Map(fitGrowth(current).map((growth) => [growth.series, growth])),
    decompositions: decompositionsOf(current, ratios),
    scores: compareWithSubject(current),
    gates: gatesOf(current),
  };
  const scale = [...new Set(manifests.map((manifest) => manifest.scale))].join(", ");
  return {
    manifests,
    environments,
    scale,
    results,
    ...parts,
    crossovers: (suite, reference) =>
      findCrossovers(
        current.filter(({ axes }) => axes["suite"] === suite),
        reference,
        options,
      ),
    claims: evaluateClaims({ results: current, ...parts }, scale),
    warnings,
    raw: rawData(records),
  };
}
