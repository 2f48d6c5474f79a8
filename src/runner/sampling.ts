// How long and how often a case is sampled: the scale's habits within the budget of a cell.

import type { Seconds } from "#base/units";
import type { Case, Scale } from "#case/case";
import type { SamplingOptions } from "#measure/sampler";
import type { RunOptions } from "./options.ts";

/** Budget of one contender at one point in one process, unless --cell-budget says otherwise. */
export const CELL_BUDGET_SECONDS: Readonly<Record<Scale, Seconds>> = { smoke: 0.15, small: 5, paper: 30 };

/** A case that says nothing for this long is ended. A single call of a slow contender may be 20 budgets long. */
const QUIET_FACTOR = 20;
const MINIMUM_TIMEOUT_SECONDS = 120;
/** A training case reports every few steps; an evaluation in between may take long. */
const TRAINING_TIMEOUT_SECONDS = 1800;

export function samplingFor(
  cases: readonly Case[],
  options: RunOptions,
): { sampling: SamplingOptions; timeoutSeconds: Seconds } {
  const budgetSeconds = options.cellBudgetSeconds;
  const isTraining = cases.some(({ kind }) => kind === "training");
  return {
    sampling: {
      budgetSeconds,
      warmupSeconds: budgetSeconds / 3,
      minimumRounds: 3,
      maximumRounds: 200,
      roundSeconds: Math.min(0.05, budgetSeconds / 10),
      targetHalfWidth: 0.02,
    },
    timeoutSeconds: isTraining
      ? TRAINING_TIMEOUT_SECONDS
      : Math.max(MINIMUM_TIMEOUT_SECONDS, QUIET_FACTOR * budgetSeconds),
  };
}
