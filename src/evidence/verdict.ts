// The rules that turn an estimate into a word. Nothing else in the harness says "faster", "worse" or "same".
//
// Times: ratio r = candidate / reference, 95 % interval [low, high]; noise band [1/(1+ν), 1+ν].
//
//   slower     low > 1+ν        and the test, where there is one, is significant after Holm
//   faster     high < 1/(1+ν)   and likewise
//   same       r inside the band and the interval within three bands: what is left out is a change beyond 3ν
//   ambiguous  everything else; always where a side has one process, whose like nobody has seen
//
// Scores: difference d = candidate − reference, above zero is better, margin m written down before the run; two
// one-sided tests at 95 % (src/stats/non-inferiority.ts).
//
//   not worse  d > −m shown     worse  d < −m shown     open  neither, or too few seeds

import type { Estimate } from "#stats/estimate";
import { ENOUGH_GROUPS } from "#stats/hierarchical";
import { ENOUGH_SEEDS, ONE_SIDED_ALPHA, type NonInferiority } from "#stats/non-inferiority";

/** What headline times and headline claims need. */
export const ENOUGH_PROCESSES = ENOUGH_GROUPS;
export { ENOUGH_SEEDS };

export type TimeWord = "faster" | "slower" | "same" | "ambiguous";
export type ScoreWord = "not worse" | "worse" | "open";

export interface Thresholds {
  /** relative change that is taken for noise, above zero */
  readonly noise: number;
  readonly alpha: number;
}

export const DEFAULT_THRESHOLDS: Thresholds = { noise: 0.02, alpha: 0.05 };

/** An interval no wider than this many noise bands lets `same` be said; beyond, too little is known. */
const SAME_WITHIN_BANDS = 3;

/** @param adjustedPValue of "no difference", after Holm; absent: contenders of one matchup, whose interval decides */
export function judgeTime(
  { estimate, low, high, n }: Estimate,
  { noise, alpha }: Thresholds = DEFAULT_THRESHOLDS,
  adjustedPValue?: number,
): { readonly word: TimeWord; readonly reason: string } {
  if (n < 2) return { word: "ambiguous", reason: "one process on a side shows no difference between processes" };
  if (low === undefined || high === undefined) return { word: "ambiguous", reason: "there is no interval" };
  const band = Math.log1p(noise);
  if (Math.log(low) > band || Math.log(high) < -band) {
    const test = adjustedPValue === undefined ? "" : `; p ${adjustedPValue.toPrecision(2)} after Holm`;
    if (adjustedPValue !== undefined && adjustedPValue > alpha)
      return { word: "ambiguous", reason: `interval outside the noise band${test}` };
    return { word: low > 1 ? "slower" : "faster", reason: `interval outside the noise band${test}` };
  }
  const reach = Math.max(Math.abs(Math.log(low)), Math.abs(Math.log(high)));
  if (Math.abs(Math.log(estimate)) <= band && reach <= SAME_WITHIN_BANDS * band)
    return { word: "same", reason: `a change beyond ${(100 * Math.expm1(reach)).toPrecision(2)} % is excluded` };
  return { word: "ambiguous", reason: "the interval straddles the edge of the noise band" };
}

/** @param leastSeeds fewer decide nothing, whatever the numbers say */
export function judgeScore(
  { difference, notWorsePValue, worsePValue }: NonInferiority,
  { alpha = ONE_SIDED_ALPHA, leastSeeds = ENOUGH_SEEDS } = {},
): ScoreWord {
  if (difference.n < leastSeeds || notWorsePValue === undefined || worsePValue === undefined) return "open";
  if (notWorsePValue <= alpha) return "not worse";
  return worsePValue <= alpha ? "worse" : "open";
}
