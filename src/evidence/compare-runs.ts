// Two runs → cases aligned, a verdict for each, geometric means by suite.
// Verdicts are about times only: memory is counted, not sampled, and is listed beside.

import { UsageError } from "#base/errors";
import { groupBy } from "#base/group";
import { Random } from "#base/random";
import type { Bytes } from "#base/units";
import type { Estimate } from "#stats/estimate";
import { geometricMeanInterval } from "#stats/ratio";
import type { Case } from "#case/case";
import { caseLabel, groupByCase } from "./cases.ts";
import { alignmentId, checkComparable, type ComparableRun, type Difference } from "./comparable.ts";
import { judge, type CaseVerdict, type Pair, type Side } from "./judge.ts";
import { timeGroups } from "./rounds.ts";
import { RESAMPLING_SEED, type SummaryOptions } from "./summary.ts";
import type { Thresholds } from "./verdict.ts";

export interface CompareOptions extends SummaryOptions, Partial<Thresholds> {
  readonly allowDifferent?: readonly Difference[];
}

export const DEFAULT_THRESHOLDS: Thresholds = { noise: 0.02, alpha: 0.05 };

export interface SuiteMean {
  readonly suite: string;
  readonly cases: number;
  /** geometric mean of the cases' ratios; interval over cases */
  readonly ratio: Estimate;
}

export interface MemoryChange {
  readonly caseId: string;
  readonly label: string;
  readonly baselineBytes: Bytes;
  readonly candidateBytes: Bytes;
  readonly ratio: number;
}

export interface Comparison {
  readonly baseline: string;
  readonly candidate: string;
  readonly thresholds: Thresholds;
  readonly cases: readonly CaseVerdict[];
  readonly counts: Readonly<Record<CaseVerdict["verdict"], number>>;
  readonly suites: readonly SuiteMean[];
  /** memory cases of both runs whose peak differs at all */
  readonly memory: readonly MemoryChange[];
  /** slower cases and broken ones */
  readonly regressions: readonly CaseVerdict[];
  readonly warnings: readonly string[];
}

/**
 * Compares the times of two runs, case by case.
 *
 * @throws {UsageError} the runs are not comparable, or a threshold makes no sense
 */
export function compareRuns(
  baseline: ComparableRun,
  candidate: ComparableRun,
  options: CompareOptions = {},
): Comparison {
  const thresholds = checkThresholds(options);
  const allow = options.allowDifferent ?? [];
  const warnings = checkComparable(baseline, candidate, allow);
  const pairs = align(baseline, candidate, allow);
  const timed = pairs.filter((pair) => !isMemory(pair.case));
  const cases = judge(timed, thresholds, options);
  const counts = { faster: 0, slower: 0, same: 0, ambiguous: 0, missing: 0 };
  for (const { verdict } of cases) counts[verdict]++;
  return {
    baseline: baseline.manifest.run,
    candidate: candidate.manifest.run,
    thresholds,
    cases,
    counts,
    suites: meansOf(cases, options),
    memory: pairs.flatMap((pair) => (isMemory(pair.case) ? memoryChange(pair) : [])),
    regressions: cases.filter((item) => item.verdict === "slower" || (item.verdict === "missing" && item.broken)),
    warnings,
  };
}

function checkThresholds({
  noise = DEFAULT_THRESHOLDS.noise,
  alpha = DEFAULT_THRESHOLDS.alpha,
}: CompareOptions): Thresholds {
  if (!(noise >= 0 && noise < 1)) throw new UsageError(`--noise must be a share from 0 to below 1, got ${noise}.`);
  if (!(alpha > 0 && alpha < 1)) throw new UsageError(`--alpha must lie between 0 and 1, got ${alpha}.`);
  return { noise, alpha };
}

/** Cases of either run in the candidate's order, then those of the baseline alone. */
function align(baseline: ComparableRun, candidate: ComparableRun, allow: readonly Difference[]): Pair[] {
  const before = sidesOf(baseline, allow);
  const after = sidesOf(candidate, allow);
  return [...new Set([...after.keys(), ...before.keys()])].map((id) => {
    const [left, right] = [before.get(id), after.get(id)];
    const { caseId, case: item } = (right ?? left)!.records[0]!;
    return {
      caseId,
      case: item,
      ...(left === undefined ? {} : { baseline: left }),
      ...(right === undefined ? {} : { candidate: right }),
    };
  });
}

function sidesOf(run: ComparableRun, allow: readonly Difference[]): Map<string, Side> {
  const sides = new Map<string, Side>();
  for (const { case: item, records, stale } of groupByCase(run.records)) {
    if (stale) continue;
    const id = alignmentId(item, allow);
    if (sides.has(id)) {
      const rule = "what is allowed to differ must be one thing within each run";
      throw new UsageError(
        `Run ${run.manifest.run} holds ${caseLabel(item)} more than once when ${allow.join(" and ")} may differ: ${rule}.`,
      );
    }
    sides.set(id, { records, times: timeGroups(records) });
  }
  return sides;
}

function meansOf(cases: readonly CaseVerdict[], options: CompareOptions): SuiteMean[] {
  const compared = cases.filter((item) => item.verdict !== "missing");
  const root = new Random(options.seed ?? RESAMPLING_SEED);
  return [...groupBy(compared, (item) => item.suite)].map(([suite, members]) => {
    const ratios = members.map((item) => item.ratio.estimate);
    return {
      suite,
      cases: members.length,
      ratio: geometricMeanInterval(ratios, { random: root.fork(`suite/${suite}`) }),
    };
  });
}

function isMemory(item: Case): boolean {
  return item.kind === "operator" && item.quantity === "memory";
}

function memoryChange({ caseId, case: item, baseline, candidate }: Pair): MemoryChange[] {
  const [before, after] = [peakOf(baseline), peakOf(candidate)];
  if (before === undefined || after === undefined || before === after) return [];
  return [{ caseId, label: caseLabel(item), baselineBytes: before, candidateBytes: after, ratio: after / before }];
}

function peakOf(side: Side | undefined): Bytes | undefined {
  const peaks = (side?.records ?? []).flatMap((record) =>
    record.status === "ok" ? (record.memory?.enginePeakBytes ?? []) : [],
  );
  return peaks.length === 0 ? undefined : Math.max(...peaks);
}
