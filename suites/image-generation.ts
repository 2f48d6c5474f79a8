/**
 * Image generation: class-conditional denoisers on one scaffold (a DiT with adaLN-zero) of which only the token mixer
 * changes, with the same images, time steps, noise, initial weights and (within 2 %) parameters.
 *
 * Question  How well does one additive scan denoise images, beside two multiplicative scans and softmax attention of
 *           equal size? (claim C3; non-inferiority margin 2 % of the mean squared error of ε, written down before any
 *           run)
 * Scores    error of the predicted noise on fixed images, time steps and noise, over all and by quarters of t; beside it
 *           Fréchet distance, precision and recall on features of the harness's own classifier: never an FID. With
 *           --inception-weights also on Inception's, which is an FID-50K from 50 000 samples and real images on
 * Command   npx lightnet-bench run image-generation --data-dir <folder> --scale small
 * Takes     smoke 40 s on synthetic shapes, small about 1 h on MNIST on one core
 */
import type { Recipe, Scale } from "#case/case";
import { withChosenLearningRate } from "#catalogue/learning-rates";
import { withEqualSeconds } from "#catalogue/step-times";
import { TASK_MODELS } from "./task-models.ts";
import { defineSuite, grid, type SuiteContext } from "#case/suite";
import { taskFigures } from "./task-figures.ts";
import { seedsOf, trainingCase } from "#catalogue/training-case";

const SUITE = "image-generation";

const SIZES: Readonly<Record<Scale, readonly string[]>> = {
  smoke: ["DiT-nano"],
  small: ["DiT-mini"],
  paper: ["DiT-S", "DiT-B", "DiT-L", "DiT-XL"],
};

const SEEDS: Readonly<Record<Scale, number>> = { smoke: 1, small: 3, paper: 3 };

export const GENERATION_RECIPES: Readonly<Record<Scale, Recipe>> = {
  smoke: {
    steps: 120,
    batch: 16,
    learningRate: 3e-3,
    warmupSteps: 10,
    schedule: "cosine",
    weightDecay: 0,
    clipNorm: 1,
    testExamples: 128,
    diffusion: {
      positions: "sinusoidal",
      classDropout: 0.1,
      sampler: "ddim",
      samplingSteps: 10,
      guidance: 1,
      samples: 96,
      extractorSteps: 200,
    },
  },
  // Four fifths of an epoch of MNIST: nine runs take about 50 minutes of one core.
  small: {
    steps: 1500,
    batch: 32,
    learningRate: 1e-3,
    warmupSteps: 75,
    schedule: "cosine",
    weightDecay: 0,
    clipNorm: 1,
    emaDecay: 0.99,
    testExamples: 1000,
    diffusion: {
      positions: "sinusoidal",
      classDropout: 0.1,
      sampler: "ddim",
      samplingSteps: 20,
      guidance: 1.5,
      samples: 300,
      extractorSteps: 1000,
    },
  },
  // DiT's: AdamW at a constant 1e-4 without weight decay, batch 256, EMA 0.9999, 400 000 steps, 250 ancestral steps on
  // latents of 32×32×4. DiT's FID-50K would need the autoencoder's decoder: 10 000 latents are judged by own features.
  paper: {
    steps: 400_000,
    batch: 256,
    learningRate: 1e-4,
    warmupSteps: 0,
    schedule: "constant",
    weightDecay: 0,
    emaDecay: 0.9999,
    testExamples: 10_000,
    diffusion: {
      positions: "sinusoidal",
      classDropout: 0.1,
      sampler: "ancestral",
      samplingSteps: 250,
      guidance: 1,
      samples: 10_000,
      extractorSteps: 20_000,
    },
  },
};

const SYNTHETIC = "synthetic-shapes";

/** The images of a scale: real where they are here. */
export function imagesFor({ scale, datasets }: SuiteContext): string {
  if (scale === "paper") return "imagenet-latents";
  return scale === "small" && datasets.includes("mnist") ? "mnist" : SYNTHETIC;
}

export const imageGeneration = defineSuite({
  id: SUITE,
  title: "Image generation with one scaffold and different token mixers",
  question:
    "How well does one additive scan denoise images, beside two multiplicative scans and softmax attention of equal size?",
  kind: "training",
  processes: { smoke: 1, small: 1, paper: 1 },
  figures: taskFigures({ id: "error", title: "Error of the predicted noise" }),
  cases: (context) =>
    withEqualSeconds(
      grid({
        seed: seedsOf(context, SEEDS[context.scale]),
        size: SIZES[context.scale],
        model: TASK_MODELS[context.scale],
      }).map(({ seed, size, model }) => {
        const dataset = imagesFor(context);
        const point = { task: SUITE, dataset, contender: model };
        const recipe = withChosenLearningRate(context, GENERATION_RECIPES[context.scale], point);
        return trainingCase(context, { suite: SUITE, task: SUITE, model, dataset, size, recipe, seed });
      }),
    ),
});
