// Learning rates of the small and paper scales, one a contender: chosen by suite `learning-rates` on held-out training
// data, before anything was scored on a test split. `npm run choose-learning-rates -- <run>` prints these lines from
// the sweep's records.

import type { Recipe, Scale } from "#case/case";

export interface ChosenLearningRate {
  readonly task: string;
  readonly dataset: string;
  readonly scale: Scale;
  readonly contender: string;
  readonly learningRate: number;
}

/** The values of the sweep, the same for every contender; log-spaced by about √10. */
export const SWEPT_LEARNING_RATES: readonly number[] = [3.2e-4, 1e-3, 3.2e-3, 1e-2, 3.2e-2];

// From results/published/epyc-2core/learning-rates, each on its own seed and a third of the steps. No best stands at an end
// of the sweep.
export const CHOSEN_LEARNING_RATES: readonly ChosenLearningRate[] = [
  {
    task: "image-classification",
    dataset: "mnist",
    scale: "small",
    contender: "additive-global",
    learningRate: 3.2e-3,
  },
  { task: "image-classification", dataset: "mnist", scale: "small", contender: "softmax-full", learningRate: 3.2e-3 },
  { task: "image-classification", dataset: "mnist", scale: "small", contender: "hgrn2-2scan", learningRate: 3.2e-3 },
  { task: "image-generation", dataset: "mnist", scale: "small", contender: "additive-global", learningRate: 1e-2 },
  { task: "image-generation", dataset: "mnist", scale: "small", contender: "softmax-full", learningRate: 1e-2 },
  { task: "image-generation", dataset: "mnist", scale: "small", contender: "hgrn2-2scan", learningRate: 1e-2 },
  {
    task: "bidirectional-lm",
    dataset: "wikitext-2-raw",
    scale: "small",
    contender: "additive-global",
    learningRate: 3.2e-3,
  },
  {
    task: "bidirectional-lm",
    dataset: "wikitext-2-raw",
    scale: "small",
    contender: "softmax-full",
    learningRate: 1e-3,
  },
  {
    task: "bidirectional-lm",
    dataset: "wikitext-2-raw",
    scale: "small",
    contender: "hgrn2-2scan",
    learningRate: 3.2e-3,
  },
  {
    task: "autoregressive-lm",
    dataset: "tinyshakespeare",
    scale: "small",
    contender: "additive-causal",
    learningRate: 1e-3,
  },
  {
    task: "autoregressive-lm",
    dataset: "tinyshakespeare",
    scale: "small",
    contender: "softmax-causal",
    learningRate: 1e-3,
  },
  {
    task: "autoregressive-lm",
    dataset: "tinyshakespeare",
    scale: "small",
    contender: "hgrn2-causal",
    learningRate: 3.2e-3,
  },
];

/** What a recipe is chosen for. */
export type RecipePoint = Pick<ChosenLearningRate, "task" | "dataset" | "scale" | "contender">;

/** The recipe with the learning rate chosen for this contender; as it is where no sweep was made. */
export function withChosenLearningRate(recipe: Recipe, { task, dataset, scale, contender }: RecipePoint): Recipe {
  const chosen = CHOSEN_LEARNING_RATES.find(
    (entry) =>
      entry.task === task && entry.dataset === dataset && entry.scale === scale && entry.contender === contender,
  );
  return chosen === undefined ? recipe : { ...recipe, learningRate: chosen.learningRate };
}
