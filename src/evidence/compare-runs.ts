// Two runs → results aligned, a verdict for each time and each score, geometric means by suite, and what the candidate
// lacks. Memory is counted, not sampled, and is listed beside.

import { UsageError } from "#base/errors";
import { groupBy } from "#base/group";
import { hashJson } from "#base/json";
import type { Bytes } from "#base/units";
import type { Estimate } from "#stats/estimate";
import { geometricMeanOfRatios } from "#stats/mean-ratio";
import { median } from "#stats/quantiles";
import type { Case } from "#case/case";
import { caseLabel } from "./case-lines.ts";
import { compareResults, type ComparedItem, type ComparedTime, type Pair } from "./compare-results.ts";
import type { ResamplingOptions } from "./resampling.ts";
import { resultsOf, type Result } from "./result.ts";
import { checkComparable, joinRuns, type Difference, type Run } from "./runs.ts";
import { DEFAULT_THRESHOLDS, type Thresholds } from "./verdict.ts";

export interface CompareOptions extends ResamplingOptions, Partial<Thresholds> {
  readonly allowDifferent?: readonly Difference[];
  /** only these cases of either run */
  readonly keep?: (item: Case) => boolean;
}

export interface SuiteMean {
  readonly suite: string;
  readonly cases: number;
  /** geometric mean of the cases' ratios; the process is its unit */
  readonly ratio: Estimate;
}

export interface MemoryChange {
  readonly caseId: string;
  readonly label: string;
  readonly baselineBytes: Bytes;
  readonly candidateBytes: Bytes;
  readonly ratio: number;
}

export interface RunComparison {
  readonly baseline: string;
  readonly candidate: string;
  readonly thresholds: Thresholds;
  readonly items: readonly ComparedItem[];
  readonly counts: Readonly<Record<ComparedItem["verdict"], number>>;
  readonly suites: readonly SuiteMean[];
  /** memory cases of both runs whose peak differs at all */
  readonly memory: readonly MemoryChange[];
  /** slower, worse, and broken ones */
  readonly regressions: readonly ComparedItem[];
  /** what the baseline has and the candidate lacks */
  readonly incomplete: readonly ComparedItem[];
  readonly warnings: readonly string[];
}

/**
 * Compares two runs, result by result.
 *
 * @throws {UsageError} the runs are not comparable or have nothing in common, or a threshold makes no sense
 */
export function compareRuns(baseline: Run, candidate: Run, options: CompareOptions = {}): RunComparison {
  const thresholds = checkThresholds(options);
  const allow = options.allowDifferent ?? [];
  const told = checkComparable(baseline, candidate, allow);
  const pairs = align(resultsById(baseline, options), resultsById(candidate, options));
  const items = compareResults(pairs, thresholds, options);
  const regressions = items.filter(({ isRegression }) => isRegression);
  const memory = pairs.flatMap(memoryOf);
  if (regressions.length === 0 && memory.length === 0 && items.every(({ verdict }) => verdict === "missing"))
    throw new UsageError(
      `${candidate.manifest.run} and ${baseline.manifest.run} have no measured case in common: nothing was compared.`,
    );
  const counts = { faster: 0, slower: 0, same: 0, worse: 0, "not worse": 0, ambiguous: 0, missing: 0 };
  for (const { verdict } of items) counts[verdict]++;
  const incomplete = items.filter((item) => item.isIncomplete);
  return {
    baseline: baseline.manifest.run,
    candidate: candidate.manifest.run,
    thresholds,
    items,
    counts,
    suites: suiteMeans(items, pairs),
    memory: memory.filter(({ ratio }) => ratio !== 1),
    regressions,
    incomplete,
    warnings: [...told, ...warningsOf(items, incomplete)],
  };
}

function checkThresholds({ noise, alpha }: CompareOptions): Thresholds {
  const thresholds = { noise: noise ?? DEFAULT_THRESHOLDS.noise, alpha: alpha ?? DEFAULT_THRESHOLDS.alpha };
  if (!(thresholds.noise >= 0 && thresholds.noise < 1))
    throw new UsageError(`--noise must be a share from 0 to below 1, got ${noise}.`);
  if (!(thresholds.alpha > 0 && thresholds.alpha < 1))
    throw new UsageError(`--alpha must lie between 0 and 1, got ${alpha}.`);
  return thresholds;
}

