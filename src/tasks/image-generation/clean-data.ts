// What a denoiser is trained on and scored with: images in [−1, 1], or latents as they are, behind one face.

import { UsageError } from "#base/errors";
import type { Recipe } from "#case/case";
import { keptOf, type ImageData, type ImageSplit, type LatentData } from "#data/sets/dataset";
import { datasets } from "#data/sets/registry";
import { cleanImages } from "./clean-images.ts";

export interface CleanSplit {
  readonly count: number;
  /** [count], class numbers from 0 */
  readonly labels: ArrayLike<number>;
  /** values of the examples with these numbers, [numbers.length, ...shape] */
  values(numbers: ArrayLike<number>): Float32Array<ArrayBuffer>;
}

export interface CleanData {
  readonly label: string;
  readonly synthetic: boolean;
  /** extents along the axes, then channels */
  readonly shape: readonly number[];
  readonly classes: readonly string[];
  /** images, of bytes in the end; latents otherwise, which have no limits and no picture */
  readonly isImages: boolean;
  readonly train: CleanSplit;
  readonly test: CleanSplit;
}

/**
 * The data of a case, as far as its recipe takes them.
 *
 * @throws {UsageError} a data set of neither images nor latents
 * @throws {DataError} files missing or damaged
 */
export function cleanDataOf(id: string, dataDir: string | undefined, recipe: Recipe): CleanData {
  const dataset = datasets.get(id);
  if (dataset.kind !== "images" && dataset.kind !== "latents")
    throw new UsageError(`Data set ${id} holds ${dataset.kind}, and images or latents are needed.`);
  const { data, test, train } =
    dataset.kind === "images" ? imagesOf(dataset.load(dataDir)) : latentsOf(dataset.load(dataDir));
  const all = part(train, 0, recipe.trainExamples);
  const named = all.count === train.count ? data.label : `${data.label}, first ${all.count} to train`;
  const isHeldOut = recipe.scoredOn === "validation";
  const kept = isHeldOut ? keptOf(all.count) : all.count;
  return {
    label: isHeldOut ? `${named}, scored on held-out training images` : named,
    synthetic: data.synthetic,
    shape: dataset.kind === "images" ? dataset.imageShape : dataset.latentShape,
    classes: dataset.classes,
    isImages: dataset.kind === "images",
    train: part(all, 0, kept),
    test: part(isHeldOut ? part(all, kept) : test, 0, recipe.testExamples),
  };
}

function imagesOf(data: ImageData) {
  const clean = (split: ImageSplit): CleanSplit => ({
    count: split.count,
    labels: split.labels,
    values: (numbers) => cleanImages(split, numbers),
  });
  return { data, train: clean(data.train), test: clean(data.test) };
}

function latentsOf(data: LatentData) {
  return { data, train: data.train, test: data.test };
}

/** Examples `start` to `end`, as far as there are so many. */
function part({ count, labels, values }: CleanSplit, start: number, end = count): CleanSplit {
  const last = Math.min(end, count);
  return {
    count: last - start,
    labels: Array.prototype.slice.call(labels, start, last) as number[],
    values: (numbers) => values(Array.from(numbers, (number) => number + start)),
  };
}

/** Whether examples can be shown, and judged by a network for photographs: images in grey or colour. */
export function isPicture({ isImages, shape }: Pick<CleanData, "isImages" | "shape">): boolean {
  return isImages && shape.length === 3 && (shape[2] === 1 || shape[2] === 3);
}
