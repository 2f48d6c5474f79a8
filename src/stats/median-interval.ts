// The median of few independent values, with an exact interval.
//
// Source: order statistics: H. A. David, H. N. Nagaraja, "Order Statistics", 3rd ed. (2003), §7.1 (the number of
// samples below the median is binomial with p = ½).

import { fairBinomialCdf } from "./distributions.ts";
import { CONFIDENCE, type Estimate } from "./estimate.ts";
import { medianOfSorted } from "./quantiles.ts";
import { sortSamples, type SortedSamples } from "./samples.ts";

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

/** Fewer values do not support an interval narrow enough to stop measuring on. */
const LEAST_VALUES = 10;

/** Half of the 95 % interval of the median, as a share of the median; undefined below ten values. */
export function relativeHalfWidth(values: readonly number[]): number | undefined {
  if (values.length < LEAST_VALUES) return undefined;
  const { estimate, low, high } = orderStatisticInterval(sortSamples(values));
  return (high! - low!) / 2 / estimate;
}
