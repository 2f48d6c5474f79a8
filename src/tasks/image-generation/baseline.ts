// The denoiser without a network: it takes the images of a class for a cloud, each pixel normal by itself, and knows its
// mean and variance. What a token mixer reaches below it, it owes to more than where ink usually is.

import { batchesOf } from "#training/evaluation";
import type { CleanSplit } from "./clean-data.ts";
import type { NoiseSchedule } from "./schedule.ts";

const BATCH = 256;

/** Mean and variance of each value of a class. */
interface Cloud {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** Noisy images, one after the other, with what is known of each. */
export interface NoisyBatch {
  /** [count, ...shape], what was added */
  readonly noise: Float32Array;
  readonly noisy: Float32Array;
  readonly timesteps: Int32Array;
  readonly classes: Int32Array;
}

/**
 * The noise in a batch. With μ and σ² of the class, a = ᾱ_t:
 *
 *   x̂_0 = μ + √a σ² (x_t − √a μ) / (a σ² + 1 − a),   ε̂ = (x_t − √a x̂_0) / √(1 − a) = √(1 − a) (x_t − √a μ) / (a σ² + 1 − a)
 *
 * the best that can be said value by value, were they normal.
 */
export function pixelDenoiser(
  train: CleanSplit,
  size: number,
  classes: number,
  schedule: NoiseSchedule,
): (batch: Omit<NoisyBatch, "noise">) => Float32Array {
  const clouds = cloudsOf(train, size, classes);
  return ({ noisy, timesteps, classes: labels }) =>
    noisy.map((value, at) => {
      const [item, i] = [Math.floor(at / size), at % size];
      const { mean, variance } = clouds[labels[item]!]!;
      const left = schedule.alphaBar[timesteps[item]!]!;
      return (Math.sqrt(1 - left) * (value - Math.sqrt(left) * mean[i]!)) / (left * variance[i]! + 1 - left);
    });
}

function cloudsOf(train: CleanSplit, size: number, classes: number): Cloud[] {
  const counts = new Float64Array(classes);
  const sums = Array.from({ length: classes }, () => new Float64Array(size));
  const squares = Array.from({ length: classes }, () => new Float64Array(size));
  for (const numbers of batchesOf(train.count, BATCH)) {
    const values = train.values(numbers);
    for (const [item, number] of numbers.entries()) {
      const label = train.labels[number]!;
      counts[label]!++;
      for (let i = 0; i < size; i++) {
        const value = values[item * size + i]!;
        sums[label]![i]! += value;
        squares[label]![i]! += value * value;
      }
    }
  }
  return sums.map((sum, label) => {
    const count = Math.max(1, counts[label]!); // a class that the train split lacks: the cloud at 0
    const mean = sum.map((value) => value / count);
    return { mean, variance: squares[label]!.map((value, i) => Math.max(0, value / count - mean[i]! ** 2)) };
  });
}