/** Current results by what they are, without what is allowed to differ. */
function resultsById(
  run: Run,
  { allowDifferent: allow = [], keep = () => true, ...options }: CompareOptions,
): Map<string, Result> {
  const results = new Map<string, Result>();
  // The intervals of single times are not read here: they are drawn once.
  for (const result of resultsOf(joinRuns([run]).records, { ...options, resamples: 1 })) {
    if (result.stale || !keep(result.case)) continue;
    const id = alignmentId(result.case, allow);
    if (results.has(id)) {
      const rule = "what is allowed to differ must be one thing within each run";
      const what = `${caseLabel(result.case)} more than once when ${allow.join(" and ")} may differ`;
      throw new UsageError(`Run ${run.manifest.run} holds ${what}: ${rule}.`);
    }
    results.set(id, result);
  }
  return results;
}

function alignmentId({ engine, scale, ...rest }: Case, allow: readonly Difference[]): string {
  const seed = rest.kind === "training" ? 0 : rest.seed; // the seeds of a training are one result
  const kept = { engine: allow.includes("engine") ? "" : engine, scale: allow.includes("scale") ? "" : scale };
  return hashJson({ ...rest, seed, ...kept });
}

/** Results of either run in the candidate's order, then those of the baseline alone. */
function align(before: ReadonlyMap<string, Result>, after: ReadonlyMap<string, Result>): Pair[] {
  return [...new Set([...after.keys(), ...before.keys()])].map((id) => {
    const [baseline, candidate] = [before.get(id), after.get(id)];
    return { result: (candidate ?? baseline)!, baseline, candidate };
  });
}

function suiteMeans(items: readonly ComparedItem[], pairs: readonly Pair[]): SuiteMean[] {
  const byId = new Map(pairs.map((pair) => [pair.result.id, pair]));
  const compared = items.filter((item): item is ComparedTime => item.quantity === "time");
  return [...groupBy(compared, ({ suite }) => suite)].map(([suite, members]) => {
    const cases = members.map(({ caseId }) => {
      const { baseline, candidate, result } = byId.get(caseId)!;
      return { cluster: result.matchup, numerator: medians(candidate!), denominator: medians(baseline!) };
    });
    return { suite, cases: members.length, ratio: geometricMeanOfRatios(cases) };
  });
}

function medians({ times }: Result): Map<number, number> {
  return new Map([...times].map(([unit, rounds]) => [unit, median([...rounds.values()])]));
}

function memoryOf({ result, baseline, candidate }: Pair): MemoryChange[] {
  const [before, after] = [baseline?.memory?.enginePeakBytes, candidate?.memory?.enginePeakBytes];
  if (result.axes["quantity"] !== "memory" || before === undefined || after === undefined) return [];
  const { id: caseId, label } = result;
  return [
    { caseId, label, baselineBytes: before, candidateBytes: after, ratio: before === after ? 1 : after / before },
  ];
}

/** What cannot be seen beyond this is not worth a number. */
const MOST_SHARE = 10;

function warningsOf(items: readonly ComparedItem[], incomplete: readonly ComparedItem[]): string[] {
  const times = items.filter((item): item is ComparedTime => item.quantity === "time");
  const single = times.filter(({ n }) => Math.min(n.baseline, n.candidate) < 2).length;
  const limits = times.flatMap(({ unseenBelow }) => unseenBelow ?? []);
  const percent = (share: number): string =>
    share > MOST_SHARE ? `more than ${100 * MOST_SHARE} %` : `${Number((100 * share).toPrecision(2))} %`;
  return [
    ...(incomplete.length === 0
      ? []
      : [`${incomplete.length} results of the baseline are missing or unfinished in the candidate`]),
    ...(single === 0
      ? []
      : [`${single} of ${times.length} times have one process on a side, which shows no difference between processes`]),
    ...(limits.length === 0
      ? []
      : [
          `at this n and noise a change of time below ${percent(median(limits))} (median over cases; ${percent(Math.max(...limits))} at worst) could not have been seen; an idle machine and more processes (scale small: 8) show smaller ones`,
        ]),
  ];
}
