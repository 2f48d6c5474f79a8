// Augmented training batches: every image changed by itself, then the batch mixed with itself in another order. All of
// it is a function of the stream of random numbers given, so that a step is the same on every machine, and resumed.

import type { Random } from "#base/random";
import type { Augmentation } from "#case/case";
import type { Box } from "#data/sets/dataset";
import { drawBox, drawCrop, enlarge, erase, mirror, paste, shift, type ImageView } from "./augment-image.ts";
import type { ImageBatch, PixelStatistics } from "#data/batches";
import { symmetricBeta } from "./beta.ts";
import { randAugment } from "./rand-augment.ts";

/** Random erasing as timm's: 2 to 33 % of the area, aspect 0.3 to 3.3. */
const ERASED = { least: 0.02, most: 1 / 3, ratio: 1 / 0.3 };

/** Images with a distribution over the classes each. */
export interface SoftBatch {
  readonly count: number;
  /** [count, ...shape], normalised */
  readonly pixels: Float32Array<ArrayBuffer>;
  /** [count, classes], rows sum to 1 */
  readonly targets: Float32Array<ArrayBuffer>;
}

/** One-hot rows mixed with the uniform distribution: (1 − s)·1[c = label] + s/classes. @returns [labels.length, classes] */
export function softTargets(labels: Int32Array, classes: number, smoothing: number): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(labels.length * classes).fill(smoothing / classes);
  labels.forEach((label, item) => (rows[item * classes + label]! += 1 - smoothing));
  return rows;
}

export interface AugmentOptions extends Augmentation {
  readonly random: Random;
  /** what the pixels were normalised with */
  readonly statistics: PixelStatistics;
}

/**
 * Changes a batch as a recipe says, in place: enlarged crop, mirror, shift, RandAugment and erasing image by image; then mixup
 * (H. Zhang et al., arXiv 1710.09412) or cutmix (S. Yun et al., arXiv 1905.04899), one of them a batch, each with
 * probability 1/2 where a recipe has both, with one λ for the batch as in timm.
 */
export function augment(batch: SoftBatch, shape: readonly number[], { random, ...rules }: AugmentOptions): SoftBatch {
  for (let item = 0; item < batch.count; item++)
    augmentImage(viewOf(batch, shape, item), rules, random.fork(`image ${item}`));
  const { mixup, cutmix } = rules;
  if (mixup === undefined && cutmix === undefined) return batch;
  const mixing = random.fork("mixing");
  const partners = mixing.shuffle(Array.from({ length: batch.count }, (_, i) => i));
  const isMixup = cutmix === undefined || (mixup !== undefined && mixing.uniform() < 0.5);
  if (isMixup) mixBatch(batch, partners, symmetricBeta(mixing, mixup!));
  else cutMixBatch(batch, shape, { partners, box: cutBox(shape, symmetricBeta(mixing, cutmix), mixing) });
  return batch;
}

function augmentImage(image: ImageView, rules: Omit<AugmentOptions, "random">, random: Random): void {
  if (rules.cropArea !== undefined) {
    const box = drawCrop(random, image.shape, rules.cropArea);
    if (box !== undefined) enlarge(image, box);
  }
  if (rules.flip === true && random.uniform() < 0.5) mirror(image);
  if (rules.shift !== undefined) {
    const [down, right] = [
      random.integer(2 * rules.shift + 1) - rules.shift,
      random.integer(2 * rules.shift + 1) - rules.shift,
    ];
    shift(image, down, right);
  }
  if (rules.randAugment !== undefined)
    randAugment(image, rules.randAugment, { random: random.fork("RandAugment"), statistics: rules.statistics });
  if (rules.erase !== undefined && random.uniform() < rules.erase) {
    const box = drawBox(random, image.shape, ERASED);
    if (box !== undefined) erase(image, box, random);
  }
}

function viewOf({ pixels }: Pick<ImageBatch, "pixels">, shape: readonly number[], item: number): ImageView {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return { pixels: pixels.subarray(item * size, (item + 1) * size), shape };
}

/** x ← λx + (1 − λ)x', targets alike. */
export function mixBatch(batch: SoftBatch, partners: readonly number[], lambda: number): void {
  mixRows(batch.pixels, partners, lambda);
  mixRows(batch.targets, partners, lambda);
}

function mixRows(values: Float32Array, partners: readonly number[], lambda: number): void {
  const before = values.slice();
  const size = values.length / partners.length;
  for (const [item, partner] of partners.entries()) {
    const away = (partner - item) * size;
    for (let i = item * size; i < (item + 1) * size; i++)
      values[i] = lambda * before[i]! + (1 - lambda) * before[i + away]!;
  }
}

/** A box of the share 1 − λ of the image around a uniform place, cut off at the borders. */
export function cutBox(shape: readonly number[], lambda: number, random: Random): Box {
  const [rows, columns] = shape.slice(-3) as [number, number];
  const span = (extent: number) => {
    const half = (extent * Math.sqrt(1 - lambda)) / 2;
    const centre = random.integer(extent);
    const start = Math.max(0, Math.round(centre - half));
    return [start, Math.max(0, Math.min(extent, Math.round(centre + half)) - start)] as const;
  };
  const [top, height] = span(rows);
  const [left, width] = span(columns);
  return { top, left, height, width };
}

/** Pastes the box of each partner; λ of the targets is the share of the image that is its own. */
export function cutMixBatch(
  batch: SoftBatch,
  shape: readonly number[],
  { partners, box }: { readonly partners: readonly number[]; readonly box: Box },
): void {
  const before = batch.pixels.slice();
  const [rows, columns] = shape.slice(-3) as [number, number];
  for (const [item, partner] of partners.entries())
    paste(viewOf(batch, shape, item), viewOf({ pixels: before }, shape, partner).pixels, box);
  mixRows(batch.targets, partners, 1 - (box.height * box.width) / (rows * columns));
}
