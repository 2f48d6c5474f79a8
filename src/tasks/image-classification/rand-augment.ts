// RandAugment (E. Cubuk et al., arXiv 1909.13719) as timm has it and DeiT's recipe asks for: `rand-m9-mstd0.5-inc1`. An
// image goes through some operations drawn with replacement, each of them left out half of the time, at a magnitude
// drawn around the recipe's. With `inc1` every operation grows with the magnitude.
//
// Source: github.com/huggingface/pytorch-image-models, timm/data/auto_augment.py, `_RAND_INCREASING_TRANSFORMS`. Moved
// pixels are interpolated linearly, where timm draws linear or cubic.

import type { Random } from "#base/random";
import type { Augmentation } from "#case/case";
import type { PixelStatistics } from "#data/batches";
import type { ImageView } from "./augment-image.ts";
import {
  autoContrast,
  blend,
  brightnessAt,
  byteTable,
  equalize,
  mapBytes,
  meanBrightness,
  smoothAt,
  transform,
  type Affine,
  type ByteImage,
} from "./byte-operations.ts";

/** An operation at its strength. */
export interface Dose {
  /** magnitude over the largest, in [0, 1] */
  readonly level: number;
  /** −1 or 1, for operations that go either way */
  readonly sign: -1 | 1;
  /** colour of what comes in from outside */
  readonly fill: readonly number[];
}

export type Operation = (image: ByteImage, dose: Dose) => void;

const LARGEST_MAGNITUDE = 10;
const CHANCE = 0.5;
const LARGEST_ANGLE = Math.PI / 6;
const LARGEST_SHEAR = 0.3;
const LARGEST_SHARE_MOVED = 0.45;

/** 1 changes nothing; 0.1 to 1.9. */
const factorOf = ({ level, sign }: Dose) => Math.max(0.1, 1 + sign * 0.9 * level);

/** A transform about the middle of the image. */
function turned({ rows, columns }: ByteImage, angle: number): Affine {
  const [cosine, sine, x, y] = [Math.cos(angle), Math.sin(angle), columns / 2, rows / 2];
  return [cosine, -sine, x - cosine * x + sine * y, sine, cosine, y - sine * x - cosine * y];
}

/** The table of operations. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  autoContrast,
  equalize,
  invert: (image) => mapBytes(image, () => byteTable((byte) => 255 - byte)),
  rotate: (image, { level, sign, fill }) => transform(image, turned(image, sign * level * LARGEST_ANGLE), fill),
  posterize: (image, { level }) =>
    mapBytes(image, () => byteTable((byte) => byte & ~(2 ** (4 + Math.trunc(4 * level)) - 1))),
  solarize: (image, { level }) =>
    mapBytes(image, () => byteTable((byte) => (byte < 256 - Math.trunc(256 * level) ? byte : 255 - byte))),
  solarizeAdd: (image, { level }) =>
    mapBytes(image, () => byteTable((byte) => (byte < 128 ? byte + Math.trunc(110 * level) : byte))),
  colour: (image, dose) => blend(image, (place) => brightnessAt(image, place), factorOf(dose)),
  contrast: (image, dose) => {
    const grey = meanBrightness(image);
    blend(image, () => grey, factorOf(dose));
  },
  brightness: (image, dose) => blend(image, () => 0, factorOf(dose)),
  sharpness: (image, dose) => blend(image, (place) => smoothAt(image, place), factorOf(dose)),
  shearX: (image, { level, sign, fill }) => transform(image, [1, sign * level * LARGEST_SHEAR, 0, 0, 1, 0], fill),
  shearY: (image, { level, sign, fill }) => transform(image, [1, 0, 0, sign * level * LARGEST_SHEAR, 1, 0], fill),
  translateX: (image, { level, sign, fill }) =>
    transform(image, [1, 0, sign * level * LARGEST_SHARE_MOVED * image.columns, 0, 1, 0], fill),
  translateY: (image, { level, sign, fill }) =>
    transform(image, [1, 0, 0, 0, 1, sign * level * LARGEST_SHARE_MOVED * image.rows], fill),
};

const NAMES = Object.keys(OPERATIONS);

/** What an image goes through: operations in order, each at its dose. */
export function drawOperations(
  { operations, magnitude, deviation }: NonNullable<Augmentation["randAugment"]>,
  random: Random,
): { readonly name: string; readonly level: number; readonly sign: -1 | 1 }[] {
  return Array.from({ length: operations }, () => {
    const [name, isApplied] = [NAMES[random.integer(NAMES.length)]!, random.uniform() < CHANCE];
    const drawn = magnitude + deviation * random.normal();
    const level = Math.min(LARGEST_MAGNITUDE, Math.max(0, drawn)) / LARGEST_MAGNITUDE;
    return { name, level, sign: random.uniform() < 0.5 ? (-1 as const) : (1 as const), isApplied };
  }).filter(({ isApplied }) => isApplied);
}

/** Changes a normalised image in place; what comes in from outside has the mean colour of the training images. */
export function randAugment(
  { pixels, shape }: ImageView,
  rule: NonNullable<Augmentation["randAugment"]>,
  { random, statistics }: { readonly random: Random; readonly statistics: PixelStatistics },
): void {
  const drawn = drawOperations(rule, random);
  if (drawn.length === 0) return;
  const { mean, deviation } = statistics;
  const [rows, columns, channels] = shape.slice(-3) as [number, number, number];
  const size = rows * columns * channels;
  const fill = mean.map((value) => Math.round(255 * value));
  for (let frame = 0; frame < pixels.length; frame += size) {
    const values = pixels.subarray(frame, frame + size);
    const bytes = Uint8ClampedArray.from(
      values,
      (value, i) => 255 * (value * deviation[i % channels]! + mean[i % channels]!),
    );
    const image: ByteImage = { pixels: new Uint8Array(bytes.buffer), rows, columns, channels };
    for (const { name, level, sign } of drawn) OPERATIONS[name]!(image, { level, sign, fill });
    for (let i = 0; i < size; i++)
      values[i] = (image.pixels[i]! / 255 - mean[i % channels]!) / deviation[i % channels]!;
  }
}
