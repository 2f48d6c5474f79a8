// A perceptron of two hidden layers that judges images: it resembles no contender's token mixer. Trained from a fixed seed
// on the images that the denoiser is trained on, in the same process; deterministic on one engine.

import { Random } from "#base/random";
import { TrainingOrder } from "#data/batches";
import * as tf from "#engine/tf";
import { softNats } from "#models/cross-entropy";
import { dense, silu } from "#models/layers";
import { withWeights, type Parameters } from "#models/parameters";
import { AdamW } from "#training/adamw";
import { batchesOf, valuesOf } from "#training/evaluation";
import { constantWeight, projection, sizeOf, within, type WeightDeclaration } from "#weights/weights";
import { shift } from "../image-classification/augment-image.ts";
import { ClassificationScores } from "../image-classification/metrics.ts";
import type { CleanData, CleanSplit } from "./clean-data.ts";
import type { Features } from "./frechet.ts";

/** Of the project, not of a case: every contender and seed is judged by the same network. */
const SEED = 20240531;
const BATCH = 64;
const LEARNING_RATE = 1e-3;

export interface PerceptronPlan {
  readonly hidden: number;
  /** of the last hidden layer, whose values are the features */
  readonly width: number;
  readonly steps: number;
  /** called at every step: silence would be taken for a standstill */
  readonly alive?: (() => void) | undefined;
  /** training images are moved by up to so many pixels along each axis */
  readonly shift?: number;
}

export interface Perceptron {
  /** "784-128-64" */
  readonly name: string;
  /** share of the scored images that it puts into their class */
  readonly accuracy: number;
  /** @param values as the denoiser takes them, [count, ...shape] */
  featuresOf(values: Float32Array, count: number): Promise<Features>;
  /** logits of the classes, [count, classes] */
  logitsOf(values: Float32Array, count: number): Promise<Float32Array>;
  dispose(): void;
}

/** Trains on the engine that runs. */
export async function trainPerceptron(
  { train, test, shape, classes }: Pick<CleanData, "train" | "test" | "shape" | "classes">,
  plan: PerceptronPlan,
): Promise<Perceptron> {
  const { hidden, width } = plan;
  const inputs = sizeOf(shape);
  return withWeights(weightsOf([inputs, hidden, width, classes.length]), SEED, async (parameters) => {
    await fit(parameters, { train, shape, classes: classes.length }, plan);
    const run = (values: Float32Array, count: number, last: (hiddenValues: tf.Tensor) => tf.Tensor) =>
      valuesOf(() => last(hiddenOf(parameters, tf.tensor2d(values, [count, inputs]))));
    const logitsOf = (values: Float32Array, count: number) =>
      run(values, count, (features) => outputsOf(parameters, features));
    const scores = new ClassificationScores(classes.length);
    for (const numbers of batchesOf(test.count, 256)) {
      const labels = Array.from(numbers, (number) => test.labels[number]!);
      scores.add(await logitsOf(test.values(numbers), numbers.length), labels);
    }
    return {
      name: `${inputs}-${hidden}-${width}`,
      accuracy: scores.totals()["top1"]!,
      featuresOf: async (values, count) => ({ count, width, values: await run(values, count, (features) => features) }),
      logitsOf,
      dispose: () => parameters.dispose(),
    };
  });
}

interface Examples {
  readonly train: CleanSplit;
  readonly shape: readonly number[];
  readonly classes: number;
}

async function fit(parameters: Parameters, { train, shape, classes }: Examples, plan: PerceptronPlan): Promise<void> {
  const optimiser = new AdamW(parameters, { weightDecay: 0.01, clipNorm: 1 });
  const order = new TrainingOrder(SEED, train.count);
  const random = new Random(SEED).fork("shifts");
  try {
    for (let step = 0; step < plan.steps; step++) {
      plan.alive?.();
      const numbers = order.take(step * BATCH, BATCH);
      const values = train.values(numbers);
      if (plan.shift !== undefined) moveEach(values, shape, plan.shift, random);
      const labels = Int32Array.from(numbers, (number) => train.labels[number]!);
      const gradient = tf.tidy(() => {
        const x = tf.tensor2d(values, [BATCH, values.length / BATCH]);
        const targets = tf.oneHot(tf.tensor1d(labels, "int32"), classes);
        const loss = () => softNats(outputsOf(parameters, hiddenOf(parameters, x)), targets);
        const { grads } = tf.variableGrads(loss, parameters.list());
        return optimiser.flatten(parameters.list().map((variable) => grads[variable.name]!));
      });
      // A straight line down to nothing: the end of training is quiet without any tuning.
      const norm = optimiser.update(gradient, step, LEARNING_RATE * (1 - step / plan.steps));
      await norm.data(); // an engine that answers at once must not queue up a whole training
      tf.dispose([gradient, norm]);
    }
  } finally {
    optimiser.dispose();
  }
}

/** Moves every image by itself; what comes in from outside is black, −1. */
function moveEach(values: Float32Array, shape: readonly number[], most: number, random: Random): void {
  const size = sizeOf(shape);
  for (let i = 0; i < values.length; i++) values[i]! += 1;
  for (let start = 0; start < values.length; start += size) {
    const [down, right] = [random.integer(2 * most + 1) - most, random.integer(2 * most + 1) - most];
    shift({ pixels: values.subarray(start, start + size), shape }, down, right);
  }
  for (let i = 0; i < values.length; i++) values[i]! -= 1;
}

function weightsOf([inputs, hidden, width, classes]: readonly [number, number, number, number]): WeightDeclaration[] {
  const layer = (name: string, from: number, to: number) =>
    within(name, [projection("w", from, to), constantWeight("bias", [to], 0)]);
  return [...layer("first", inputs, hidden), ...layer("second", hidden, width), ...layer("head", width, classes)];
}

/** The features: x [B, inputs] → [B, width]. */
function hiddenOf(parameters: Parameters, x: tf.Tensor): tf.Tensor {
  const [first, second] = [parameters.under("first"), parameters.under("second")];
  return silu(dense(silu(dense(x, first("w"), first("bias"))), second("w"), second("bias")));
}

function outputsOf(parameters: Parameters, features: tf.Tensor): tf.Tensor {
  return dense(features, parameters.get("head.w"), parameters.get("head.bias"));
}
