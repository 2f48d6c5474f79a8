// The classifier without a token mixer: softmax regression on pixels, trained on the very images the others are trained on.

import type { Bytes } from "#base/units";
import type { PixelStatistics } from "#data/batches";
import type { ImageSplit } from "#data/sets/dataset";
import { trainLinearModel, type SparseFeatures } from "../linear-model.ts";
import { ClassificationScores } from "./metrics.ts";

const EPOCHS = 2;
/** Images that are decoded on demand are decoded once for both passes; where they would take more, there is no baseline. */
const MOST_DECODED: Bytes = 2 ** 28;

export interface PixelData {
  readonly train: ImageSplit;
  readonly test: ImageSplit;
  readonly classes: number;
  readonly statistics: PixelStatistics;
}

/**
 * Scores of softmax regression on the test images.
 *
 * @returns undefined where the decoded images would not fit into memory
 * @throws {DataError} a damaged image
 */
export async function linearOnPixels({
  train,
  test,
  classes,
  statistics,
}: PixelData): Promise<Record<string, number> | undefined> {
  const size = train.shape.reduce((product, extent) => product * extent, 1);
  const decodedBytes = [train, test].map(({ decode, count }) => (decode === undefined ? 0 : count * size));
  if (decodedBytes.some((bytes) => bytes > MOST_DECODED)) return undefined;
  const predict = trainLinearModel({
    count: train.count,
    features: size,
    example: await featuresOf(train, size, statistics),
    labels: train.labels,
    classes,
    epochs: EPOCHS,
  });
  const held = await featuresOf(test, size, statistics);
  const scores = new ClassificationScores(classes);
  for (let item = 0; item < test.count; item++)
    scores.add(Float32Array.from(predict(held(item))), [test.labels[item]!]);
  return scores.totals();
}

/** Normalised pixels over √size, so that the length of an example is about 1. */
async function featuresOf(
  split: ImageSplit,
  size: number,
  { mean, deviation }: PixelStatistics,
): Promise<(item: number) => SparseFeatures> {
  const places = Array.from({ length: size }, (_, i) => i);
  const scale = 1 / Math.sqrt(size);
  const channels = mean.length;
  const bytes =
    split.decode === undefined
      ? split.pixels
      : await split.decode(Int32Array.from({ length: split.count }, (_, i) => i));
  return (item) => {
    const values = new Float64Array(size);
    for (let i = 0; i < size; i++)
      values[i] = (scale * (bytes[item * size + i]! / 255 - mean[i % channels]!)) / deviation[i % channels]!;
    return { places, values };
  };
}
