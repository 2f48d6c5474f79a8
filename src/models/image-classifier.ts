// Image classifier: patches, embedding, the shared stack, mean over the tokens, linear head. Mean pooling instead of
// a class token: a first token would see nothing in a causal mixer, and every contender has the same head.

import type { RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import type { ModelSpec } from "#case/case";
import { createBackbone, type Regularisation } from "./backbone.ts";
import { imageClassifierWeights, patchGrid, type ClassifierInput } from "#weights/image-classifier";
import { dense } from "./layers.ts";
import type { ObserveLogits } from "./mixer.ts";
import { Parameters } from "./parameters.ts";
import { sizeOf } from "#weights/weights";

export interface ImageClassifier {
  readonly parameters: Parameters;
  /** Patches as `patchify` lays them out [B, N, patchSize] → logits [B, classes]. */
  forward(patches: tf.Tensor, regularisation?: Regularisation): tf.Tensor2D;
}

export interface ModelOptions {
  readonly seed: number;
  readonly engine: RunningEngine;
  /** language models: is shown the logits of additive layers */
  readonly observe?: ObserveLogits;
}

/** @throws {UsageError} patches that do not tile the image, or a mixer impossible on their grid */
export async function createImageClassifier(
  model: ModelSpec,
  input: ClassifierInput,
  options: ModelOptions,
): Promise<ImageClassifier> {
  const tokens = patchGrid(model, input);
  const parameters = new Parameters(imageClassifierWeights(model, input), options.seed);
  try {
    const backbone = await createBackbone(model, tokens, parameters, { engine: options.engine });
    const embedding = parameters.under("embedding");
    const head = parameters.under("head");
    return {
      parameters,
      forward(patches, regularisation) {
        const embedded = dense(patches, embedding("w"), embedding("bias")); // [B, N, C]
        const features = tf.mean(backbone(embedded, regularisation), 1); // [B, C]
        return dense(features, head("w"), head("bias")) as tf.Tensor2D;
      },
    };
  } catch (error) {
    parameters.dispose();
    throw error;
  }
}

/**
 * Cuts images or volumes into patches, on the host: a gather on the engine has no gradient kernel everywhere, and pixels
 * need none.
 *
 * @param pixels [B, ...imageShape]
 * @returns [B, N, patch·channels], tokens in row-major order, and so are the pixels of a patch
 */
export function patchify(
  pixels: Float32Array,
  imageShape: ClassifierInput["imageShape"],
  patch: readonly number[],
): Float32Array<ArrayBuffer> {
  const offsets = patchOffsets(imageShape, patch);
  const run = patch.at(-1)! * imageShape.at(-1)!;
  const cut = new Float32Array(pixels.length);
  let target = 0;
  for (let image = 0; image < pixels.length; image += sizeOf(imageShape)) {
    for (const offset of offsets) {
      cut.set(pixels.subarray(image + offset, image + offset + run), target);
      target += run;
    }
  }
  return cut;
}

/** The images again: the inverse of `patchify`. @param cut [B, N, patch·channels] @returns [B, ...imageShape] */
export function unpatchify(
  cut: Float32Array,
  imageShape: ClassifierInput["imageShape"],
  patch: readonly number[],
): Float32Array<ArrayBuffer> {
  const offsets = patchOffsets(imageShape, patch);
  const run = patch.at(-1)! * imageShape.at(-1)!;
  const pixels = new Float32Array(cut.length);
  let source = 0;
  for (let image = 0; image < cut.length; image += sizeOf(imageShape)) {
    for (const offset of offsets) {
      pixels.set(cut.subarray(source, source + run), image + offset);
      source += run;
    }
  }
  return pixels;
}

/** Where in an image each unbroken run of a patch begins, patch after patch. */
function patchOffsets(imageShape: readonly number[], patch: readonly number[]): number[] {
  const strides = imageShape.map((_, axis) => sizeOf(imageShape.slice(axis + 1)));
  const starts = (extents: readonly number[], steps: readonly number[]) =>
    extents.reduce<number[]>(
      (known, extent, axis) =>
        known.flatMap((start) => Array.from({ length: extent }, (_, i) => start + i * steps[axis]! * strides[axis]!)),
      [0],
    );
  const corners = starts(
    patch.map((edge, axis) => imageShape[axis]! / edge),
    patch,
  );
  const runs = starts(
    patch.slice(0, -1),
    patch.map(() => 1),
  );
  return corners.flatMap((corner) => runs.map((start) => corner + start));
}
