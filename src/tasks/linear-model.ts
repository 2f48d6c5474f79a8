// A linear model, the simplest that sees its input: softmax regression for classes, least squares for real values. In
// float64 on plain numbers, so that it is the same on every engine. What a token mixer reaches above it, it owes to more
// than single words or pixels.

import { Random } from "#base/random";

/** Plain values, the same for all data; chosen on no test split. */
const RATE = 0.3;
const DECAY = 1e-6;

/** The features of an example that are not 0. */
export interface SparseFeatures {
  readonly places: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

export interface LinearData {
  readonly count: number;
  /** number of features; one more is made, which is always 1 */
  readonly features: number;
  example(item: number): SparseFeatures;
  /** class numbers, or real values */
  readonly labels: ArrayLike<number>;
  /** absent for real values */
  readonly classes: number | undefined;
  readonly epochs: number;
}

/** What a trained model says: log-odds of the classes, or one value. */
export type LinearPrediction = (features: SparseFeatures) => Float64Array;

/** One adaptive gradient step (Duchi et al., JMLR 2011) per example, in an order drawn from a fixed seed. */
export function trainLinearModel(data: LinearData): LinearPrediction {
  const { count, features, labels, classes, epochs } = data;
  const outputs = classes ?? 1;
  const weights = new Float64Array((features + 1) * outputs);
  const squares = new Float64Array(weights.length).fill(1e-8);
  const centre = classes === undefined ? meanOf(labels, count) : 0;
  if (classes === undefined) weights[features] = centre;
  const predict: LinearPrediction = ({ places, values }) => {
    const sums = weights.slice(features * outputs);
    for (let i = 0; i < places.length; i++)
      for (let c = 0; c < outputs; c++) sums[c]! += values[i]! * weights[places[i]! * outputs + c]!;
    return sums;
  };
  const move = (at: number, gradient: number) => {
    squares[at]! += gradient * gradient;
    weights[at]! -= (RATE * gradient) / Math.sqrt(squares[at]!);
  };
  const random = new Random(0).fork("linear model");
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const item of random.fork(`epoch ${epoch}`).shuffle(Array.from({ length: count }, (_, i) => i))) {
      const example = data.example(item);
      const errors = errorsOf(predict(example), labels[item]!, classes);
      for (let i = 0; i < example.places.length; i++) {
        const first = example.places[i]! * outputs;
        for (let c = 0; c < outputs; c++)
          move(first + c, example.values[i]! * errors[c]! + DECAY * weights[first + c]!);
      }
      for (let c = 0; c < outputs; c++) move(features * outputs + c, errors[c]!);
    }
  }
  return predict;
}

/** Gradient of the loss by the outputs: softmax − one-hot, or the distance to the value. */
function errorsOf(outputs: Float64Array, label: number, classes: number | undefined): Float64Array {
  if (classes === undefined) return Float64Array.of(outputs[0]! - label);
  const top = Math.max(...outputs);
  const shares = outputs.map((value) => Math.exp(value - top));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share, c) => share / total - (c === label ? 1 : 0));
}

function meanOf(values: ArrayLike<number>, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[i]!;
  return sum / count;
}
