// Training a denoiser: DDPM's objective, the mean squared error of the predicted noise, with the class hidden at times.
// Scored on fixed images, time steps and noise; at the end by what it draws.

import { UsageError } from "#base/errors";
import type { Random } from "#base/random";
import { inPart } from "#base/scopes";
import * as tf from "#engine/tf";
import { countModel } from "#models/cost";
import { meanSquaredError } from "#models/cross-entropy";
import { createDenoiser } from "./head.ts";
import { openInceptionWeights } from "./inception/weights.ts";
import { sizeOf } from "#weights/weights";
import type { DiffusionRecipe, TrainingCase } from "#case/case";
import { TrainingOrder } from "#data/batches";
import { bytesOf } from "./clean-images.ts";
import { DenoisingErrors, fixedNoise } from "./denoising-error.ts";
import { NEIGHBOURS } from "./precision-recall.ts";
import { addNoise, linearSchedule } from "./schedule.ts";
import { cleanDataOf, isPicture, type CleanData, type CleanSplit } from "./clean-data.ts";
import { drawSamples, type Drawing, patchTensor, predictedNoise, type SampledModel } from "./draw-samples.ts";
import { pixelDenoiser, type NoisyBatch } from "./baseline.ts";
import { judgedByClass, judgedByInception, judgedByOwnFeatures } from "./judged-samples.ts";
import type { Conclusion, Evaluation, Objective, ObjectiveContext, Prepared } from "#training/objective";
import { batchesOf } from "#training/evaluation";
import { regularisationOf } from "#training/regularisation";
import { drawSampleGrid } from "./sample-grid.ts";

const EVALUATION_BATCH = 64;
/** Steps of the judge of classes for each of the extractor of features: it has to be right more often. */
const JUDGE_STEPS = 8;

export const imageGeneration: Objective = {
  id: "image-generation",

  async prepare(item: TrainingCase, { engine, dataDir, inceptionWeights }: ObjectiveContext): Promise<Prepared> {
    const { model, recipe, seed } = item;
    const diffusion = diffusionOf(item);
    if (inceptionWeights !== undefined) openInceptionWeights(inceptionWeights); // a wrong file shows before training, not after
    const data = cleanDataOf(item.dataset, dataDir, recipe);
    const { train, test, shape } = data;
    if (test.count <= NEIGHBOURS)
      throw new UsageError(
        `${item.suite}: ${test.count} scored images of ${data.label} are too few; precision and recall need more than ${NEIGHBOURS}.`,
      );
    const input = { imageShape: shape, classes: data.classes.length };
    const schedule = linearSchedule(diffusion.timesteps);
    const trivialScores = (await errorsOf({ ...input, schedule }, test)).totals(); // reads all that is scored: damage shows before a model is made
    const denoiser = await createDenoiser(model, input, { seed, engine, positions: diffusion.positions });
    const sampled: SampledModel = {
      denoiser,
      ...input,
      patch: model.patch!,
      schedule,
      ...(data.isImages ? { limit: 1 } : {}),
    };
    const order = new TrainingOrder(seed, train.count);
    return {
      parameters: denoiser.parameters,
      dataLabel: data.label,
      synthetic: data.synthetic,
      trainExamples: train.count,
      testExamples: test.count,
      flopsPerExample: countModel(model, { kind: "denoiser", ...input }).flopsPerExample,
      trivialScores,
      loss(position, count, random) {
        const { noisy, wanted, condition } = inPart("data", () => {
          const numbers = order.take(position, count);
          const clean = train.values(numbers);
          const { timesteps, noise } = trainingNoise(random.fork("noise"), count, {
            size: sizeOf(shape),
            timesteps: schedule.timesteps,
          });
          const hidden = random.fork("hidden classes");
          const classes = Int32Array.from(numbers, (number) =>
            hidden.uniform() < diffusion.classDropout ? input.classes : train.labels[number]!,
          );
          return {
            noisy: patchTensor(addNoise(schedule, { clean, noise, timesteps }), shape, model.patch!),
            wanted: patchTensor(noise, shape, model.patch!),
            condition: { timesteps, classes },
          };
        });
        return meanSquaredError(denoiser.forward(noisy, condition, regularisationOf(recipe, random)), wanted);
      },
      evaluate: () => evaluate(sampled, test),
      async simple() {
        const predict = pixelDenoiser(train, sizeOf(shape), input.classes, schedule);
        const errors = await errorsOf({ ...input, schedule }, test, predict);
        return { id: "pixel-denoiser", scores: errors.totals() };
      },
      ...(asksForSamples(diffusion)
        ? { conclude: (alive: () => void) => conclude(item, sampled, { data, diffusion, inceptionWeights, alive }) }
        : {}),
      dispose: () => denoiser.parameters.dispose(),
    };
  },
};

/** @throws {UsageError} the recipe says nothing of diffusion */
function diffusionOf({ suite, recipe }: TrainingCase): DiffusionRecipe {
  if (recipe.diffusion === undefined)
    throw new UsageError(
      `${suite}: image generation needs a recipe with \`diffusion\` (time steps, sampler, samples), and this one has none.`,
    );
  return recipe.diffusion;
}

