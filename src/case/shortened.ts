// A training case cut to fewer steps: a case of its own, with its own name, and nothing that the whole one promised.

import type { Recipe, TrainingCase } from "./case.ts";

/**
 * The case with at most `steps` steps, its warm-up shortened in proportion. Learning rates follow the schedule of the
 * shorter run. It no longer has to beat the trivial predictor: that was asked of the whole run.
 */
export function shortenedTo(steps: number, item: TrainingCase): TrainingCase {
  if (steps >= item.recipe.steps) return item;
  const shorter = { ...item, recipe: shorterRecipe(steps, item.recipe) };
  delete shorter.mustLearn;
  return shorter;
}

function shorterRecipe(steps: number, recipe: Recipe): Recipe {
  return { ...recipe, steps, warmupSteps: Math.round((recipe.warmupSteps * steps) / recipe.steps) };
}
