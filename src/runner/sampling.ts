// How long and how often a contender is sampled at a point, within its budget.

import type { Seconds } from "#base/units";
import type { SamplingOptions } from "#measure/sampler";

export function samplingWithin(budgetSeconds: Seconds): SamplingOptions {
  return {
    budgetSeconds,
    warmupSeconds: budgetSeconds / 3,
    minimumRounds: 3,
    maximumRounds: 200,
    roundSeconds: Math.min(0.05, budgetSeconds / 10),
    targetHalfWidth: 0.02,
  };
}
