/**
 * Image classification: LightNet's single additive scan against multiplicative rivals in two scans and softmax
 * attention, each as its authors build it, on one scaffold with the same batches, initial weights and (within 2 %) parameters.
 *
 * Question  How well does one additive scan classify images, beside two multiplicative scans and softmax attention of
 *           equal size? (claim C3; non-inferiority margin 0.5 points of top-1, written down before any run)
 * Command   npx lightnet-bench run image-classification --data-dir <folder> --scale small
 * Takes     smoke 75 s on synthetic shapes, small about 1 h a data set on 2 cores
 */
import type { Recipe, Scale } from "#case/case";
import { withChosenLearningRate } from "#catalogue/learning-rates";
import { withEqualSeconds } from "#catalogue/step-times";
import { TASK_MODELS } from "./task-models.ts";
import { defineSuite, grid } from "#case/suite";
import { taskFigures } from "./task-figures.ts";
import { seedsOf, trainingCase } from "#catalogue/training-case";

const SUITE = "image-classification";

const SIZES: Readonly<Record<Scale, readonly string[]>> = { smoke: ["nano"], small: ["mini"], paper: ["T", "S", "B"] };

const SEEDS: Readonly<Record<Scale, number>> = { smoke: 1, small: 3, paper: 3 };

export const IMAGE_RECIPES: Readonly<Record<Scale, Recipe>> = {
  smoke: {
    steps: 300,
    batch: 32,
    learningRate: 4e-3,
    warmupSteps: 15,
    schedule: "cosine",
    weightDecay: 0.05,
    clipNorm: 1,
    testExamples: 512,
  },
  // Two passes over 20 000 images at most; a smaller train split is passed more often.
  small: {
    steps: 625,
    batch: 64,
    learningRate: 1e-3,
    warmupSteps: 60,
    schedule: "cosine",
    weightDecay: 0.05,
    clipNorm: 1,
    trainExamples: 20_000,
  },
  // As HGRN2-T is trained by the paper's group: 300 epochs of 1 281 167 images in batches of 1024, the first 20 to warm up.
  // RandAugment is timm's rand-m9-mstd0.5-inc1; enlarged crops are cut out of whole photographs.
  paper: {
    steps: 375_300,
    batch: 1024,
    learningRate: 7.5e-4,
    warmupSteps: 25_020,
    schedule: "cosine",
    weightDecay: 0.05,
    clipNorm: 5,
    labelSmoothing: 0.1,
    dropPath: 0.1,
    augment: {
      flip: true,
      cropArea: 0.08,
      randAugment: { operations: 2, magnitude: 9, deviation: 0.5 },
      erase: 0.25,
      mixup: 0.8,
      cutmix: 1,
    },
  },
};

const SYNTHETIC = "synthetic-shapes";
const REAL = ["mnist", "fashion-mnist", "cifar-10"];

/** Real digits that have to be found among pieces of others: the leading set of small runs. */
const CLUTTERED = "cluttered-mnist";
/** Generated, long-range. Within so few steps a model may rightly stay at chance: models of the field take millions of images. */
const LONG_RANGE = "pathfinder";

/**
 * Smoke: the synthetic shapes, and the first real set that is here. Small: cluttered MNIST and every real set, else the
 * synthetic shapes; and pathfinder.
 */
function datasetsFor(scale: Scale, found: readonly string[]): readonly string[] {
  const real = REAL.filter((id) => found.includes(id));
  if (scale === "paper") return ["imagenet-1k"];
  if (scale === "smoke") return [SYNTHETIC, ...real.slice(0, 1)];
  return [...(real.includes("mnist") ? [CLUTTERED] : []), ...(real.length > 0 ? real : [SYNTHETIC]), LONG_RANGE];
}

export const imageClassification = defineSuite({
  id: SUITE,
  title: "Image classification with one scaffold and different token mixers",
  question:
    "How well does one additive scan classify images, beside two multiplicative scans and softmax attention of equal size?",
  kind: "training",
  processes: { smoke: 1, small: 1, paper: 1 },
  figures: taskFigures({ id: "accuracy", title: "Test accuracy (top-1)" }),
  cases: (context) =>
    withEqualSeconds(
      grid({
        seed: seedsOf(context, SEEDS[context.scale]),
        dataset: datasetsFor(context.scale, context.datasets),
        size: SIZES[context.scale],
        model: TASK_MODELS[context.scale],
      }).map(({ seed, dataset, size, model }) =>
        trainingCase(context, {
          suite: SUITE,
          task: SUITE,
          model,
          dataset,
          size,
          recipe: withChosenLearningRate(context, IMAGE_RECIPES[context.scale], {
            task: SUITE,
            dataset,
            contender: model,
          }),
          seed,
          mustLearn: dataset !== LONG_RANGE,
        }),
      ),
    ),
});
