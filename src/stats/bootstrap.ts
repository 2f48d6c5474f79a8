// Pieces of the percentile bootstrap that its users share.
//
// Source: B. Efron, R. J. Tibshirani, "An Introduction to the Bootstrap" (1993), §13.3.

import type { Random } from "#base/random";
import type { SortedSamples } from "./samples.ts";

/** The two tail probabilities of a central interval. */
export function percentileProbabilities(confidence: number): readonly [number, number] {
  return [(1 - confidence) / 2, (1 + confidence) / 2];
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
