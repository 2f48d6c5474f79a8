// The bootstrap of one sample: percentile and BCa intervals of any statistic, seeded.
//
// Sources: B. Efron, R. J. Tibshirani, "An Introduction to the Bootstrap" (1993): percentile §13.3,
// BCa §14.3 (z₀ eq. 14.14, acceleration eq. 14.15).

import type { Random } from "#base/random";
import { normalCdf, normalQuantile } from "./distributions.ts";
import { CONFIDENCE, type Estimate, type IntervalOptions, RESAMPLES } from "./estimate.ts";
import { interpolatedQuantile } from "./quantiles.ts";
import { checkSamples, type SortedSamples } from "./samples.ts";

export type Statistic = (samples: Float64Array) => number;

export interface BootstrapOptions extends IntervalOptions {
  /** default bca */
  readonly method?: "percentile" | "bca";
}

/**
 * Interval of a statistic by resampling with replacement. BCa corrects for bias and skewness of smooth
 * statistics; where it is undefined (every resample on one side of the estimate) the percentile interval stands.
 *
 * @param statistic reads a sample; must not change it
 * @throws {SampleError} no samples, or one that is not finite
 */
export function bootstrapInterval(
  samples: ArrayLike<number>,
  statistic: Statistic,
  options: BootstrapOptions,
): Estimate {
  const { random, confidence = CONFIDENCE, resamples = RESAMPLES, method = "bca" } = options;
  const values = checkSamples("bootstrapInterval", samples);
  const estimate = statistic(values);
  const n = values.length;
  if (n === 1) return { estimate, confidence, n, method: "one sample: no interval" };
  const distribution = resample(values, statistic, resamples, random);
  const acceleration = method === "bca" ? jackknifeAcceleration(values, statistic) : 0;
  const shifted = method === "bca" ? bcaProbabilities(distribution, estimate, { acceleration, confidence }) : undefined;
  const [pLow, pHigh] = shifted ?? percentileProbabilities(confidence);
  return {
    estimate,
    low: interpolatedQuantile(distribution, pLow),
    high: interpolatedQuantile(distribution, pHigh),
    confidence,
    n,
    method: shifted === undefined ? "bootstrap, percentile" : "bootstrap, BCa",
  };
}

/** The statistic of `resamples` samples drawn with replacement, in ascending order. */
function resample(values: Float64Array, statistic: Statistic, resamples: number, random: Random): Float64Array {
  const n = values.length;
  const drawn = new Float64Array(n);
  const distribution = new Float64Array(resamples);
  for (let b = 0; b < resamples; b++) {
    for (let i = 0; i < n; i++) drawn[i] = values[random.integer(n)]!;
    distribution[b] = statistic(drawn);
  }
  return distribution.sort();
}

/** The two tail probabilities of a central interval. */
export function percentileProbabilities(confidence: number): readonly [number, number] {
  return [(1 - confidence) / 2, (1 + confidence) / 2];
}

/**
 * Skewness of the estimate's influence values, a = Σ d³ / (6 (Σ d²)^{3/2}) with d_i = θ̄ − θ_(i) over the
 * leave-one-out estimates; 0 when they are all equal.
 */
export function jackknifeAcceleration(values: Float64Array, statistic: Statistic): number {
  const left = new Float64Array(values.length - 1);
  const estimates = Float64Array.from(values, (_, i) => {
    left.set(values.subarray(0, i));
    left.set(values.subarray(i + 1), i);
    return statistic(left);
  });
  const mean = estimates.reduce((sum, value) => sum + value, 0) / estimates.length;
  let squares = 0;
  let cubes = 0;
  for (const value of estimates) {
    squares += (mean - value) ** 2;
    cubes += (mean - value) ** 3;
  }
  return squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
}

/** Probabilities at which BCa reads an ascending bootstrap distribution; undefined where z₀ is infinite. */
export function bcaProbabilities(
  distribution: Float64Array,
  estimate: number,
  { acceleration, confidence }: { readonly acceleration: number; readonly confidence: number },
): readonly [number, number] | undefined {
  let below = 0;
  let upTo = 0;
  for (const value of distribution) {
    if (value < estimate) below++;
    if (value <= estimate) upTo++;
  }
  const z0 = normalQuantile((below + upTo) / (2 * distribution.length)); // ties count half
  if (!Number.isFinite(z0)) return undefined;
  const shift = (p: number): number => {
    const z = z0 + normalQuantile(p);
    return normalCdf(z0 + z / (1 - acceleration * z));
  };
  const [pLow, pHigh] = percentileProbabilities(confidence);
  return [shift(pLow), shift(pHigh)];
}

/**
 * Draws `n` of `n` sorted samples with replacement and returns the median of the draw, in O(n) without sorting:
 * only how often each rank was drawn matters. `counts` is scratch space of at least n zeros, left zero.
 */
export function drawMedian(sorted: SortedSamples, random: Random, counts: Uint32Array): number {
  const n = sorted.length;
  for (let i = 0; i < n; i++) counts[random.integer(n)]!++;
  const upperRank = n >> 1;
  const lowerRank = n % 2 === 1 ? upperRank : upperRank - 1;
  let lower = 0;
  let seen = 0;
  let result = Number.NaN;
  for (let i = 0; i < n; i++) {
    const before = seen;
    seen += counts[i]!;
    counts[i] = 0;
    if (before <= lowerRank && lowerRank < seen) lower = sorted[i]!;
    if (before <= upperRank && upperRank < seen) result = (lower + sorted[i]!) / 2;
  }
  return result;
}
