// Order statistics of one sample.
//
// Source: R. J. Hyndman, Y. Fan, "Sample quantiles in statistical packages", The American Statistician
// 50 (1996) 361; definition 7, the default of R and NumPy. (simple-statistics uses another one.)

import { type SortedSamples, sortSamples } from "./samples.ts";

/**
 * Quantile by linear interpolation: h = (n − 1) p, x_⌊h⌋ + (h − ⌊h⌋)(x_⌊h⌋₊₁ − x_⌊h⌋), ranks from 0.
 *
 * @param p probability in [0, 1]
 * @throws {RangeError} p outside [0, 1]
 */
export function quantile(sorted: SortedSamples, p: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`quantile: p must lie in [0, 1], got ${p}`);
  return interpolatedQuantile(sorted, p);
}

/**
 * `quantile` for any ascending array, infinities included (a bootstrap distribution may hold some): next to
 * an infinite value nothing is interpolated, the nearer one is taken.
 */
export function interpolatedQuantile(ascending: ArrayLike<number>, p: number): number {
  const position = (ascending.length - 1) * p;
  const below = Math.floor(position);
  const low = ascending[below]!;
  const high = ascending[Math.min(below + 1, ascending.length - 1)]!;
  const fraction = position - below;
  if (fraction === 0 || low === high) return low;
  if (!Number.isFinite(high - low)) return fraction < 0.5 ? low : high;
  return low + fraction * (high - low);
}

/** Middle value, or the mean of the two middle ones. */
export function medianOfSorted(sorted: SortedSamples): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Median of samples in any order. @throws {SampleError} empty or not finite */
export function median(samples: ArrayLike<number>): number {
  return medianOfSorted(sortSamples(samples));
}

/** Upper minus lower quartile (definition 7). */
export function interquartileRange(sorted: SortedSamples): number {
  return quantile(sorted, 0.75) - quantile(sorted, 0.25);
}

/** Median of the distances to the median, not scaled (× 1.4826 estimates σ of normal data). */
export function medianAbsoluteDeviation(sorted: SortedSamples): number {
  const centre = medianOfSorted(sorted);
  return median(sorted.map((value) => Math.abs(value - centre)));
}

/**
 * Spread relative to the size: IQR / median, dimensionless. Above 0.10 a time is noisy, above 0.25 hardly usable.
 * Absent when the median is 0.
 */
export function relativeSpread(sorted: SortedSamples): number | undefined {
  const centre = medianOfSorted(sorted);
  return centre === 0 ? undefined : interquartileRange(sorted) / Math.abs(centre);
}
