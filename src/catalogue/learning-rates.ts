// Learning rates of scale small, one for each model and task: chosen by suite `learning-rates` on held-out training data,
// before anything was scored on a test split. `npm run choose-learning-rates -- <run>` prints these lines from the sweep's
// records. Smoke and paper train with the rates of their recipes, which the suites declare.

import { UsageError } from "#base/errors";
import type { Recipe, Scale } from "#case/case";
import type { SuiteContext } from "#case/suite";

export interface ChosenLearningRate {
  readonly task: string;
  readonly dataset: string;
  readonly scale: Scale;
  readonly contender: string;
  readonly learningRate: number;
}

/** The values of the sweep, the same for every contender; log-spaced by about √10. */
export const SWEPT_LEARNING_RATES: readonly number[] = [3.2e-4, 1e-3, 3.2e-3, 1e-2, 3.2e-2];

/** Of image classification and autoregressive language modelling: the sweeps of the other two tasks have not been made. */
export const CHOSEN_LEARNING_RATES: readonly ChosenLearningRate[] = [
  { task: "image-classification", dataset: "mnist", scale: "small", contender: "lightnet", learningRate: 0.01 },
  { task: "image-classification", dataset: "mnist", scale: "small", contender: "lightnet-cosine", learningRate: 0.01 },
  {
    task: "image-classification",
    dataset: "mnist",
    scale: "small",
    contender: "lightnet-no-tpe",
    learningRate: 0.0032,
  },
  { task: "image-classification", dataset: "mnist", scale: "small", contender: "softmax-rope", learningRate: 0.0032 },
  { task: "image-classification", dataset: "mnist", scale: "small", contender: "softmax-cosine", learningRate: 0.0032 },
  { task: "image-classification", dataset: "mnist", scale: "small", contender: "hgrn2-2scan", learningRate: 0.0032 },
  {
    task: "image-classification",
    dataset: "mnist",
    scale: "small",
    contender: "hgrn2-2scan-alternate",
    learningRate: 0.0032,
  },
  { task: "image-classification", dataset: "mnist", scale: "small", contender: "gla-2scan", learningRate: 0.0032 },
  { task: "image-classification", dataset: "mnist", scale: "small", contender: "retnet-2scan", learningRate: 0.0032 },
  { task: "image-classification", dataset: "mnist", scale: "small", contender: "mamba2-2scan", learningRate: 0.01 },
  { task: "image-classification", dataset: "mnist", scale: "small", contender: "linear-attention", learningRate: 0.01 },
  {
    task: "image-classification",
    dataset: "mnist",
    scale: "small",
    contender: "efficient-attention-full",
    learningRate: 0.01,
  },
  {
    task: "autoregressive-lm",
    dataset: "tinyshakespeare",
    scale: "small",
    contender: "lightnet-causal",
    learningRate: 0.0032,
  },
  {
    task: "autoregressive-lm",
    dataset: "tinyshakespeare",
    scale: "small",
    contender: "lightnet-cosine-causal",
    learningRate: 0.0032,
  },
  {
    task: "autoregressive-lm",
    dataset: "tinyshakespeare",
    scale: "small",
    contender: "lightnet-no-tpe-causal",
    learningRate: 0.0032,
  },
  {
    task: "autoregressive-lm",
    dataset: "tinyshakespeare",
    scale: "small",
    contender: "softmax-rope-causal",
    learningRate: 0.001,
  },
  {
    task: "autoregressive-lm",
    dataset: "tinyshakespeare",
    scale: "small",
    contender: "softmax-cosine-causal",
    learningRate: 0.001,
  },
  {
    task: "autoregressive-lm",
    dataset: "tinyshakespeare",
    scale: "small",
    contender: "hgrn2-causal",
    learningRate: 0.0032,
  },
  {
    task: "autoregressive-lm",
    dataset: "tinyshakespeare",
    scale: "small",
    contender: "gla-causal",
    learningRate: 0.0032,
  },
  {
    task: "autoregressive-lm",
    dataset: "tinyshakespeare",
    scale: "small",
    contender: "retnet-causal",
    learningRate: 0.0032,
  },
  {
    task: "autoregressive-lm",
    dataset: "tinyshakespeare",
    scale: "small",
    contender: "mamba2-causal",
    learningRate: 0.0032,
  },
  {
    task: "autoregressive-lm",
    dataset: "tinyshakespeare",
    scale: "small",
    contender: "linear-attention-causal",
    learningRate: 0.0032,
  },
];

/** Generated data keep the rate of the recipe. */
const PROCEDURAL: ReadonlySet<string> = new Set(["synthetic-shapes", "markov-text", "pathfinder"]);

/** Data sets that take the rates of another, on which the sweep was made. */
const SWEPT_FOR: Readonly<Record<string, string>> = {
  "cluttered-mnist": "mnist",
  "fashion-mnist": "mnist",
  "cifar-10": "mnist",
};

/** The data set whose sweeps and timings serve another one. */
export function sweptFor(dataset: string): string {
  return SWEPT_FOR[dataset] ?? dataset;
}

/** What a rate is chosen for. */
export type RatePoint = Pick<ChosenLearningRate, "task" | "dataset" | "contender">;

/**
 * The recipe with the rate that was chosen for this contender; at smoke and paper, and for data that the sweep cannot be
 * made on, as it is.
 *
 * @throws {UsageError} scale small, and no rate was chosen
 */
export function withChosenLearningRate(
  { scale, rates = "chosen" }: Pick<SuiteContext, "scale" | "rates">,
  recipe: Recipe,
  { task, dataset, contender }: RatePoint,
): Recipe {
  if (scale !== "small" || rates === "recipe" || PROCEDURAL.has(dataset)) return recipe;
  const swept = sweptFor(dataset);
  const chosen = CHOSEN_LEARNING_RATES.find(
    (entry) => entry.task === task && entry.dataset === swept && entry.scale === scale && entry.contender === contender,
  );
  if (chosen === undefined)
    throw new UsageError(
      `No learning rate has been chosen for ${contender} in ${task} on ${swept} at scale small. Run the suite learning-rates, then npm run choose-learning-rates -- <run>.`,
      { task, dataset: swept, contender },
    );
  return { ...recipe, learningRate: chosen.learningRate };
}
