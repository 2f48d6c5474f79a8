// The median of one sample of independent values, with an interval.
//
// Sources: order statistics: H. A. David, H. N. Nagaraja, "Order Statistics", 3rd ed. (2003), §7.1 (the number of
// samples below the median is binomial with p = ½); percentile bootstrap: Efron and Tibshirani (1993), §13.3.
// BCa is not offered: the jackknife it rests on is inconsistent for the median (ibid., §11.6).

import { drawMedian, percentileProbabilities } from "./bootstrap.ts";
import { fairBinomialCdf } from "./distributions.ts";
import { CONFIDENCE, type Estimate, type IntervalOptions, RESAMPLES } from "./estimate.ts";
import { interpolatedQuantile, medianOfSorted } from "./quantiles.ts";
import { type SortedSamples, sortSamples } from "./samples.ts";

// Up to here the order-statistic interval, which is exact, is preferred to the bootstrap, which is short for small n.
const SMALL = 20;

/**
 * Median with its interval: from order statistics up to 20 samples, by percentile bootstrap above.
 *
 * @throws {SampleError} no samples, or one that is not finite
 */
export function medianInterval(samples: ArrayLike<number>, options: IntervalOptions): Estimate {
  const { random, confidence = CONFIDENCE, resamples = RESAMPLES } = options;
  const sorted = sortSamples(samples);
  if (sorted.length <= SMALL) return orderStatisticInterval(sorted, confidence);
  const counts = new Uint32Array(sorted.length);
  const distribution = Float64Array.from({ length: resamples }, () => drawMedian(sorted, random, counts)).sort();
  const [pLow, pHigh] = percentileProbabilities(confidence);
  return {
    estimate: medianOfSorted(sorted),
    low: interpolatedQuantile(distribution, pLow),
    high: interpolatedQuantile(distribution, pHigh),
    confidence,
    n: sorted.length,
    method: "bootstrap of the median, percentile",
  };
}

/**
 * Distribution-free interval [x_(k), x_(n+1−k)] with the largest k whose coverage 1 − 2 P(Bin(n, ½) ≤ k − 1)
 * reaches `confidence`; below six samples even k = 1 falls short of 95 %, and `confidence` tells what is reached.
 */
export function orderStatisticInterval(sorted: SortedSamples, confidence = CONFIDENCE): Estimate {
  const n = sorted.length;
  const estimate = medianOfSorted(sorted);
  if (n === 1) return { estimate, confidence, n, method: "one sample: no interval" };
  const coverage = (k: number): number => 1 - 2 * fairBinomialCdf(k - 1, n);
  let k = 1;
  while (k + 1 <= n >> 1 && coverage(k + 1) >= confidence) k++;
  return {
    estimate,
    low: sorted[k - 1]!,
    high: sorted[n - k]!,
    confidence: coverage(k),
    n,
    method: "order statistics",
  };
}
