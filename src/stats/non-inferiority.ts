// "Not worse" and "worse", each shown by its own one-sided test of the paired difference against a margin that was written
// down before the run. Failing to find a difference shows nothing; where neither is shown the question stays open.
//
// Source: B. L. Wiens, "Choosing an equivalence limit for noninferiority or equivalence studies", Controlled
// Clinical Trials 23 (2002) 2; paired t interval: any textbook, e.g. D. G. Altman, "Practical Statistics for Medical
// Research" (1991), §9.5.

import { studentCdf, studentQuantile } from "./distributions.ts";
import type { Estimate } from "./estimate.ts";
import { standardDeviation } from "./hierarchical.ts";
import { checkSamples, SampleError } from "./samples.ts";

/** Fewer seeds than this show an interval but carry no headline claim. */
export const ENOUGH_SEEDS = 7;
/** Level of each of the two one-sided tests. */
export const ONE_SIDED_ALPHA = 0.05;

export interface NonInferiorityOptions {
  /** the loss that would not matter, in the score's unit, above zero */
  readonly margin: number;
  readonly higherIsBetter: boolean;
}

export interface NonInferiority {
  /**
   * candidate minus reference, signed so that above zero is better; its ends are the two one-sided 95 % limits, hence a
   * 90 % interval. One seed has none.
   */
  readonly difference: Estimate;
  readonly margin: number;
  /** of "worse by the margin or more": small where it is not worse; absent for one seed */
  readonly notWorsePValue?: number;
  /** of "not worse than by the margin": small where it is worse; absent for one seed */
  readonly worsePValue?: number;
}

/**
 * Scores paired by seed: t = (d̄ + margin) / (s_d / √n), n − 1 degrees of freedom, looked at from both sides.
 *
 * @throws {SampleError} scores that do not pair up, are missing or not finite
 * @throws {RangeError} a margin that is not above zero
 */
export function nonInferiority(
  candidate: ArrayLike<number>,
  reference: ArrayLike<number>,
  { margin, higherIsBetter }: NonInferiorityOptions,
): NonInferiority {
  if (!(margin > 0)) throw new RangeError(`nonInferiority: the margin must be above zero, got ${margin}`);
  if (candidate.length !== reference.length) {
    const counts = `${candidate.length} and ${reference.length}`;
    throw new SampleError("nonInferiority", `scores must pair up by seed, got ${counts}.`);
  }
  const other = checkSamples("nonInferiority", reference);
  const sign = higherIsBetter ? 1 : -1;
  const differences = checkSamples("nonInferiority", candidate).map((score, seed) => sign * (score - other[seed]!));
  const n = differences.length;
  const estimate = differences.reduce((sum, value) => sum + value, 0) / n;
  const common = { estimate, confidence: 1 - 2 * ONE_SIDED_ALPHA, n };
  if (n === 1) return { difference: { ...common, method: "one seed: no interval" }, margin };
  const standardError = standardDeviation(differences) / Math.sqrt(n);
  const half = studentQuantile(1 - ONE_SIDED_ALPHA, n - 1) * standardError;
  const ends = { low: estimate - half, high: estimate + half };
  return {
    difference: { ...common, ...ends, method: "paired t over seeds" },
    margin,
    notWorsePValue: upperTail(estimate + margin, standardError, n - 1),
    worsePValue: upperTail(-(estimate + margin), standardError, n - 1),
  };
}

function upperTail(distance: number, standardError: number, freedom: number): number {
  if (standardError === 0) return distance > 0 ? 0 : 1;
  return studentCdf(-distance / standardError, freedom);
}
