// The rule that turns a ratio with its interval and a test into a word.
//
// Ratio r = candidate / baseline, interval [low, high] at 95 %; band [1/(1+ν), 1+ν] for the noise threshold ν.
//
//   slower     low > 1+ν     and the test, where it can speak, is significant after Holm
//   faster     high < 1/(1+ν)  and likewise
//   same       r inside the band and the interval within three bands: what is left out is a change beyond 3ν
//   ambiguous  everything else, one sample without interval included
//
// Where the test can speak: a rank test of m against n processes gives no p-value below 2 / C(m+n, m), 0.1 for 3
// against 3; Holm multiplies it by up to the number of cases. When even complete separation would stay above α,
// the test says nothing about this case and the interval alone decides. It is then Welch's t interval over
// processes (src/stats/ratio.ts), wide because processes are few.

import type { Estimate } from "#stats/estimate";
import type { RankTest } from "#stats/rank-test";

export type Word = "faster" | "slower" | "same" | "ambiguous";

export interface AdjustedTest extends RankTest {
  /** what was ranked: medians of processes, or of rounds where a side has one process */
  readonly unit: "process" | "round";
  readonly adjustedPValue: number;
  /** false: no data of this size could have been significant in a table of this many cases */
  readonly canSpeak: boolean;
}

export interface Thresholds {
  /** relative change that is taken for noise, above zero */
  readonly noise: number;
  readonly alpha: number;
}

/** An interval no wider than this many noise bands lets `same` be said; beyond, too little is known. */
export const SAME_WITHIN_BANDS = 3;

export function decide(
  ratio: Estimate,
  test: AdjustedTest,
  { noise, alpha }: Thresholds,
): { readonly word: Word; readonly reason: string } {
  const { estimate, low, high } = ratio;
  if (low === undefined || high === undefined)
    return { word: "ambiguous", reason: "one sample a side has no interval" };
  const band = Math.log1p(noise);
  const isApart = Math.log(low) > band || Math.log(high) < -band;
  if (isApart && (!test.canSpeak || test.adjustedPValue <= alpha)) {
    const evidence = test.canSpeak
      ? `rank test p ${test.adjustedPValue.toPrecision(2)} after Holm`
      : "too few values for the rank test";
    return { word: low > 1 ? "slower" : "faster", reason: `interval outside the noise band; ${evidence}` };
  }
  if (isApart)
    return {
      word: "ambiguous",
      reason: `interval outside the noise band but rank test p ${test.adjustedPValue.toPrecision(2)} after Holm`,
    };
  const reach = Math.max(Math.abs(Math.log(low)), Math.abs(Math.log(high)));
  if (Math.abs(Math.log(estimate)) <= band && reach <= SAME_WITHIN_BANDS * band) {
    return { word: "same", reason: `a change beyond ${(100 * Math.expm1(reach)).toPrecision(2)} % is excluded` };
  }
  return { word: "ambiguous", reason: "the interval straddles the edge of the noise band" };
}
