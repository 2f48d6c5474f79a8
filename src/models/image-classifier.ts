// Image classifier: patches, embedding, the shared stack, mean over the tokens, linear head. Mean pooling instead of
// a class token: a first token would see nothing in a causal mixer, and every contender has the same head.

import type { RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import type { ModelSpec } from "#suite/case";
import { createBackbone, type Regularisation } from "./backbone.ts";
import { imageClassifierWeights, patchGrid, type ClassifierInput } from "./image-classifier-weights.ts";
import { dense } from "./layers.ts";
import { Parameters } from "./parameters.ts";

export interface ImageClassifier {
  readonly parameters: Parameters;
  /** Patches as `patchify` lays them out [B, N, patchSize] → logits [B, classes]. */
  forward(patches: tf.Tensor, regularisation?: Regularisation): tf.Tensor2D;
}

export interface ModelOptions {
  readonly seed: number;
  readonly engine: RunningEngine;
}

/** @throws {UsageError} patches that do not tile the image, or a mixer impossible on their grid */
export async function createImageClassifier(model: ModelSpec, input: ClassifierInput, options: ModelOptions): Promise<ImageClassifier> {
  const tokens = patchGrid(model, input);
  const parameters = new Parameters(imageClassifierWeights(model, input), options.seed);
  try {
    const backbone = await createBackbone(model, tokens, parameters, options.engine);
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
 * Cuts images into patches, on the host: a gather on the engine has no gradient kernel everywhere, and pixels need none.
 *
 * @param pixels [B, height, width, channels]
 * @returns [B, N, rows·columns·channels], tokens in row-major order
 */
export function patchify(pixels: Float32Array, imageShape: ClassifierInput["imageShape"], patch: readonly number[]): Float32Array<ArrayBuffer> {
  const [height, width, channels] = imageShape;
  const [rows, columns] = patch as [number, number];
  const run = columns * channels;
  const cut = new Float32Array(pixels.length);
  let target = 0;
  for (let image = 0; image < pixels.length; image += height * width * channels) {
    for (let top = 0; top < height; top += rows) {
      for (let left = 0; left < width; left += columns) {
        for (let row = top; row < top + rows; row++, target += run) {
          const source = image + (row * width + left) * channels;
          cut.set(pixels.subarray(source, source + run), target);
        }
      }
    }
  }
  return cut;
}
