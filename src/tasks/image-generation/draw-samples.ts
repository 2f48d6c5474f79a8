// Drawing samples from a denoiser: the sampler's numbers on the host, the denoiser's on the engine.

import { Random } from "#base/random";
import * as tf from "#engine/tf";
import type { Denoiser } from "./head.ts";
import { patchify, unpatchify } from "#models/patches";
import { sizeOf } from "#weights/weights";
import type { DiffusionRecipe } from "#case/case";
import { valuesOf } from "#training/evaluation";
import { guided, sampleFrom, type PredictNoise } from "./sampling.ts";
import type { NoiseSchedule } from "./schedule.ts";

/** Of the project, not of a case: every contender and seed starts from the same noise. */
const SAMPLING_SEED = 20240602;
const BATCH = 64;

export interface SampledModel {
  readonly denoiser: Pick<Denoiser, "forward">;
  /** extents, then channels */
  readonly imageShape: readonly number[];
  readonly patch: readonly number[];
  readonly classes: number;
  readonly schedule: NoiseSchedule;
  /** clean values lie in ±limit; absent where they have no limits */
  readonly limit?: number;
}

/** The noise of a batch of noisy images on the engine: values [B, ...imageShape] in and out. */
export async function predictedNoise(
  { denoiser, imageShape, patch }: SampledModel,
  noisy: Float32Array,
  condition: { readonly timesteps: ArrayLike<number>; readonly classes: ArrayLike<number> },
): Promise<Float32Array> {
  const predicted = await valuesOf(() => denoiser.forward(patchTensor(noisy, imageShape, patch), condition));
  return unpatchify(predicted, imageShape, patch);
}

/** [B, N, patchSize] on the engine. */
export function patchTensor(
  values: Float32Array,
  imageShape: readonly number[],
  patch: readonly number[],
): tf.Tensor3D {
  const patchSize = sizeOf(patch) * imageShape.at(-1)!;
  return tf.tensor3d(patchify(values, imageShape, patch), [
    values.length / sizeOf(imageShape),
    sizeOf(imageShape) / patchSize,
    patchSize,
  ]);
}

/** A recipe that asks for samples. */
export type Drawing = DiffusionRecipe & { readonly samples: number };

/**
 * Samples of the classes in turn: [samples, ...imageShape].
 *
 * @param alive called at every step of the sampler
 */
export async function drawSamples(
  model: SampledModel,
  { sampler, samplingSteps, guidance, samples }: Drawing,
  alive?: () => void,
): Promise<Float32Array> {
  const size = sizeOf(model.imageShape);
  const random = new Random(SAMPLING_SEED);
  const drawn = new Float32Array(samples * size);
  for (let start = 0; start < samples; start += BATCH) {
    const count = Math.min(BATCH, samples - start);
    const classes = Int32Array.from({ length: count }, (_, i) => (start + i) % model.classes);
    const plan = {
      schedule: model.schedule,
      steps: samplingSteps,
      eta: sampler === "ddim" ? 0 : 1,
      random: random.fork(`steps from ${start}`),
      ...(model.limit === undefined ? {} : { limit: model.limit }),
    };
    const predict = guidedBy(model, classes, guidance);
    const heard: PredictNoise = (x, t) => {
      alive?.();
      return predict(x, t);
    };
    drawn.set(await sampleFrom(random.fork(`start ${start}`).normals(count * size), heard, plan), start * size);
  }
  return drawn;
}

function guidedBy(model: SampledModel, classes: Int32Array, guidance: number): PredictNoise {
  const without = new Int32Array(classes.length).fill(model.classes);
  return async (x, t) => {
    const noisy = Float32Array.from(x);
    const timesteps = new Int32Array(classes.length).fill(t);
    const conditional = await predictedNoise(model, noisy, { timesteps, classes });
    return guidance === 1
      ? conditional
      : guided(conditional, await predictedNoise(model, noisy, { timesteps, classes: without }), guidance);
  };
}
