// A share of independent trials, with an interval that keeps its width when all or none succeed.
//
// Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927) 209;
// recommended by L. D. Brown, T. T. Cai, A. DasGupta, Statistical Science 16 (2001) 101.

import { normalQuantile } from "./distributions.ts";
import { CONFIDENCE, type Estimate } from "./estimate.ts";
import { SampleError } from "./samples.ts";

/**
 * Wilson score interval of hits / trials.
 *
 *   (p̂ + z²/2n ± z √(p̂(1 − p̂)/n + z²/4n²)) / (1 + z²/n)
 *
 * @throws {SampleError} no trials, or hits that are no whole number from 0 to trials
 */
export function proportionInterval(hits: number, trials: number, confidence = CONFIDENCE): Estimate {
  if (!Number.isInteger(trials) || trials < 1)
    throw new SampleError("proportionInterval", `at least one trial is needed, got ${trials}.`);
  if (!Number.isInteger(hits) || hits < 0 || hits > trials) {
    throw new SampleError("proportionInterval", `hits must be a whole number from 0 to ${trials}, got ${hits}.`);
  }
  const z = normalQuantile((1 + confidence) / 2);
  const share = hits / trials;
  const centre = share + (z * z) / (2 * trials);
  const half = z * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  const scale = 1 + (z * z) / trials;
  const low = hits === 0 ? 0 : (centre - half) / scale;
  const high = hits === trials ? 1 : (centre + half) / scale;
  return { estimate: share, low, high, confidence, n: trials, method: "Wilson score" };
}
