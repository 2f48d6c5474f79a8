// Steps in a series of independent values: is there a place where the level changes? The largest standardised difference of
// means over all places is compared with that of the same values in random order (a permutation test), so that no
// distribution is assumed; steps within what lies before and after one are looked for likewise (binary segmentation).
//
// Chance of a false step in a series without one: FALSE_ALARM_RATE, whatever the distribution, as long as the order of the
// values does not matter. A machine that drifts slowly breaks that: its drift is found as steps.
//
// Sources: A. N. Pettitt, Applied Statistics 28 (1979) 126 (one change, no distribution); L. J. Vostrikova, Soviet
// Mathematics Doklady 24 (1981) 55 (binary segmentation); B. Phipson, G. K. Smyth, Statistical Applications in Genetics and
// Molecular Biology 9 (2010) 39 (p-values of permutations count the observed order).

import type { Random } from "#base/random";
import { checkSamples } from "./samples.ts";

/** Of a series without a step. */
export const FALSE_ALARM_RATE = 1 / 200;
/** Fewer values have too few orders for so small a rate. */
export const LEAST_VALUES = 12;
/** Finer than the rate by a factor of ten. */
const PERMUTATIONS = 1999;
/** A level of one value is an outlier and no level. */
const LEAST_BESIDE = 2;

export interface Step {
  /** index of the first value at the new level */
  readonly at: number;
  /** mean of the level after it minus that of the level before it */
  readonly change: number;
  readonly pValue: number;
}

/**
 * Steps in order of place.
 *
 * @param values in order of time; of times, their logarithms
 * @throws {SampleError} no value, or one that is not finite
 */
export function findSteps(values: ArrayLike<number>, random: Random): Step[] {
  const series = checkSamples("findSteps", values);
  const found = segment(series, 0, random).toSorted((a, b) => a.at - b.at);
  const edges = [0, ...found.map(({ at }) => at), series.length];
  const means = edges.slice(1).map((end, index) => meanOf(series.subarray(edges[index], end)));
  return found.map((step, index) => ({ ...step, change: means[index + 1]! - means[index]! }));
}

function segment(values: Float64Array, offset: number, random: Random): Omit<Step, "change">[] {
  if (values.length < LEAST_VALUES) return [];
  const { at, size } = largestDifference(values);
  const pValue = permutationPValue(values, size, random);
  if (pValue > FALSE_ALARM_RATE) return [];
  return [
    ...segment(values.subarray(0, at), offset, random),
    { at: offset + at, pValue },
    ...segment(values.subarray(at), offset + at, random),
  ];
}

/** max over k of |S_k − k S_n / n| / √(k (n − k) / n): the spread is the same for all orders and left out. */
function largestDifference(values: Float64Array): { readonly at: number; readonly size: number } {
  const n = values.length;
  const mean = meanOf(values);
  let [sum, at, size] = [0, 0, -1];
  for (let k = 1; k < n; k++) {
    sum += values[k - 1]! - mean;
    const own = k < LEAST_BESIDE || n - k < LEAST_BESIDE ? -1 : Math.abs(sum) / Math.sqrt((k * (n - k)) / n);
    if (own > size) [at, size] = [k, own];
  }
  return { at, size };
}

/** A little room for sums in another order, which are not bit for bit the same. */
const ROUNDING = 1e-12;

/** Of a series that has no step it is a lower bound, above the rate. */
function permutationPValue(values: Float64Array, size: number, random: Random): number {
  const order = Float64Array.from(values);
  const mostLarge = FALSE_ALARM_RATE * (PERMUTATIONS + 1) - 1;
  let asLarge = 0;
  // With more than that the p-value cannot come below the rate any more.
  for (let count = 0; count < PERMUTATIONS && asLarge <= mostLarge; count++) {
    for (let i = order.length - 1; i > 0; i--) {
      const j = random.integer(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    if (largestDifference(order).size >= size * (1 - ROUNDING)) asLarge++;
  }
  return (asLarge + 1) / (PERMUTATIONS + 1);
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
