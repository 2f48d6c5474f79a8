// Times and ratios of times, with intervals. All work is done on logarithms, where a ratio is a difference, a
// speed-up and its inverse are symmetric, and an interval cannot reach zero.
//
// Sources: hierarchical.ts, welch.ts.

import { CONFIDENCE, type Estimate, type IntervalOptions } from "./estimate.ts";
import { studentQuantile } from "./distributions.ts";
import { ENOUGH_GROUPS, type Groups, hierarchicalInterval, intervalOf, resampleGroups } from "./hierarchical.ts";
import { median } from "./quantiles.ts";
import { checkPositive, SampleError } from "./samples.ts";
import { welchTest } from "./welch.ts";

/**
 * A positive quantity measured in rounds of several processes, with its interval (`hierarchicalInterval` of logarithms:
 * from 8 processes the median of their medians, below that the geometric mean).
 *
 * @param processes one array of rounds for each process
 * @throws {SampleError} no process, an empty one, or a value that is not finite and above zero
 */
export function timeInterval(processes: Groups, options: IntervalOptions): Estimate {
  return exponential(hierarchicalInterval(processes.map(logarithms), options));
}

/** Rounds of one process in which both contenders were measured, paired by index. */
export interface PairedRounds {
  readonly numerator: ArrayLike<number>;
  readonly denominator: ArrayLike<number>;
}

/**
 * Ratio of two contenders measured side by side: numerator / denominator round by round, then as `timeInterval`.
 *
 * @throws {SampleError} no process, rounds that do not pair up, or a value that is not finite and above zero
 */
export function pairedRatioInterval(processes: readonly PairedRounds[], options: IntervalOptions): Estimate {
  const logRatios = processes.map(({ numerator, denominator }) => {
    if (numerator.length !== denominator.length) {
      const facts = { numerator: numerator.length, denominator: denominator.length };
      throw new SampleError(
        "pairedRatioInterval",
        `rounds must pair up, got ${numerator.length} and ${denominator.length}.`,
        facts,
      );
    }
    const above = logarithms(numerator);
    const below = logarithms(denominator);
    return above.map((value, round) => value - below[round]!);
  });
  return exponential(hierarchicalInterval(logRatios, options));
}

/**
 * Ratio of two independent two-level samples: two runs of the same case. From 8 processes on each side the median of
 * process medians and the hierarchical bootstrap of both; with 2 to 7 on one of them geometric means and Welch's t
 * over processes. One process on a side shows no difference between processes: there is no interval.
 *
 * @param numerator one array of round times for each process
 * @throws {SampleError} as `timeInterval`
 */
export function independentRatioInterval(numerator: Groups, denominator: Groups, options: IntervalOptions): Estimate {
  const confidence = options.confidence ?? CONFIDENCE;
  const [above, below] = [numerator.map(logarithms), denominator.map(logarithms)];
  const n = Math.min(above.length, below.length);
  if (n > 1 && n < ENOUGH_GROUPS) return exponential({ ...welchInterval(above, below, confidence), n });
  const [drawnAbove, drawnBelow] = [resampleGroups(above, options), resampleGroups(below, options)];
  const estimate = drawnAbove.estimate - drawnBelow.estimate;
  if (n === 1) return { estimate: Math.exp(estimate), confidence, n, method: "one process on a side: no interval" };
  const distribution = drawnAbove.distribution.map((value, b) => value - drawnBelow.distribution[b]!);
  return exponential(intervalOf({ estimate, distribution, groups: n }, confidence));
}

function welchInterval(above: Groups, below: Groups, confidence: number): Omit<Estimate, "n"> {
  const [a, b] = [above, below].map((groups) => groups.map((group) => median(group)));
  const { difference: estimate, standardError, freedom } = welchTest(a!, b!);
  const half = standardError === 0 ? 0 : studentQuantile((1 + confidence) / 2, freedom) * standardError;
  const method = "Welch's t over process medians";
  return { estimate, low: estimate - half, high: estimate + half, confidence, method };
}

function logarithms(values: ArrayLike<number>): Float64Array {
  return checkPositive("ratio", values).map(Math.log);
}

function exponential(estimate: Estimate): Estimate {
  const { low, high } = estimate;
  if (low === undefined || high === undefined) return { ...estimate, estimate: Math.exp(estimate.estimate) };
  return { ...estimate, estimate: Math.exp(estimate.estimate), low: Math.exp(low), high: Math.exp(high) };
}
