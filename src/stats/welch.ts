// Two independent groups by their means: Welch's t, which asks for no equal variances.
//
// Source: B. L. Welch, "The generalization of 'Student's' problem when several different population variances are
// involved", Biometrika 34 (1947) 28.

import { studentCdf, studentQuantile } from "./distributions.ts";
import { checkSamples, SampleError } from "./samples.ts";

export interface WelchTest {
  /** mean of the first group minus mean of the second */
  readonly difference: number;
  readonly standardError: number;
  /** Satterthwaite's degrees of freedom */
  readonly freedom: number;
  /** two-sided, of no difference */
  readonly pValue: number;
}

/** @throws {SampleError} fewer than two values on a side, or one that is not finite */
export function welchTest(first: ArrayLike<number>, second: ArrayLike<number>): WelchTest {
  const [a, b] = [meanOf(first), meanOf(second)];
  const difference = a.mean - b.mean;
  const variance = a.variance + b.variance;
  if (variance === 0) return { difference, standardError: 0, freedom: Infinity, pValue: difference === 0 ? 1 : 0 };
  const freedom = variance ** 2 / (a.variance ** 2 / a.freedom + b.variance ** 2 / b.freedom);
  const standardError = Math.sqrt(variance);
  return { difference, standardError, freedom, pValue: 2 * studentCdf(-Math.abs(difference) / standardError, freedom) };
}

/**
 * The smallest difference that a two-sided test at `alpha` would have called significant, at this n and noise.
 *
 * @returns in the unit of the values
 */
export function smallestDifference({ standardError, freedom }: WelchTest, alpha: number): number {
  return standardError === 0 ? 0 : studentQuantile(1 - alpha / 2, freedom) * standardError;
}

/** A mean with the variance of that mean. */
function meanOf(values: ArrayLike<number>): { mean: number; variance: number; freedom: number } {
  const sample = checkSamples("welchTest", values);
  const n = sample.length;
  if (n < 2) throw new SampleError("welchTest", "two values a side are needed, got one.");
  const mean = sample.reduce((sum, value) => sum + value, 0) / n;
  const squares = sample.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, variance: squares / (n - 1) / n, freedom: n - 1 };
}
