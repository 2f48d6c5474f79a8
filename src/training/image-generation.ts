// Training a denoiser: DDPM's objective, the mean squared error of the predicted noise, with the class hidden at times.
// Scored on fixed images, time steps and noise; at the end by what it draws, with features of the harness's own.

import { UsageError } from "#base/errors";
import type { Random } from "#base/random";
import * as tf from "#engine/tf";
import { createDenoiser } from "#models/denoiser";
import { sizeOf } from "#models/weights";
import type { DiffusionRecipe, TrainingCase } from "#suite/case";
import { contenders } from "#suite/contenders";
import { firstExamples, type ImageData, type ImageSplit } from "#tasks/datasets/dataset";
import { datasetOfKind } from "#tasks/datasets/registry";
import { TrainingOrder } from "#tasks/image-classification/batches";
import { bytesOf, cleanImages } from "#tasks/image-generation/clean-images";
import { DenoisingErrors, fixedNoise } from "#tasks/image-generation/denoising-error";
import { frechetDistance, gaussianOf } from "#tasks/image-generation/frechet";
import { precisionRecall } from "#tasks/image-generation/precision-recall";
import { addNoise, linearSchedule } from "#tasks/image-generation/schedule";
import { drawSamples, patchTensor, predictedNoise, type SampledModel } from "./draw-samples.ts";
import { labelOf, regularisationOf, splitsOf } from "./image-splits.ts";
import type { Conclusion, Evaluation, Objective, ObjectiveContext, Prepared } from "./objective.ts";
import { trainOwnFeatures } from "./own-features.ts";
import { drawSampleGrid } from "./sample-grid.ts";

const EVALUATION_BATCH = 64;

export const imageGeneration: Objective = {
  id: "image-generation",

  async prepare(item: TrainingCase, { engine, dataDir }: ObjectiveContext): Promise<Prepared> {
    const { model, recipe, seed } = item;
    const diffusion = diffusionOf(item);
    const data = datasetOfKind(item.dataset, "images").load(dataDir);
    const { train, scored } = splitsOf(data, recipe);
    const test = firstExamples(scored, recipe.testExamples);
    const input = { imageShape: train.shape, classes: data.classes.length };
    const denoiser = await createDenoiser(model, input, { seed, engine });
    const schedule = linearSchedule(diffusion.timesteps);
    const sampled: SampledModel = { denoiser, ...input, patch: model.patch!, schedule, limit: 1 };
    const order = new TrainingOrder(seed, train.count);
    return {
      parameters: denoiser.parameters,
      dataLabel: labelOf(data, train, recipe),
      synthetic: data.synthetic,
      trainExamples: train.count,
      testExamples: test.count,
      trivialScores: trivialErrors(sampled, test),
      loss(position, count, random) {
        const numbers = order.take(position, count);
        const clean = cleanImages(train, numbers);
        const { timesteps, noise } = trainingNoise(random.fork("noise"), count, { size: sizeOf(train.shape), timesteps: schedule.timesteps });
        const hidden = random.fork("hidden classes");
        const classes = Int32Array.from(numbers, (number) => (hidden.uniform() < diffusion.classDropout ? input.classes : train.labels[number]!));
        const noisy = patchTensor(addNoise(schedule, { clean, noise, timesteps }), train.shape, model.patch!);
        const predicted = denoiser.forward(noisy, { timesteps, classes }, regularisationOf(recipe, random));
        return tf.mean(tf.square(tf.sub(predicted, patchTensor(noise, train.shape, model.patch!))));
      },
      evaluate: () => evaluate(sampled, test),
      conclude: () => conclude(item, sampled, { data, train, test, diffusion }),
      dispose: () => denoiser.parameters.dispose(),
    };
  },
};

/** @throws {UsageError} the recipe says nothing of diffusion */
function diffusionOf({ suite, recipe }: TrainingCase): DiffusionRecipe {
  if (recipe.diffusion === undefined) throw new UsageError(`${suite}: image generation needs a recipe with \`diffusion\` (time steps, sampler, samples), and this one has none.`);
  return recipe.diffusion;
}

/** A time step an example, uniform, and standard normal noise [count, size]. */
function trainingNoise(random: Random, count: number, { size, timesteps }: { readonly size: number; readonly timesteps: number }) {
  return { timesteps: Int32Array.from({ length: count }, () => random.integer(timesteps)), noise: random.normals(count * size) };
}

