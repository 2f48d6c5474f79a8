// "Not worse": shown when the one-sided interval of the paired difference stays above minus a margin that was
// written down before the run. Failing to find a difference shows nothing; this does.
//
// Source: B. L. Wiens, "Choosing an equivalence limit for noninferiority or equivalence studies", Controlled
// Clinical Trials 23 (2002) 2; paired t interval: any textbook, e.g. D. G. Altman, "Practical Statistics for Medical
// Research" (1991), §9.5.

import { studentCdf, studentQuantile } from "./distributions.ts";
import { standardDeviation } from "./hierarchical.ts";
import { checkSamples, SampleError } from "./samples.ts";

/** Fewer seeds than this show an interval but carry no headline claim. */
export const ENOUGH_SEEDS = 7;

export interface NonInferiorityOptions {
  /** the loss that would not matter, in the score's unit, above zero */
  readonly margin: number;
  readonly higherIsBetter: boolean;
  /** one-sided level; default 0.05 */
  readonly alpha?: number;
}

export interface NonInferiority {
  /** candidate minus reference, signed so that above zero is better */
  readonly meanDifference: number;
  /** one-sided lower limit of the difference; absent for one seed */
  readonly lowerLimit?: number;
  readonly pValue?: number;
  readonly margin: number;
  readonly n: number;
  /** `too few seeds`: below seven, whatever the numbers say */
  readonly verdict: "not worse" | "not shown" | "too few seeds";
}

/**
 * Tests that a candidate is not worse than a reference by more than `margin`; scores paired by seed.
 *
 *   t = (d̄ + margin) / (s_d / √n), one-sided, n − 1 degrees of freedom
 *
 * @throws {SampleError} scores that do not pair up, are missing or not finite
 * @throws {RangeError} a margin that is not above zero
 */
export function nonInferiority(
  candidate: ArrayLike<number>,
  reference: ArrayLike<number>,
  { margin, higherIsBetter, alpha = 0.05 }: NonInferiorityOptions,
): NonInferiority {
  if (!(margin > 0)) throw new RangeError(`nonInferiority: the margin must be above zero, got ${margin}`);
  if (candidate.length !== reference.length) {
    throw new SampleError(
      "nonInferiority",
      `scores must pair up by seed, got ${candidate.length} and ${reference.length}.`,
    );
  }
  const other = checkSamples("nonInferiority", reference);
  const sign = higherIsBetter ? 1 : -1;
  const differences = checkSamples("nonInferiority", candidate).map((score, seed) => sign * (score - other[seed]!));
  const n = differences.length;
  const meanDifference = differences.reduce((sum, value) => sum + value, 0) / n;
  if (n === 1) return { meanDifference, margin, n, verdict: "too few seeds" };
  const standardError = standardDeviation(differences) / Math.sqrt(n);
  const lowerLimit = meanDifference - studentQuantile(1 - alpha, n - 1) * standardError;
  const verdict = lowerLimit > -margin ? "not worse" : "not shown";
  return {
    meanDifference,
    lowerLimit,
    pValue: pValueOf(meanDifference + margin, standardError, n - 1),
    margin,
    n,
    verdict: n < ENOUGH_SEEDS ? "too few seeds" : verdict,
  };
}

function pValueOf(distance: number, standardError: number, freedom: number): number {
  if (standardError === 0) return distance > 0 ? 0 : 1;
  return studentCdf(-distance / standardError, freedom);
}
