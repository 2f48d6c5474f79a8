// Batches of images: which examples make up which batch, and their pixels as a model takes them.

import { Random } from "#base/random";
import type { ImageSplit } from "./sets/dataset.ts";

/** Pixels normalised to mean 0 and variance 1 per channel of the train split, and labels. Plain numbers, no tensors. */
export interface ImageBatch {
  readonly count: number;
  /** [count, height, width, channels] */
  readonly pixels: Float32Array<ArrayBuffer>;
  /** [count] */
  readonly labels: Int32Array<ArrayBuffer>;
}

/**
 * The order of training examples: a fresh permutation an epoch, from the seed alone. The position in the data is the
 * number of examples drawn so far, so that every contender of a seed sees the same batches, and a resumed run goes on
 * where it stopped.
 */
export class TrainingOrder {
  readonly #random: Random;
  readonly #count: number;
  #epoch = -1;
  #permutation: readonly number[] = [];

  constructor(seed: number, count: number) {
    this.#random = new Random(seed).fork("training-order");
    this.#count = count;
  }

  /** Numbers of the examples at positions `position` to `position + length − 1`. */
  take(position: number, length: number): Int32Array<ArrayBuffer> {
    return Int32Array.from({ length }, (_, i) => this.#at(position + i));
  }

  #at(position: number): number {
    const epoch = Math.floor(position / this.#count);
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#permutation = this.#random.fork(`epoch ${epoch}`).shuffle(Array.from({ length: this.#count }, (_, i) => i));
    }
    return this.#permutation[position % this.#count]!;
  }
}

/** Mean and standard deviation of each channel, pixels in [0, 1]. */
export interface PixelStatistics {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** Images that the statistics of a split are taken from where they are decoded on demand. */
const STATISTICS_IMAGES = 1024;

/** Mean and deviation of each channel over a split; over its first images where they are decoded on demand. */
export async function pixelStatistics(split: ImageSplit): Promise<PixelStatistics> {
  const pixels =
    split.decode === undefined
      ? split.pixels
      : await split.decode(Array.from({ length: Math.min(STATISTICS_IMAGES, split.count) }, (_, i) => i));
  const channels = split.shape.at(-1)!;
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (let i = 0; i < pixels.length; i++) {
    const value = pixels[i]! / 255;
    sums[i % channels]! += value;
    squares[i % channels]! += value * value;
  }
  const count = pixels.length / channels;
  const mean = Array.from(sums, (sum) => sum / count);
  // A channel that never changes carries nothing; any divisor does, 1 keeps it finite.
  const deviation = Array.from(squares, (sum, c) => Math.sqrt(Math.max(0, sum / count - mean[c]! ** 2)) || 1);
  return { mean, deviation };
}

export interface BatchPixels extends PixelStatistics {
  /** pixels of the examples asked for, [numbers.length, ...shape], where the split decodes on demand */
  readonly decoded?: Uint8Array | undefined;
}

/** Gathers examples by number into one batch. */
export function imageBatch(
  split: ImageSplit,
  numbers: Int32Array,
  { mean, deviation, decoded }: BatchPixels,
): ImageBatch {
  const channels = split.shape.at(-1)!;
  const size = split.shape.reduce((product, extent) => product * extent, 1);
  const all = decoded ?? split.pixels;
  const pixels = new Float32Array(numbers.length * size);
  const labels = new Int32Array(numbers.length);
  numbers.forEach((number, item) => {
    labels[item] = split.labels[number]!;
    const from = (decoded === undefined ? number : item) * size;
    for (let i = 0; i < size; i++) {
      const channel = i % channels;
      pixels[item * size + i] = (all[from + i]! / 255 - mean[channel]!) / deviation[channel]!;
    }
  });
  return { count: numbers.length, pixels, labels };
}