/** The scored images under their noise, batch after batch. */
function* noisyBatches({ schedule, imageShape }: SampledModel, test: ImageSplit) {
  const size = sizeOf(imageShape);
  const fixed = fixedNoise(test.count, size, schedule.timesteps);
  for (let start = 0; start < test.count; start += EVALUATION_BATCH) {
    const numbers = Int32Array.from({ length: Math.min(EVALUATION_BATCH, test.count - start) }, (_, i) => start + i);
    const noise = new Float32Array(numbers.length * size);
    numbers.forEach((number, i) => noise.set(fixed.noise(number), i * size));
    const timesteps = Int32Array.from(numbers, (number) => fixed.timesteps[number]!);
    const noisy = addNoise(schedule, { clean: cleanImages(test, numbers), noise, timesteps });
    yield { noise, noisy, timesteps, classes: Int32Array.from(numbers, (number) => test.labels[number]!) };
  }
}

/** Errors of the predictor that names the mean of the noise, whatever it sees. */
function trivialErrors(model: SampledModel, test: ImageSplit): Record<string, number> {
  const size = sizeOf(model.imageShape);
  const errors = new DenoisingErrors(model.schedule.timesteps);
  for (const { noise, timesteps } of noisyBatches(model, test)) {
    timesteps.forEach((t, i) => errors.add(noise.subarray(i * size, (i + 1) * size), 0, t));
  }
  return errors.totals();
}

async function evaluate(model: SampledModel, test: ImageSplit): Promise<Evaluation> {
  const size = sizeOf(model.imageShape);
  const errors = new DenoisingErrors(model.schedule.timesteps);
  for (const { noise, noisy, timesteps, classes } of noisyBatches(model, test)) {
    const predicted = await predictedNoise(model, noisy, { timesteps, classes });
    timesteps.forEach((t, i) => errors.add(noise.subarray(i * size, (i + 1) * size), predicted.subarray(i * size, (i + 1) * size), t));
  }
  return { scores: errors.totals(), itemScores: errors.items };
}

interface Judged {
  readonly data: ImageData;
  readonly train: ImageSplit;
  readonly test: ImageSplit;
  readonly diffusion: DiffusionRecipe;
}

/** Draws samples, judges them against as many real images by features of its own, and shows them. */
async function conclude(item: TrainingCase, model: SampledModel, { data, train, test, diffusion }: Judged): Promise<Conclusion> {
  const samples = bytesOf(await drawSamples(model, diffusion));
  const noise = bytesOf(await drawSamples({ ...model, denoiser: BLIND }, { ...diffusion, guidance: 1 }));
  const { sampler, samplingSteps, guidance, samples: count, extractorSteps } = diffusion;
  const real = Math.min(count, test.count);
  const drawing = `${count} samples, ${sampler === "ddim" ? "DDIM" : "ancestral"} with ${samplingSteps} steps, guidance ${guidance}`;
  const extractor = await trainOwnFeatures({ train, test, classes: model.classes, steps: extractorSteps });
  try {
    const reference = await extractor.featuresOf(cleanImages(test, Int32Array.from({ length: real }, (_, i) => i)), real);
    const judge = async (bytes: Uint8Array) => {
      const features = await extractor.featuresOf(Float32Array.from(bytes, (byte) => byte / 127.5 - 1), count);
      const { precision, recall } = precisionRecall(reference, features);
      return { fdOwn: frechetDistance(gaussianOf(reference), gaussianOf(features)), precisionOwn: precision, recallOwn: recall };
    };
    const others = Math.min(count, train.count);
    const floor = frechetDistance(gaussianOf(reference), gaussianOf(await extractor.featuresOf(cleanImages(train, Int32Array.from({ length: others }, (_, i) => i)), others)));
    const shown = item.scale === "paper" ? [] : [`${data.synthetic ? "synthetic data" : "real data"}, reduced scale: not comparable with published pictures or distances`];
    const caption = [
      `${contenders.get(item.contender).label} · ${labelOf(data, train, item.recipe)} · scale ${item.scale} · size ${item.model.variant} · seed ${item.seed}`,
      `${drawing} · at most ${item.recipe.steps} training steps × ${item.recipe.batch} images`,
      ...shown,
    ];
    const picture = isPicture(model.imageShape) ? { picture: drawSampleGrid({ images: samples, shape: model.imageShape, classes: data.classes, caption }) } : {};
    return {
      scores: await judge(samples),
      // The blind predictor says "no noise" at every step.
      trivialScores: await judge(noise),
      method: `${drawing}; Fréchet distance (no FID), precision and recall against ${real} scored images on ${extractor.name}; ${others} training images have a distance of ${floor.toPrecision(3)}`,
      ...picture,
    };
  } finally {
    extractor.dispose();
  }
}

/** A denoiser that sees no noise anywhere. */
const BLIND: SampledModel["denoiser"] = { forward: (patches) => tf.zerosLike(patches) };

function isPicture(shape: readonly number[]): boolean {
  return shape.length === 3 && (shape[2] === 1 || shape[2] === 3);
}
