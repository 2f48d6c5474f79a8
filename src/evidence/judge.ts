// Pairs of the same case → verdicts: the ratio's interval and a rank test for each, Holm over all.

import { Random } from "#base/random";
import type { Seconds } from "#base/units";
import type { Estimate } from "#stats/estimate";
import { holm } from "#stats/holm";
import { median } from "#stats/quantiles";
import { mannWhitney, type RankTest } from "#stats/rank-test";
import { independentRatioInterval } from "#stats/ratio";
import type { RunRecord } from "#store/record";
import type { Case } from "#case/case";
import { caseLabel } from "./cases.ts";
import { RESAMPLING_SEED, type SummaryOptions } from "./summary.ts";
import { decide, type AdjustedTest, type Thresholds, type Word } from "./verdict.ts";

/** One run's records of a case, and their times: one array of round medians for each process. */
export interface Side {
  readonly records: readonly RunRecord[];
  readonly times: number[][];
}

/** The same case in two runs; a side is absent where the run has no record of it. */
export interface Pair {
  readonly caseId: string;
  readonly case: Case;
  readonly baseline?: Side;
  readonly candidate?: Side;
}

interface CommonVerdict {
  readonly caseId: string;
  readonly suite: string;
  readonly contender: string;
  readonly label: string;
  readonly case: Case;
  readonly reason: string;
}

export interface ComparedCase extends CommonVerdict {
  readonly verdict: Word;
  /** candidate / baseline: above 1 is slower */
  readonly ratio: Estimate;
  readonly baselineSeconds: Seconds;
  readonly candidateSeconds: Seconds;
  readonly baselineProcesses: number;
  readonly candidateProcesses: number;
  readonly test: AdjustedTest;
}

export interface MissingCase extends CommonVerdict {
  readonly verdict: "missing";
  /** the baseline has a time and the candidate failed, ran out of memory or out of time: counts as a regression */
  readonly broken: boolean;
}

export type CaseVerdict = ComparedCase | MissingCase;

interface Measured {
  readonly pair: Pair;
  readonly ratio: Estimate;
  readonly test: RankTest & { readonly unit: "process" | "round" };
}

/** A verdict for every pair; tests are adjusted over all of them. */
export function judge(pairs: readonly Pair[], thresholds: Thresholds, options: SummaryOptions): CaseVerdict[] {
  const root = new Random(options.seed ?? RESAMPLING_SEED);
  const measured = pairs.flatMap((pair): Measured[] => {
    const [before, after] = [pair.baseline?.times ?? [], pair.candidate?.times ?? []];
    if (before.length === 0 || after.length === 0) return [];
    const resampling = options.resamples === undefined ? {} : { resamples: options.resamples };
    const ratio = independentRatioInterval(after, before, { random: root.fork(pair.caseId), ...resampling });
    return [{ pair, ratio, test: rankTest(after, before) }];
  });
  const adjusted = holm(measured.map(({ test }) => test.pValue));
  const words = new Map(
    measured.map(({ pair, ratio, test }, index) => {
      const canSpeak = test.smallestPValue * measured.length <= thresholds.alpha;
      const spoken = { ...test, adjustedPValue: adjusted[index]!, canSpeak };
      return [pair, { ratio, test: spoken, ...decide(ratio, spoken, thresholds) }] as const;
    }),
  );
  return pairs.map((pair) => {
    const common = {
      caseId: pair.caseId,
      suite: pair.case.suite,
      contender: pair.case.contender,
      label: caseLabel(pair.case),
      case: pair.case,
    };
    const found = words.get(pair);
    if (found === undefined) return { ...common, verdict: "missing", ...absence(pair) };
    const [before, after] = [pair.baseline!.times, pair.candidate!.times];
    return {
      ...common,
      verdict: found.word,
      reason: found.reason,
      ratio: found.ratio,
      baselineSeconds: centreOf(before),
      candidateSeconds: centreOf(after),
      baselineProcesses: before.length,
      candidateProcesses: after.length,
      test: found.test,
    };
  });
}

/** For reading only: the ratio is estimated on its own. */
function centreOf(times: readonly number[][]): Seconds {
  return median(times.map((rounds) => median(rounds)));
}

function rankTest(after: readonly number[][], before: readonly number[][]): Measured["test"] {
  if (after.length > 1 && before.length > 1) {
    return {
      ...mannWhitney(
        after.map((rounds) => median(rounds)),
        before.map((rounds) => median(rounds)),
      ),
      unit: "process",
    };
  }
  return { ...mannWhitney(after.flat(), before.flat()), unit: "round" };
}

function absence({ baseline, candidate }: Pair): { readonly reason: string; readonly broken: boolean } {
  const before = stateOf(baseline);
  const after = stateOf(candidate);
  const broken =
    before === "measured" &&
    candidate?.records.some(({ status }) => status === "failed" || status === "oom" || status === "timeout") === true;
  return { reason: `baseline ${before}, candidate ${after}`, broken };
}

function stateOf(side: Side | undefined): string {
  if (side === undefined) return "absent";
  if (side.times.length > 0) return "measured";
  const last = side.records.at(-1)!;
  return last.status === "ok" ? "without times" : `${last.status} (${last.reason})`;
}
