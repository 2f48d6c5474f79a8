// Features to judge generated images by: the last hidden layer of a classifier of the harness's own, trained on the same
// images from a fixed seed, in the same process. A perceptron, so that it resembles no contender's token mixer.

import * as tf from "#engine/tf";
import { dense, silu } from "#models/layers";
import { Parameters } from "#models/parameters";
import { constantWeight, projection, within, type WeightDeclaration } from "#weights/weights";
import { TrainingOrder } from "#data/batches";
import { ClassificationScores } from "../image-classification/metrics.ts";
import type { Features } from "./frechet.ts";
import { AdamW } from "#training/adamw";
import type { CleanSplit } from "./clean-data.ts";
import type { FeatureExtractor } from "./feature-extractor.ts";

/** Of the project, not of a case: every contender and seed is judged by the same features. */
const SEED = 20240531;
const HIDDEN = 128;
const WIDTH = 64;
const BATCH = 64;
const LEARNING_RATE = 1e-3;

export interface OwnFeaturesOptions {
  readonly train: CleanSplit;
  readonly test: CleanSplit;
  /** values of an example */
  readonly size: number;
  readonly classes: number;
  readonly steps: number;
}

/** Trains the extractor; deterministic on one engine. The engine is the one that runs. */
export async function trainOwnFeatures({
  train,
  test,
  size: inputs,
  classes,
  steps,
}: OwnFeaturesOptions): Promise<FeatureExtractor> {
  const parameters = new Parameters(perceptronWeights(inputs, classes), SEED);
  const optimiser = new AdamW(parameters, { weightDecay: 0.01, clipNorm: 1 });
  const order = new TrainingOrder(SEED, train.count);
  try {
    for (let step = 0; step < steps; step++) {
      const numbers = order.take(step * BATCH, BATCH);
      const gradient = tf.tidy(() => {
        const x = tf.tensor2d(train.values(numbers), [BATCH, inputs]);
        const targets = tf.oneHot(
          tf.tensor1d(
            Int32Array.from(numbers, (number) => train.labels[number]!),
            "int32",
          ),
          classes,
        );
        const loss = () =>
          tf.neg(
            tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(logitsOf(parameters, hiddenOf(parameters, x)))), 1)),
          ) as tf.Scalar;
        const { grads } = tf.variableGrads(loss, parameters.list());
        return optimiser.flatten(parameters.list().map((variable) => grads[variable.name]!));
      });
      // A straight line down to nothing: the end of training is quiet without any tuning.
      tf.dispose([gradient, optimiser.update(gradient, step, LEARNING_RATE * (1 - step / steps))]);
    }
    const accuracy = await accuracyOf(parameters, test, classes);
    const name = `own features (${WIDTH} values of a perceptron ${inputs}-${HIDDEN}-${WIDTH} trained for ${steps} steps, ${(100 * accuracy).toFixed(1)} % right on the scored images)`;
    return {
      name,
      featuresOf: (values, count) => featuresOf(parameters, values, count),
      dispose: () => parameters.dispose(),
    };
  } catch (error) {
    parameters.dispose();
    throw error;
  } finally {
    optimiser.dispose();
  }
}

function perceptronWeights(inputs: number, classes: number): WeightDeclaration[] {
  const layer = (name: string, from: number, to: number) =>
    within(name, [projection("w", from, to), constantWeight("bias", [to], 0)]);
  return [...layer("first", inputs, HIDDEN), ...layer("second", HIDDEN, WIDTH), ...layer("head", WIDTH, classes)];
}

/** The features: x [B, inputs] → [B, WIDTH]. */
function hiddenOf(parameters: Parameters, x: tf.Tensor): tf.Tensor {
  const [first, second] = [parameters.under("first"), parameters.under("second")];
  return silu(dense(silu(dense(x, first("w"), first("bias"))), second("w"), second("bias")));
}

function logitsOf(parameters: Parameters, features: tf.Tensor): tf.Tensor {
  return dense(features, parameters.get("head.w"), parameters.get("head.bias"));
}

async function featuresOf(parameters: Parameters, values: Float32Array, count: number): Promise<Features> {
  const features = tf.tidy(() => hiddenOf(parameters, tf.tensor2d(values, [count, values.length / count])));
  const found = (await features.data()) as Float32Array;
  features.dispose();
  return { count, width: WIDTH, values: found };
}

async function accuracyOf(parameters: Parameters, test: CleanSplit, classes: number): Promise<number> {
  const scores = new ClassificationScores(classes);
  const numbers = Int32Array.from({ length: test.count }, (_, i) => i);
  for (let start = 0; start < test.count; start += 256) {
    const batch = numbers.subarray(start, start + 256);
    const values = test.values(batch);
    const logits = tf.tidy(() =>
      logitsOf(parameters, hiddenOf(parameters, tf.tensor2d(values, [batch.length, values.length / batch.length]))),
    );
    scores.add(
      (await logits.data()) as Float32Array,
      Array.from(batch, (number) => test.labels[number]!),
    );
    logits.dispose();
  }
  return scores.totals()["top1"]!;
}
