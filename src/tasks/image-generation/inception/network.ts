// The network on the engine: the layout walked from end to end. No layers, no variables, nothing to train.

import * as tf from "#engine/tf";
import { convolutionsOf, INCEPTION, type Convolution, type Pooling, type Step } from "./layout.ts";
import { readFolded, type InceptionFile } from "./weights.ts";

/** Features of an image: the mean over pixels of the last block's channels, "pool3". */
export const INCEPTION_WIDTH = 2048;
/** Rows and columns that images are resized to. */
const EDGE = 299;

export interface Inception {
  /**
   * Features of images of at least 75×75 pixels, at their own size.
   *
   * @param images [B, rows, columns, 3] in [−1, 1]
   * @returns [B, 2048]
   */
  features(images: tf.Tensor4D): tf.Tensor2D;
  dispose(): void;
}

type Weights = ReadonlyMap<string, { readonly filter: tf.Tensor4D; readonly bias: tf.Tensor1D }>;

/** Brings the weights to the engine. @throws {DataError} damaged values */
export function createInception(file: InceptionFile): Inception {
  const weights = new Map<string, { filter: tf.Tensor4D; bias: tf.Tensor1D }>();
  const dispose = () => weights.forEach(({ filter, bias }) => tf.dispose([filter, bias]));
  try {
    for (const convolution of convolutionsOf(INCEPTION)) {
      const { filter, bias } = readFolded(file, convolution);
      const { name, from, to, kernel } = convolution;
      weights.set(name, { filter: tf.tensor4d(filter, [...kernel, from, to]), bias: tf.tensor1d(bias) });
    }
  } catch (error) {
    dispose();
    throw error;
  }
  return {
    features: (images) => tf.tidy(() => tf.mean(run(INCEPTION, images, weights), [1, 2]) as tf.Tensor2D),
    dispose,
  };
}

/** Images as the network was trained on: bilinear between pixel centres, without smoothing, even where it shrinks them. */
export function resized(images: tf.Tensor4D): tf.Tensor4D {
  return tf.image.resizeBilinear(images, [EDGE, EDGE], false, true);
}

/** The steps one after the other; each gives up what it was made from. */
function run(steps: readonly Step[], images: tf.Tensor4D, weights: Weights): tf.Tensor4D {
  let x = images;
  for (const step of steps) {
    const next = tf.tidy(() => apply(step, x, weights));
    if (x !== images) x.dispose();
    x = next;
  }
  return x;
}

function apply(step: Step, x: tf.Tensor4D, weights: Weights): tf.Tensor4D {
  switch (step.kind) {
    case "convolution":
      return convolved(step, x, weights);
    case "branches":
      return tf.concat(
        step.of.map((branch) => run(branch, x, weights)),
        3,
      );
    default:
      return pooled(step, x);
  }
}

function convolved({ name, stride, padding }: Convolution, x: tf.Tensor4D, weights: Weights): tf.Tensor4D {
  const { filter, bias } = weights.get(name)!;
  return tf.fused.conv2d({ x, filter, strides: stride, pad: padding, bias, activation: "relu" });
}

/** Padding counts neither for the largest value nor for the mean. */
function pooled({ kind, stride }: Pooling, x: tf.Tensor4D): tf.Tensor4D {
  const pool = kind === "mean" ? tf.avgPool : tf.maxPool;
  return pool(x, 3, stride, stride === 1 ? "same" : "valid");
}
