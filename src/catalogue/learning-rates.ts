// Learning rates of scale small, one for each model and task: chosen by suite `learning-rates` on held-out training data,
// before anything was scored on a test split. `npm run choose-learning-rates -- <run>` prints these lines from the sweep's
// records. Smoke and paper train with the rates of their recipes, which the suites declare.

import { UsageError } from "#base/errors";
import type { Recipe, Scale } from "#case/case";
import type { SuiteContext } from "#case/suite";

export interface Sweep {
  readonly task: string;
  readonly dataset: string;
  readonly scale: Scale;
  /** of each model, by its name */
  readonly rates: Readonly<Record<string, number>>;
}

/** The values of the sweep, the same for every contender; log-spaced by about √10. */
const SWEPT_LEARNING_RATES: readonly number[] = [3.2e-4, 1e-3, 3.2e-3, 1e-2, 3.2e-2];

/**
 * Further rates of a task, for all of its models, where one of them was best at an end of the range (docs/claims.md): LightNet
 * denoises best at 0.032 of the first five.
 */
const FURTHER_RATES: Readonly<Record<string, readonly number[]>> = { "image-generation": [1e-1] };

/** The rates that every model of a task is trained with. */
export function sweptRates(task: string): number[] {
  return [...SWEPT_LEARNING_RATES, ...(FURTHER_RATES[task] ?? [])];
}

/** One for each task and data set. */
export const SWEEPS: readonly Sweep[] = [
  {
    task: "image-classification",
    dataset: "mnist",
    scale: "small",
    rates: {
      lightnet: 0.01,
      "lightnet-cosine": 0.01,
      "lightnet-no-tpe": 0.0032,
      "softmax-rope": 0.0032,
      "softmax-cosine": 0.0032,
      "hgrn2-2scan": 0.0032,
      "hgrn2-2scan-alternate": 0.0032,
      "gla-2scan": 0.0032,
      "retnet-2scan": 0.0032,
      "mamba2-2scan": 0.01,
      "linear-attention": 0.01,
      "efficient-attention-full": 0.01,
    },
  },
  {
    task: "image-generation",
    dataset: "mnist",
    scale: "small",
    rates: {
      lightnet: 0.032,
      "lightnet-cosine": 0.032,
      "lightnet-no-tpe": 0.01,
      "softmax-rope": 0.01,
      "softmax-cosine": 0.01,
      "hgrn2-2scan": 0.01,
      "hgrn2-2scan-alternate": 0.01,
      "gla-2scan": 0.01,
      "retnet-2scan": 0.01,
      "mamba2-2scan": 0.01,
      "linear-attention": 0.01,
      "efficient-attention-full": 0.01,
    },
  },
  {
    task: "autoregressive-lm",
    dataset: "tinyshakespeare",
    scale: "small",
    rates: {
      "lightnet-causal": 0.0032,
      "lightnet-cosine-causal": 0.0032,
      "lightnet-no-tpe-causal": 0.0032,
      "softmax-rope-causal": 0.001,
      "softmax-cosine-causal": 0.001,
      "hgrn2-causal": 0.0032,
      "gla-causal": 0.0032,
      "retnet-causal": 0.0032,
      "mamba2-causal": 0.0032,
      "linear-attention-causal": 0.0032,
    },
  },
  {
    task: "bidirectional-lm",
    dataset: "wikitext-2-raw",
    scale: "small",
    rates: {
      lightnet: 0.0032,
      "lightnet-cosine": 0.0032,
      "lightnet-no-tpe": 0.0032,
      "softmax-rope": 0.0032,
      "softmax-cosine": 0.01,
      "hgrn2-2scan": 0.0032,
      "hgrn2-2scan-alternate": 0.0032,
      "gla-2scan": 0.001,
      "retnet-2scan": 0.001,
      "mamba2-2scan": 0.0032,
      "linear-attention": 0.0032,
      "efficient-attention-full": 0.0032,
    },
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
export interface RatePoint {
  readonly task: string;
  readonly dataset: string;
  readonly contender: string;
}

/** The rate that was chosen for a point, if one was. */
export function chosenRate({ task, dataset, contender }: RatePoint, scale: Scale): number | undefined {
  const sweep = SWEEPS.find((entry) => entry.task === task && entry.dataset === dataset && entry.scale === scale);
  return sweep?.rates[contender];
}

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
  const chosen = chosenRate({ task, dataset: swept, contender }, scale);
  if (chosen === undefined)
    throw new UsageError(
      `No learning rate has been chosen for ${contender} in ${task} on ${swept} at scale small. Run the suite learning-rates, then npm run choose-learning-rates -- <run>.`,
      { task, dataset: swept, contender },
    );
  return { ...recipe, learningRate: chosen };
}
