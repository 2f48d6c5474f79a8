// What judges generated images: a network whose features are compared, and the comparison of two sets of them.

import { distanceOfFeatures, type Features } from "./frechet.ts";
import { precisionRecall } from "./precision-recall.ts";

export interface FeatureExtractor {
  /** what it is, for people */
  readonly name: string;
  /** @param values as the denoiser takes them, [count, ...shape] */
  featuresOf(values: Float32Array, count: number): Promise<Features>;
  dispose(): void;
}

/** Work of precision and recall, vectors² × width, that takes about a minute. */
const MOST_WORK = 1e10;

/** Vectors of either kind that precision and recall look at: 12 500 of 64 values, 2209 of 2048. */
export function mostNeighbourhoods(width: number): number {
  return Math.floor(Math.sqrt(MOST_WORK / width));
}

export interface Judgement {
  readonly distance: number;
  readonly precision: number;
  readonly recall: number;
}

/** Fréchet distance on all vectors; precision and recall on the first ones. */
export function judge(real: Features, generated: Features): Judgement {
  return { distance: distanceOfFeatures(real, generated), ...precisionRecall(firstOf(real), firstOf(generated)) };
}

function firstOf({ count, width, values }: Features): Features {
  const kept = Math.min(count, mostNeighbourhoods(width));
  return { count: kept, width, values: values.subarray(0, kept * width) };
}
