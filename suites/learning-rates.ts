/**
 * The sweep behind equal treatment: every contender of a task with the same learning rates, scored on held-out training
 * data. The best of each, the mean over seeds where `--seeds` asks for several, goes into src/catalogue/learning-rates.ts and
 * is used for the test split.
 *
 * Question  which of five learning rates, and more where the best is at an end, suits each contender of each of the four tasks
 * Command   npx lightnet-bench run learning-rates --data-dir <folder> --scale small
 * Takes     smoke 10 s, which only shows that it works: one rate serves all there; small about 50 min of one core
 */
import { withoutSamples, type Recipe, type Scale, type TrainingCase } from "#case/case";
import { sweptRates } from "#catalogue/learning-rates";
import { defineSuite, grid, type SuiteContext } from "#case/suite";
import { seedsOf, trainingCase, type TrainingPoint } from "#catalogue/training-case";
import { CAUSAL_RECIPES, textFor } from "./autoregressive-lm.ts";
import { MASKED_RECIPES, maskedTextFor } from "./bidirectional-lm.ts";
import { IMAGE_RECIPES } from "./image-classification.ts";
import { GENERATION_RECIPES, imagesFor } from "./image-generation.ts";
import { reviewerDataset } from "./reviewer-images.ts";
import { CAUSAL_MODELS, TASK_MODELS } from "./task-models.ts";

const SUITE = "learning-rates";
/** Seeds of the sweep are counted from here: none of the scored runs. */
const FIRST_SEED = 1000;

/** How much of the scored run's steps a rate is judged by. */
const SHARES: Readonly<Record<Scale, number>> = { smoke: 0.1, small: 0.32, paper: 0.1 };

/** A task with the models it compares and the whole recipe of its suite. */
export type TaskPoint = Pick<TrainingPoint, "task" | "dataset" | "size"> & {
  readonly models: readonly string[];
  readonly recipe: Recipe;
};

/**
 * A recipe cut short to its first part, warm-up with it, and scored on validation data: a part held out of training. Rates are
 * chosen by the task's leading score, so a denoiser draws no samples here: they would take longer than its training.
 */
function shortened(recipe: Recipe, share: number, testExamples: number): Recipe {
  const cut = (steps: number) => Math.ceil(share * steps);
  return withoutSamples({
    ...recipe,
    steps: cut(recipe.steps),
    warmupSteps: cut(recipe.warmupSteps),
    testExamples: Math.min(testExamples, recipe.testExamples ?? testExamples),
    scoredOn: "validation",
  });
}

/** The size that every task trains at small and paper. */
const SIZES: Readonly<
  Record<Exclude<Scale, "smoke">, Readonly<Record<"image" | "denoiser" | "masked" | "causal", string>>>
> = {
  small: { image: "mini", denoiser: "DiT-mini", masked: "mlm-mini", causal: "lm-mini" },
  paper: { image: "T", denoiser: "DiT-S", masked: "mlm-120m", causal: "lm-44m" },
};

/** The four tasks; at smoke one of them. */
export function taskPoints(context: SuiteContext): TaskPoint[] {
  const { scale } = context;
  const models = TASK_MODELS[scale];
  const classification = { task: "image-classification", models, dataset: reviewerDataset(context) };
  if (scale === "smoke") return [{ ...classification, size: "nano", recipe: IMAGE_RECIPES.smoke }];
  const size = SIZES[scale];
  return [
    { ...classification, size: size.image, recipe: IMAGE_RECIPES[scale] },
    {
      task: "image-generation",
      models,
      dataset: imagesFor(context),
      size: size.denoiser,
      recipe: GENERATION_RECIPES[scale],
    },
    {
      task: "bidirectional-lm",
      models,
      dataset: maskedTextFor(context),
      size: size.masked,
      recipe: MASKED_RECIPES[scale],
    },
    {
      task: "autoregressive-lm",
      models: CAUSAL_MODELS[scale],
      dataset: textFor(context),
      size: size.causal,
      recipe: CAUSAL_RECIPES[scale],
    },
  ];
}

function casesOf(context: SuiteContext): TrainingCase[] {
  const { scale } = context;
  const isSmoke = scale === "smoke";
  const seed = seedsOf(context, 1).map((index) => FIRST_SEED + index);
  return taskPoints(context).flatMap(({ models, recipe, ...point }) =>
    grid({ learningRate: sweptRates(point.task), model: isSmoke ? ["lightnet"] : models, seed }).map(
      ({ learningRate, model, seed }) =>
        trainingCase(context, {
          suite: SUITE,
          ...point,
          model,
          recipe: { ...shortened(recipe, SHARES[scale], isSmoke ? 256 : 2000), learningRate },
          seed,
          mustLearn: false, // a rate that is too high or too low is a result
        }),
    ),
  );
}

export const learningRates = defineSuite({
  id: SUITE,
  title: "The same learning rates for every contender",
  question: "Which of the same learning rates suits each contender best on validation data?",
  kind: "training",
  processes: { smoke: 1, small: 1, paper: 1 },
  figures: [
    {
      id: "sweep",
      title: "Score on validation data against learning rate",
      x: "learningRate",
      y: "score",
      facets: ["task", "dataset", "variant"],
      kind: "line",
    },
  ],
  cases: casesOf,
});
