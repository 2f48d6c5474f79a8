// What every interval of this folder looks like.

import type { Random } from "#base/random";

/** A value with its interval. `low` and `high` are absent where the data support none (one sample, say). */
export interface Estimate {
  readonly estimate: number;
  readonly low?: number;
  readonly high?: number;
  /** coverage aimed at; for order-statistic intervals the coverage reached */
  readonly confidence: number;
  /** independent units: samples, or processes, or seeds */
  readonly n: number;
  readonly method: string;
}

export interface IntervalOptions {
  readonly random: Random;
  /** default 0.95 */
  readonly confidence?: number;
  /** default 2000 */
  readonly resamples?: number;
}

export const CONFIDENCE = 0.95;
// Efron and Tibshirani (1993, §13.3 and §14.3) ask for 1000 or more for interval ends.
export const RESAMPLES = 2000;
