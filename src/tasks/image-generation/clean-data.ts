// What a denoiser is trained on and scored with: images in [−1, 1], or latents as they are, behind one face.

import { UsageError } from "#base/errors";
import type { Recipe } from "#case/case";
import { firstExamples, VALIDATION_SHARE, type ImageSplit, type LatentSplit } from "#data/sets/dataset";
import { datasets } from "#data/sets/registry";
import { cleanImages } from "./clean-images.ts";
import { labelOf, splitsOf } from "#data/image-splits";

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
  if (dataset.kind === "images") {
    const data = dataset.load(dataDir);
    const { train, scored } = splitsOf(data, recipe);
    const test = firstExamples(scored, recipe.testExamples);
    const { synthetic, classes } = data;
    return {
      label: labelOf(data, train, recipe),
      synthetic,
      shape: train.shape,
      classes,
      isImages: true,
      train: ofImages(train),
      test: ofImages(test),
    };
  }
  if (dataset.kind !== "latents")
    throw new UsageError(`Data set ${id} holds ${dataset.kind}, and images or latents are needed.`);
  const data = dataset.load(dataDir);
  const { latentShape: shape, classes, synthetic } = dataset;
  const all = part(data.train, 0, recipe.trainExamples ?? data.train.count);
  const named = all.count === data.train.count ? data.label : `${data.label}, first ${all.count} to train`;
  if (recipe.scoredOn !== "validation") {
    return {
      label: named,
      synthetic,
      shape,
      classes,
      isImages: false,
      train: all,
      test: part(data.test, 0, recipe.testExamples ?? data.test.count),
    };
  }
  const kept = all.count - Math.ceil(VALIDATION_SHARE * all.count);
  const validation = part(all, kept, all.count);
  const test = part(validation, 0, recipe.testExamples ?? validation.count);
  return {
    label: `${named}, scored on held-out training images`,
    synthetic,
    shape,
    classes,
    isImages: false,
    train: part(all, 0, kept),
    test,
  };
}

function ofImages(split: ImageSplit): CleanSplit {
  return { count: split.count, labels: split.labels, values: (numbers) => cleanImages(split, numbers) };
}

/** Examples `start` to `end`, as far as there are so many. */
function part({ count, labels, values }: CleanSplit | LatentSplit, start: number, end: number): CleanSplit {
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
