// Learning rates over the steps of a run.

import type { Recipe } from "#case/case";

/** A cosine or triangle ends at this share of the peak rate, unless the recipe names a rate. */
export const FINAL_SHARE = 0.01;

/**
 * Learning rate of step `step`, counted from 0. Warm-up rises linearly to the peak over `warmupSteps` (step 0 has
 * 1/warmupSteps of it); then constant, a half cosine or a straight line down to the least rate (1 % of the peak unless the
 * recipe has `minLearningRate`) at the last step, or peak·√(w/(step + 1)) with w = max(1, warmupSteps).
 */
export function learningRateAt(recipe: Recipe, step: number): number {
  const {
    learningRate: peak,
    warmupSteps,
    steps,
    schedule,
    minLearningRate = FINAL_SHARE * recipe.learningRate,
  } = recipe;
  if (step < warmupSteps) return (peak * (step + 1)) / warmupSteps;
  const done = Math.min(1, (step - warmupSteps) / Math.max(1, steps - 1 - warmupSteps));
  switch (schedule) {
    case "constant":
      return peak;
    case "cosine":
      return minLearningRate + (peak - minLearningRate) * 0.5 * (1 + Math.cos(Math.PI * done));
    case "triangle":
      return minLearningRate + (peak - minLearningRate) * (1 - done);
    case "inverse-sqrt": {
      const anchor = Math.max(1, warmupSteps);
      return peak * Math.sqrt(anchor / Math.max(anchor, step + 1));
    }
  }
}