function asksForSamples(diffusion: DiffusionRecipe): diffusion is Drawing {
  return diffusion.samples !== undefined;
}

/** A time step an example, uniform, and standard normal noise [count, size]. */
function trainingNoise(
  random: Random,
  count: number,
  { size, timesteps }: { readonly size: number; readonly timesteps: number },
) {
  return {
    timesteps: Int32Array.from({ length: count }, () => random.integer(timesteps)),
    noise: random.normals(count * size),
  };
}

type Noised = Pick<SampledModel, "schedule" | "imageShape">;

/** The scored images under their noise, batch after batch. */
function* noisyBatches({ schedule, imageShape }: Noised, test: CleanSplit): Generator<NoisyBatch> {
  const size = sizeOf(imageShape);
  const fixed = fixedNoise(test.count, size, schedule.timesteps);
  for (const numbers of batchesOf(test.count, EVALUATION_BATCH)) {
    const noise = new Float32Array(numbers.length * size);
    numbers.forEach((number, i) => noise.set(fixed.noise(number), i * size));
    const timesteps = Int32Array.from(numbers, (number) => fixed.timesteps[number]!);
    const noisy = addNoise(schedule, { clean: test.values(numbers), noise, timesteps });
    yield { noise, noisy, timesteps, classes: Int32Array.from(numbers, (number) => test.labels[number]!) };
  }
}

/** The noise in a batch, as a model or a formula sees it; absent: the mean of the noise, 0, whatever there is to see. */
type PredictBatch = (batch: NoisyBatch) => Promise<Float32Array> | Float32Array;

async function errorsOf(model: Noised, test: CleanSplit, predict?: PredictBatch): Promise<DenoisingErrors> {
  const size = sizeOf(model.imageShape);
  const errors = new DenoisingErrors(model.schedule.timesteps);
  for (const batch of noisyBatches(model, test)) {
    const predicted = await predict?.(batch);
    const part = (values: Float32Array, i: number) => values.subarray(i * size, (i + 1) * size);
    batch.timesteps.forEach((t, i) =>
      errors.add(part(batch.noise, i), predicted === undefined ? 0 : part(predicted, i), t),
    );
  }
  return errors;
}

async function evaluate(model: SampledModel, test: CleanSplit): Promise<Evaluation> {
  const errors = await errorsOf(model, test, ({ noisy, timesteps, classes }) =>
    predictedNoise(model, noisy, { timesteps, classes }),
  );
  return { scores: errors.totals(), itemScores: errors.items };
}

interface Ending {
  readonly data: CleanData;
  readonly diffusion: Drawing;
  readonly inceptionWeights: string | undefined;
  readonly alive: () => void;
}

/** Draws samples, has them judged, and shows them where they are images. */
async function conclude(
  item: TrainingCase,
  model: SampledModel,
  { data, diffusion, inceptionWeights, alive }: Ending,
): Promise<Conclusion> {
  const asSeen = (values: Float32Array) => (data.isImages ? rounded(values) : values);
  const samples = asSeen(await drawSamples(model, diffusion, alive));
  // The trivial predictor says "no noise" at every step.
  const blind = asSeen(await drawSamples({ ...model, denoiser: BLIND }, { ...diffusion, guidance: 1 }, alive));
  const { sampler, samplingSteps, guidance, samples: count, extractorSteps } = diffusion;
  const drawing = `${count} samples, ${sampler === "ddim" ? "DDIM" : "ancestral"} with ${samplingSteps} steps, guidance ${guidance}`;
  const drawn = { samples, blind, count };
  const own = await judgedByOwnFeatures(drawn, data, { steps: extractorSteps, alive });
  const byClass = await judgedByClass(drawn, data, { steps: JUDGE_STEPS * extractorSteps, alive });
  const inception =
    inceptionWeights === undefined
      ? undefined
      : await judgedByInception(drawn, data, { weightsPath: inceptionWeights, alive });
  return {
    scores: { ...own.scores, ...byClass.scores, ...inception?.scores },
    trivialScores: { ...own.trivialScores, ...byClass.trivialScores, ...inception?.trivialScores },
    method: [drawing, own.method, byClass.method, ...(inception === undefined ? [] : [inception.method])].join("; "),
    ...(isPicture(data)
      ? {
          picture: () =>
            drawSampleGrid({
              real: realImages(data),
              images: bytesOf(samples),
              shape: data.shape,
              classes: data.classes.length,
            }),
        }
      : {}),
  };
}

/** The first scored image of each class; of a class without any, the first of all. */
function realImages({ test, classes }: CleanData): Uint8Array {
  const labels = Array.from(test.labels);
  return bytesOf(test.values(classes.map((_, label) => Math.max(0, labels.indexOf(label)))));
}

/** As stored: images are bytes. */
function rounded(values: Float32Array): Float32Array {
  return Float32Array.from(bytesOf(values), (byte) => byte / 127.5 - 1);
}

/** A denoiser that sees no noise anywhere. */
const BLIND: SampledModel["denoiser"] = { forward: (patches) => tf.zerosLike(patches) };
