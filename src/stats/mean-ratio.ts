// The geometric mean of the ratios of several cases that two runs have measured. The cases are those that were asked
// for, no sample of others; what varies is the process. Cases of one cluster (a matchup) were measured in the same
// processes and share their drift, so the process is the unit of the interval here too.
//
// Sources: geometric mean of ratios: P. J. Fleming, J. J. Wallace, "How not to lie with statistics", CACM 29 (1986)
// 218; variance of a sum over clusters, its degrees of freedom by Satterthwaite: welch.ts.

import { studentQuantile } from "./distributions.ts";
import { CONFIDENCE, type Estimate } from "./estimate.ts";
import { checkPositive } from "./samples.ts";

/** Times of a case by process, on both sides of its ratio. */
export interface ClusteredRatio {
  readonly cluster: string;
  readonly numerator: ReadonlyMap<number, number>;
  readonly denominator: ReadonlyMap<number, number>;
}

/**
 * exp(mean over cases of [mean over processes of log numerator − the same of log denominator]). A cluster with one
 * process on a side leaves the mean without an interval.
 *
 * @throws {SampleError} a time that is not finite and above zero
 */
export function geometricMeanOfRatios(cases: readonly ClusteredRatio[], confidence = CONFIDENCE): Estimate {
  const parts = new Map<string, Part>();
  let sum = 0;
  for (const { cluster, numerator, denominator } of cases) {
    sum += addTo(parts, `${cluster}/above`, numerator) - addTo(parts, `${cluster}/below`, denominator);
  }
  const estimate = sum / cases.length;
  const n = Math.min(...[...parts.values()].map((part) => part.size));
  if (n < 2) return { estimate: Math.exp(estimate), confidence, n, method: "one process on a side: no interval" };
  let variance = 0;
  let spread = 0;
  for (const part of parts.values()) {
    const squares = [...part.values()].reduce((total, deviation) => total + (deviation / cases.length) ** 2, 0);
    const own = squares / (part.size * (part.size - 1));
    variance += own;
    spread += own ** 2 / (part.size - 1);
  }
  const half = variance === 0 ? 0 : studentQuantile((1 + confidence) / 2, variance ** 2 / spread) * Math.sqrt(variance);
  const ends = { low: Math.exp(estimate - half), high: Math.exp(estimate + half) };
  return { estimate: Math.exp(estimate), ...ends, confidence, n, method: "t over processes, clustered by matchup" };
}

/** By process: the sum over cases of how far each lies from its own mean over processes. */
type Part = Map<number, number>;

/** Adds a case's deviations to its cluster. @returns its mean logarithm */
function addTo(parts: Map<string, Part>, name: string, times: ReadonlyMap<number, number>): number {
  const logs = checkPositive("geometricMeanOfRatios", [...times.values()]).map(Math.log);
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const part = parts.get(name) ?? new Map<number, number>();
  [...times.keys()].forEach((process, index) => part.set(process, (part.get(process) ?? 0) + logs[index]! - mean));
  parts.set(name, part);
  return mean;
}
