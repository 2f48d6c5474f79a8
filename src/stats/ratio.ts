// Ratios of times, with intervals. All work is done on logarithms, where a ratio is a difference, a speed-up and
// its inverse are symmetric, and an interval cannot reach zero.
//
// Sources: hierarchical.ts; geometric mean of ratios: P. J. Fleming, J. J. Wallace, "How not to lie with
// statistics", CACM 29 (1986) 218; degrees of freedom: B. L. Welch, Biometrika 34 (1947) 28.

import { bootstrapInterval } from "./bootstrap.ts";
import { CONFIDENCE, type Estimate, type IntervalOptions } from "./estimate.ts";
import { type Groups, hierarchicalInterval, intervalOf, type Resampled, resampleGroups, standardDeviation } from "./hierarchical.ts";
import { checkPositive, SampleError } from "./samples.ts";

/** Rounds of one process in which both contenders were measured, paired by index. */
export interface PairedRounds {
  readonly numerator: ArrayLike<number>;
  readonly denominator: ArrayLike<number>;
}

/**
 * Ratio of two contenders measured side by side: median over processes of the median over rounds of
 * numerator / denominator, with its interval by the hierarchical bootstrap of the per-round ratios.
 *
 * @throws {SampleError} no process, rounds that do not pair up, or a value that is not finite and above zero
 */
export function pairedRatioInterval(processes: readonly PairedRounds[], options: IntervalOptions): Estimate {
  const logRatios = processes.map(({ numerator, denominator }) => {
    if (numerator.length !== denominator.length) {
      const facts = { numerator: numerator.length, denominator: denominator.length };
      throw new SampleError("pairedRatioInterval", `rounds must pair up, got ${numerator.length} and ${denominator.length}.`, facts);
    }
    const above = logarithms(numerator);
    const below = logarithms(denominator);
    return above.map((value, round) => value - below[round]!);
  });
  return exponential(hierarchicalInterval(logRatios, options));
}

/**
 * Ratio of two independent two-level samples (two runs of the same case): median of process medians over the
 * same of the other, with its interval by the hierarchical bootstrap of both. Few processes: t interval with
 * Welch's degrees of freedom.
 *
 * @param numerator one array of round times for each process
 * @throws {SampleError} as `pairedRatioInterval`
 */
export function independentRatioInterval(numerator: Groups, denominator: Groups, options: IntervalOptions): Estimate {
  const above = resampleGroups(numerator.map(logarithms), options);
  const below = resampleGroups(denominator.map(logarithms), options);
  const groups = Math.min(above.groups, below.groups);
  const confidence = options.confidence ?? CONFIDENCE;
  const estimate = above.estimate - below.estimate;
  if (isSingle(numerator) || isSingle(denominator)) {
    return { estimate: Math.exp(estimate), confidence, n: 1, method: "one sample: no interval" };
  }
  const distribution = above.distribution.map((value, b) => value - below.distribution[b]!);
  return exponential(intervalOf({ estimate, distribution, groups }, { confidence, freedom: welchFreedom(above, below) }));
}

function isSingle(groups: Groups): boolean {
  return groups.length === 1 && groups[0]!.length === 1;
}

function welchFreedom(a: Resampled, b: Resampled): number {
  const varianceA = standardDeviation(a.distribution) ** 2;
  const varianceB = standardDeviation(b.distribution) ** 2;
  const degreesA = Math.max(1, a.groups - 1);
  const degreesB = Math.max(1, b.groups - 1);
  if (varianceA + varianceB === 0) return Math.min(degreesA, degreesB);
  return (varianceA + varianceB) ** 2 / (varianceA ** 2 / degreesA + varianceB ** 2 / degreesB);
}

/**
 * Geometric mean of positive values with its BCa interval (cases are the units).
 *
 * @throws {SampleError} no values, or one that is not finite and above zero
 */
export function geometricMeanInterval(values: ArrayLike<number>, options: IntervalOptions): Estimate {
  const meanOfLogs = (logs: Float64Array): number => logs.reduce((sum, log) => sum + log, 0) / logs.length;
  return exponential(bootstrapInterval(logarithms(values), meanOfLogs, options));
}

function logarithms(values: ArrayLike<number>): Float64Array {
  return checkPositive("ratio", values).map(Math.log);
}

function exponential(estimate: Estimate): Estimate {
  const { low, high } = estimate;
  if (low === undefined || high === undefined) return { ...estimate, estimate: Math.exp(estimate.estimate) };
  return { ...estimate, estimate: Math.exp(estimate.estimate), low: Math.exp(low), high: Math.exp(high) };
}
