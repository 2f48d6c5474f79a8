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

/** The noise in one noisy example, as the model of its class sees it. */
export type PredictOne = (noisy: Float32Array, timestep: number, label: number) => Float64Array;

/**
 * With μ and σ² of the class, a = ᾱ_t:
 *
 *   x̂_0 = μ + √a σ² (x_t − √a μ) / (a σ² + 1 − a),   ε̂ = (x_t − √a x̂_0) / √(1 − a) = √(1 − a) (x_t − √a μ) / (a σ² + 1 − a)
 *
 * the best that can be said value by value, were they normal.
 */
export function pixelDenoiser(train: CleanSplit, size: number, classes: number, schedule: NoiseSchedule): PredictOne {
  const clouds = cloudsOf(train, size, classes);
  return (noisy, timestep, label) => {
    const { mean, variance } = clouds[label]!;
    const left = schedule.alphaBar[timestep]!;
    const [signal, spread] = [Math.sqrt(left), Math.sqrt(1 - left)];
    return Float64Array.from(
      noisy,
      (value, i) => (spread * (value - signal * mean[i]!)) / (left * variance[i]! + 1 - left),
    );
  };
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
