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

/** An estimate whose scale is changed by an increasing function: shifted, multiplied, its logarithm taken. */
export function mapped<T extends Estimate>(estimate: T, change: (value: number) => number): T {
  const { low, high } = estimate;
  const ends = low === undefined || high === undefined ? {} : { low: change(low), high: change(high) };
  return { ...estimate, estimate: change(estimate.estimate), ...ends };
}

/** Ends of the interval outside of what the quantity can be are drawn in; an estimate outside is left for the reader to see. */
export function within(estimate: Estimate, [least, most]: readonly [least: number, most: number]): Estimate {
  const { estimate: value, low, high } = estimate;
  if (low === undefined || high === undefined || value < least || value > most) return estimate;
  return { ...estimate, low: Math.max(low, least), high: Math.min(high, most) };
}

/** An amount per time: the ends of the interval swap places. */
export function rateOf(amount: number, { estimate, low, high, ...rest }: Estimate): Estimate {
  const ends = low === undefined || high === undefined || low <= 0 ? {} : { low: amount / high, high: amount / low };
  return { ...rest, estimate: amount / estimate, ...ends };
}
