// Generated images judged against real ones: by features of the harness's own, and by Inception's where its weights are
// given. The two are scores of different names and are never mixed.

import { distanceOfFeatures } from "./frechet.ts";
import { classAgreement, trainJudge } from "./class-agreement.ts";
import { isPicture, type CleanData, type CleanSplit } from "./clean-data.ts";
import { judge, mostNeighbourhoods, type FeatureExtractor } from "./feature-extractor.ts";
import { inceptionScoreNames, loadInceptionFeatures, type InceptionOptions } from "./inception-features.ts";
import type { Conclusion } from "#training/objective";
import { trainOwnFeatures, type TrainingLength } from "./own-features.ts";

export interface Drawn {
  /** of the trained model, [count, ...shape] */
  readonly samples: Float32Array;
  /** of the denoiser that sees no noise anywhere */
  readonly blind: Float32Array;
  readonly count: number;
}

type Judged = Pick<Conclusion, "scores" | "trivialScores"> & { readonly method: string };

/** By a classifier of real images: do the samples show the class that was asked for? */
export async function judgedByClass(
  { samples, blind, count }: Drawn,
  data: CleanData,
  training: TrainingLength,
): Promise<Judged> {
  const judge = await trainJudge(data, training);
  try {
    const right = `${(100 * judge.accuracy).toFixed(1)} % right on the scored images`;
    return {
      scores: { classAgreement: await classAgreement(judge, samples, count), judgeAccuracy: judge.accuracy },
      trivialScores: { classAgreement: await classAgreement(judge, blind, count), judgeAccuracy: judge.accuracy },
      method: `class agreement by a perceptron ${judge.name} trained for ${training.steps} steps, ${right}`,
    };
  } finally {
    judge.dispose();
  }
}

/** Against as many scored images; the distance of as many training images says what is near. */
export async function judgedByOwnFeatures(
  { samples, blind, count }: Drawn,
  data: CleanData,
  training: TrainingLength,
): Promise<Judged> {
  const { train, test } = data;
  const extractor = await trainOwnFeatures(data, training);
  try {
    const [real, others] = [await firstOf(extractor, test, count), await firstOf(extractor, train, count)];
    const scoresOf = async (values: Float32Array) => {
      const { distance, precision, recall } = judge(real, await extractor.featuresOf(values, count));
      return { fdOwn: distance, precisionOwn: precision, recallOwn: recall };
    };
    const floor = distanceOfFeatures(real, others).toPrecision(3);
    const method = `Fréchet distance (no FID), precision and recall against ${real.count} scored images on ${extractor.name}; ${others.count} training images have a distance of ${floor}`;
    return { scores: await scoresOf(samples), trivialScores: await scoresOf(blind), method };
  } finally {
    extractor.dispose();
  }
}

/**
 * Against as many training images, as published distances are taken. Latents have no pixels that the network could see.
 *
 * @throws {DataError} damaged weights
 */
export async function judgedByInception(
  { samples, blind, count }: Drawn,
  data: CleanData,
  options: Omit<InceptionOptions, "imageShape">,
): Promise<Judged> {
  if (!isPicture(data))
    return { scores: {}, trivialScores: {}, method: "no Inception features: these are no images in grey or colour" };
  const extractor = await loadInceptionFeatures({ ...options, imageShape: data.shape });
  try {
    const real = await firstOf(extractor, data.train, count);
    const names = inceptionScoreNames(count, real.count);
    const scoresOf = async (values: Float32Array) => {
      const { distance, precision, recall } = judge(real, await extractor.featuresOf(values, count));
      return { [names.distance]: distance, [names.precision]: precision, [names.recall]: recall };
    };
    const title = names.distance === "fid50k" ? "FID-50K" : `FD (Inception, ${count} samples)`;
    const most = mostNeighbourhoods(real.width);
    const neighbourhoods =
      Math.max(count, real.count) > most ? `, precision and recall on the first ${most} of either` : "";
    const method = `${title} against ${real.count} training images on ${extractor.name}${neighbourhoods}`;
    return { scores: await scoresOf(samples), trivialScores: await scoresOf(blind), method };
  } finally {
    extractor.dispose();
  }
}

async function firstOf(extractor: FeatureExtractor, split: CleanSplit, count: number) {
  const numbers = Array.from({ length: Math.min(count, split.count) }, (_, i) => i);
  return extractor.featuresOf(split.values(numbers), numbers.length);
}
