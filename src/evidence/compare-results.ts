// Pairs of one result in two runs → verdicts: the ratio of times, and the difference of scores by seed; one family of
// tests, adjusted by Holm. The unit is the process, of a training the seed.

import { defined } from "#base/defined";
import type { Seconds } from "#base/units";
import type { Estimate } from "#stats/estimate";
import { holm } from "#stats/holm";
import { median } from "#stats/quantiles";
import { mannWhitney, smallestRankTestPValue } from "#stats/rank-test";
import { independentRatioInterval } from "#stats/ratio";
import { smallestDifference, welchTest, type WelchTest } from "#stats/welch";
import type { Case, TrainingCase } from "#case/case";
import { floorOf } from "#catalogue/floor";
import { tasks } from "#catalogue/tasks";
import type { TrainingResult } from "#store/record";
import { streamOf, type ResamplingOptions } from "./resampling.ts";
import type { Result, Status } from "./result.ts";
import { isWhole, pairFinal, rulesOf, testPaired, type SeedRuns } from "./scores.ts";
import { groupsOf } from "./times.ts";
import { judgeScore, judgeTime, type ScoreWord, type Thresholds, type TimeWord } from "./verdict.ts";

/** The same result in two runs; a side is absent where the run has no record of it. */
export interface Pair {
  readonly result: Result;
  readonly baseline: Result | undefined;
  readonly candidate: Result | undefined;
}

interface Common {
  readonly caseId: string;
  readonly suite: string;
  readonly contender: string;
  readonly label: string;
  readonly case: Case;
  readonly reason: string;
  readonly isRegression: boolean;
  /** the baseline has more than the candidate: all of it, or some seeds */
  readonly isIncomplete: boolean;
  /** processes, or seeds */
  readonly n: { readonly baseline: number; readonly candidate: number };
}

export interface ComparedTime extends Common {
  readonly quantity: "time";
  readonly verdict: TimeWord;
  /** candidate / baseline: above 1 is slower */
  readonly ratio: Estimate;
  readonly baselineSeconds: Seconds;
  readonly candidateSeconds: Seconds;
  /** of no difference; absent where a side has one process */
  readonly test?: { readonly method: string; readonly pValue: number; readonly adjustedPValue: number };
  /** a change by a smaller share could not have been called, at this n and noise */
  readonly unseenBelow?: number;
}

export interface ComparedScore extends Common {
  /** name of the score */
  readonly quantity: string;
  readonly verdict: Exclude<ScoreWord, "open"> | "ambiguous";
  /** candidate − baseline over shared seeds, above zero is better, with both one-sided 95 % limits */
  readonly difference: Estimate;
  readonly margin: number;
}

export interface MissingResult extends Common {
  readonly quantity: "result";
  readonly verdict: "missing";
}

export type ComparedItem = ComparedTime | ComparedScore | MissingResult;

/** Two seeds decide between two runs of one training; headline claims ask for more. */
const LEAST_SEEDS = 2;

/** A time or a score of a pair, before the tests are adjusted. */
interface Finding {
  readonly pair: Pair;
  /** of no difference (times), of no loss (scores); absent: of one process, or one seed, there is no test */
  readonly pValueAmong: (tests: number) => number | undefined;
  readonly judge: (adjustedPValue: number | undefined, tests: number) => ComparedItem;
}

/** Verdicts in the order of the pairs; a training has one for its time and one for each of its scores. */
export function compareResults(
  pairs: readonly Pair[],
  { noise, alpha }: Thresholds,
  options: ResamplingOptions,
): ComparedItem[] {
  const findings = pairs.map((pair) => [...timeOf(pair, { noise, alpha }, options), ...scoresOf(pair, alpha)]);
  const all = findings.flat();
  const tests = all.filter(({ pValueAmong }) => pValueAmong(1) !== undefined);
  const adjusted = holm(tests.map(({ pValueAmong }) => pValueAmong(tests.length)!));
  const pValues = new Map(tests.map((test, index) => [test, adjusted[index]]));
  return pairs.flatMap((pair, index) => {
    const items = findings[index]!.map((finding) => finding.judge(pValues.get(finding), tests.length));
    return items.length > 0 || isMemoryOfBoth(pair) ? items : [missing(pair)];
  });
}

function timeOf({ baseline, candidate, ...rest }: Pair, thresholds: Thresholds, options: ResamplingOptions): Finding[] {
  const [before, after] = [groupsOf(baseline?.times ?? new Map()), groupsOf(candidate?.times ?? new Map())];
  if (before.length === 0 || after.length === 0) return [];
  const pair = { baseline, candidate, ...rest };
  const ratio = independentRatioInterval(after, before, {
    ...defined({ resamples: options.resamples }),
    random: streamOf(pair.result.id, options),
  });
  const common = {
    ...commonOf(pair, { baseline: before.length, candidate: after.length }),
    quantity: "time" as const,
    ratio,
    baselineSeconds: centreOf(before),
    candidateSeconds: centreOf(after),
  };
  const judged = (adjustedPValue?: number): Pick<ComparedTime, "verdict" | "reason" | "isRegression"> => {
    const { word, reason } = judgeTime(ratio, thresholds, adjustedPValue);
    return { verdict: word, reason, isRegression: word === "slower" };
  };
  if (ratio.n < 2) return [{ pair, pValueAmong: () => undefined, judge: () => ({ ...common, ...judged() }) }];
  const [x, y] = [after, before].map((groups) => groups.map((rounds) => Math.log(median(rounds))));
  const welch = welchTest(x!, y!);
  const testAmong = (tests: number) => rankOrWelch(x!, y!, welch, thresholds.alpha / tests);
  return [
    {
      pair,
      pValueAmong: (tests) => testAmong(tests).pValue,
      judge: (adjustedPValue = 1, tests) => {
        const reach = Math.log1p(thresholds.noise) + smallestDifference(welch, thresholds.alpha / tests);
        const test = { ...testAmong(tests), adjustedPValue };
        return { ...common, ...judged(adjustedPValue), test, unseenBelow: Math.expm1(reach) };
      },
    },
  ];
}

