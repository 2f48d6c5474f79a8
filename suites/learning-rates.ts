/**
 * The sweep behind equal treatment: every contender of a task with the same four learning rates, scored on held-out
 * training data. The best of each goes into src/suite/chosen-learning-rates.ts and is used for the test split.
 *
 * Question  which of four learning rates suits each contender
 * Command   npx lightnet-bench run learning-rates --data-dir <folder> --scale small
 * Takes     smoke 10 s, which only shows that it works: one rate serves all there; small about 15 min on 2 cores
 */
import type { Recipe, Scale } from "#suite/case";
import { SWEPT_LEARNING_RATES } from "#suite/chosen-learning-rates";
import { defineSuite, grid } from "#suite/suite";
import { trainingCase } from "#suite/training-case";
import { IMAGE_RECIPES } from "./image-classification.ts";

const SUITE = "learning-rates";
/** Not among the seeds of the scored runs. */
const SEED = 1000;

interface Sweep {
  readonly task: string;
  /** the first that is found */
  readonly datasets: readonly string[];
  readonly size: string;
  readonly contenders: readonly string[];
  readonly recipe: Recipe;
  readonly encoding?: "lrpe";
}

/** A recipe cut short to its first part, warm-up with it, and scored on held-out training data. */
function shortened(recipe: Recipe, share: number): Recipe {
  const cut = (steps: number) => Math.ceil(share * steps);
  return { ...recipe, steps: cut(recipe.steps), warmupSteps: cut(recipe.warmupSteps), testExamples: 2000, scoredOn: "validation" };
}

const RIVALS = ["additive-global", "softmax-full", "hgrn2-2scan"];

const SWEEPS: Readonly<Record<Scale, readonly Sweep[]>> = {
  smoke: [
    {
      task: "image-classification",
      datasets: ["synthetic-shapes"],
      size: "nano",
      contenders: ["additive-global"],
      recipe: { ...shortened(IMAGE_RECIPES.smoke, 0.1), testExamples: 256 },
    },
  ],
  small: [
    {
      task: "image-classification",
      datasets: ["mnist", "fashion-mnist", "cifar-10", "synthetic-shapes"],
      size: "mini",
      contenders: RIVALS,
      recipe: shortened(IMAGE_RECIPES.small, 0.32),
    },
  ],
  paper: [{ task: "image-classification", datasets: ["imagenet-1k"], size: "T", contenders: RIVALS, recipe: shortened(IMAGE_RECIPES.paper, 0.1) }],
};

export const learningRates = defineSuite({
  id: SUITE,
  title: "The same four learning rates for every contender",
  claim: "Which of four learning rates, the same for all, suits each contender best on held-out training data.",
  kind: "training",
  processes: { smoke: 1, small: 1, paper: 1 },
  figures: [{ id: "sweep", title: "Score on held-out training data against learning rate", x: "learningRate", y: "score", facets: ["task", "dataset", "variant"], kind: "line" }],
  cases: (context) =>
    SWEEPS[context.scale].flatMap(({ task, datasets, size, contenders, recipe, encoding }) => {
      const dataset = datasets.find((id) => context.datasets.includes(id)) ?? datasets[0]!;
      return grid({ learningRate: SWEPT_LEARNING_RATES, contender: contenders }).map(({ learningRate, contender }) =>
        trainingCase(context, {
          suite: SUITE,
          task,
          contender,
          dataset,
          size,
          recipe: { ...recipe, learningRate },
          seed: SEED,
          mustLearn: false, // a rate that is too high or too low is a result
          ...(encoding === undefined ? {} : { encoding }),
        }),
      );
    }),
});
