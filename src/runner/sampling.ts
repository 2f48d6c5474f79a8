// How long and how often a contender is sampled at a point, within its budget.

import type { Seconds } from "#base/units";
import { host } from "#host/current";
import type { SamplingOptions } from "#measure/sampler";

/** Steps of the clock in a sample: what is read is off by less than one. */
const CLOCK_STEPS = 100;

export function samplingWithin(budgetSeconds: Seconds): SamplingOptions {
  return {
    budgetSeconds,
    warmupSeconds: budgetSeconds / 3,
    minimumRounds: 3,
    maximumRounds: 200,
    roundSeconds: Math.min(0.05, budgetSeconds / 10),
    leastSampleSeconds: CLOCK_STEPS * host.machine.clockResolution(),
    targetHalfWidth: 0.02,
  };
}