/** The rank test of few processes has no p-value small enough for a long table; Welch's t then speaks in its place. */
function rankOrWelch(
  x: readonly number[],
  y: readonly number[],
  welch: WelchTest,
  alpha: number,
): { readonly method: string; readonly pValue: number } {
  if (smallestRankTestPValue(x.length, y.length) > alpha)
    return { method: "Welch's t over processes", pValue: welch.pValue };
  const { pValue, method } = mannWhitney(x, y);
  return { method: `Mann–Whitney over processes, ${method}`, pValue };
}

function scoresOf(pair: Pair, alpha: number): Finding[] {
  const { baseline, candidate } = pair;
  const item = pair.result.case;
  const before = baseline?.training?.runs;
  const after = candidate?.training?.runs;
  if (before === undefined || after === undefined || item.kind !== "training") return [];
  const whole = new Map(
    [...after].filter(([seed, run]) => isWhole(run, item) || !isWhole(before.get(seed) ?? run, item)),
  );
  const lacking = [...before.keys()].filter((seed) => !whole.has(seed));
  const n = { baseline: before.size, candidate: whole.size };
  return rulesOf(item).flatMap((rule): Finding[] => {
    const found = testPaired(pairFinal(whole, before, rule.metric), rule);
    if (found === undefined) return [];
    const { difference, margin, worsePValue } = found;
    const isLost = isFloorLost(item, before, whole);
    const common = { ...commonOf(pair, n, lacking.length > 0), quantity: rule.metric, difference, margin };
    return [
      {
        pair,
        pValueAmong: () => worsePValue,
        judge: (adjustedPValue) => {
          const word = judgeScore(defined({ ...found, worsePValue: adjustedPValue }), {
            alpha,
            leastSeeds: LEAST_SEEDS,
          });
          const verdict = isLost ? "worse" : word === "open" ? "ambiguous" : word;
          const seeds = lacking.length === 0 ? "" : `; the candidate lacks ${lacking.length} of ${before.size} seeds`;
          const reason = `${isLost ? "it no longer beats the trivial predictor" : REASONS[word]}${seeds}`;
          return { ...common, verdict, reason, isRegression: verdict === "worse" };
        },
      },
    ];
  });
}

const REASONS: Readonly<Record<ScoreWord, string>> = {
  "not worse": "a loss of the margin is excluded",
  worse: "a loss beyond the margin is shown",
  open: "neither a loss beyond the margin nor its absence is shown",
};

/** Whether every seed had learned, and one has not any more: no number of seeds is needed to see that. */
function isFloorLost(item: TrainingCase, before: SeedRuns, after: SeedRuns): boolean {
  if (!tasks.has(item.task)) return false;
  const task = tasks.get(item.task);
  const beats = ({ scores, trivialScores }: TrainingResult): boolean | undefined =>
    Object.hasOwn(scores, task.metric.name) && Object.hasOwn(trivialScores, task.metric.name)
      ? floorOf(task, scores, trivialScores).beaten
      : undefined;
  return (
    [...before.values()].every((run) => beats(run) === true) && [...after.values()].some((run) => beats(run) === false)
  );
}

/** For reading only: the ratio is estimated on its own. */
function centreOf(times: readonly number[][]): Seconds {
  return median(times.map((rounds) => median(rounds)));
}

function commonOf({ result }: Pair, n: ComparedItem["n"], isIncomplete = false) {
  const { id: caseId, case: item, contender, label } = result;
  return { caseId, suite: item.suite, contender, label, case: item, n, isIncomplete };
}

function isMemoryOfBoth({ baseline, candidate }: Pair): boolean {
  return baseline?.memory?.enginePeakBytes !== undefined && candidate?.memory?.enginePeakBytes !== undefined;
}

const BROKEN: readonly string[] = ["failed", "oom", "timeout"] satisfies Status[];

function missing(pair: Pair): MissingResult {
  const { baseline, candidate } = pair;
  const [before, after] = [stateOf(baseline), stateOf(candidate)];
  const isBroken = before === "measured" && BROKEN.includes(candidate?.status ?? "");
  return {
    ...commonOf(pair, { baseline: baseline?.n ?? 0, candidate: candidate?.n ?? 0 }),
    quantity: "result",
    verdict: "missing",
    reason: `baseline ${before}, candidate ${after}`,
    isRegression: isBroken,
    isIncomplete: before === "measured" && after !== "measured" && !isBroken,
  };
}

function stateOf(result: Result | undefined): string {
  if (result === undefined) return "absent";
  const { status, failures, times, training, memory } = result;
  if (status !== "ok") return `${status} (${failures.at(-1)!.reason})`;
  return times.size > 0 || training !== undefined || memory !== undefined ? "measured" : "without times";
}
