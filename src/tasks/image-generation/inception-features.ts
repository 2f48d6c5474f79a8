// Features of Inception-v3, from weights that the user gives: what published Fréchet distances are measured with. The
// network runs on the case's engine.

import { host } from "#host/current";
import * as tf from "#engine/tf";
import { createInception, INCEPTION_WIDTH, resized, type Inception } from "./inception/network.ts";
import { openInceptionWeights } from "./inception/weights.ts";
import { sha256OfFile } from "#data/fetch/hash-file";
import { batchesOf, valuesOf } from "#training/evaluation";
import type { Features } from "./frechet.ts";
import type { FeatureExtractor } from "./feature-extractor.ts";

/** An image takes some 30 MB of activations at the widest place. */
const BATCH = 16;

/** Images and real images below which a distance is no FID-50K. */
const FID_IMAGES = 50_000;

export interface InceptionOptions {
  readonly weightsPath: string;
  /** rows, columns, and 1 or 3 channels */
  readonly imageShape: readonly number[];
  /** called at every batch */
  readonly alive: () => void;
}

/**
 * The extractor on the engine that runs.
 *
 * @throws {DataError} weights missing, misshaped or damaged
 */
export async function loadInceptionFeatures({
  weightsPath,
  imageShape,
  alive,
}: InceptionOptions): Promise<FeatureExtractor> {
  const file = openInceptionWeights(weightsPath);
  const sha256 = await sha256OfFile(weightsPath);
  const network = createInception(file);
  return {
    name: `${INCEPTION_WIDTH} features of Inception-v3 (pool3; ${host.files.basename(weightsPath)}, sha256 ${sha256.slice(0, 16)})`,
    featuresOf: (values, count) => featuresOf(network, values, { count, imageShape, alive }),
    dispose: () => network.dispose(),
  };
}

/** Names of the scores: a distance is called FID-50K only on 50 000 images of either kind, else by its number of images. */
export function inceptionScoreNames(
  samples: number,
  real: number,
): Readonly<Record<"distance" | "precision" | "recall", string>> {
  return {
    distance: Math.min(samples, real) >= FID_IMAGES ? "fid50k" : `fdInception.samples${samples}`,
    precision: `precisionInception.samples${samples}`,
    recall: `recallInception.samples${samples}`,
  };
}

interface Batches extends Pick<InceptionOptions, "imageShape" | "alive"> {
  readonly count: number;
}

async function featuresOf(
  network: Inception,
  values: Float32Array,
  { count, imageShape, alive }: Batches,
): Promise<Features> {
  const [rows, columns, channels] = imageShape as [number, number, number];
  const size = rows * columns * channels;
  const found = new Float32Array(count * INCEPTION_WIDTH);
  for (const numbers of batchesOf(count, BATCH)) {
    alive();
    const [start, images] = [numbers[0]!, numbers.length];
    const batch = values.subarray(start * size, (start + images) * size);
    const features = await valuesOf(() =>
      network.features(resized(inColour(tf.tensor4d(batch, [images, rows, columns, channels])))),
    );
    found.set(features, start * INCEPTION_WIDTH);
  }
  return { count, width: INCEPTION_WIDTH, values: found };
}

/** Greyscale as three equal channels. */
function inColour(images: tf.Tensor4D): tf.Tensor4D {
  return images.shape[3] === 1 ? tf.tile(images, [1, 1, 1, 3]) : images;
}
