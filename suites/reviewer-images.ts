// What the experiments that reviewers asked for share, where they are made on images: data, sizes, seeds, recipe.

import type { Recipe, Scale, TrainingCase } from "#case/case";
import type { SuiteContext } from "#case/suite";
import {
  operatorTrainingCase,
  trainingCase,
  type OperatorTrainingPoint,
  type TrainingPoint,
} from "#catalogue/training-case";
import { IMAGE_RECIPES } from "./image-classification.ts";

const REAL = ["mnist", "fashion-mnist", "cifar-10"];

/** One data set: the synthetic shapes at smoke, the first real set that is here at small, ImageNet at paper. */
export function reviewerDataset({ scale, datasets }: SuiteContext): string {
  if (scale === "paper") return "imagenet-1k";
  const real = REAL.find((id) => datasets.includes(id));
  return scale === "small" && real !== undefined ? real : "synthetic-shapes";
}

/**
 * Smoke trains for two seconds, which shows that everything runs and hardly more. Small has the steps of image-classification, at
 * the rate of its sweep that most models are best at: with half of the steps at 1e-3 no model beats a linear one on pixels.
 */
export const REVIEWER_RECIPES: Readonly<Record<Scale, Recipe>> = {
  smoke: { ...IMAGE_RECIPES.smoke, steps: 50, warmupSteps: 5, testExamples: 256 },
  small: { ...IMAGE_RECIPES.small, learningRate: 3.2e-3 },
  paper: IMAGE_RECIPES.paper,
};

export const REVIEWER_SIZE: Readonly<Record<Scale, string>> = { smoke: "nano", small: "mini", paper: "S" };

export const REVIEWER_SEEDS: Readonly<Record<Scale, number>> = { smoke: 1, small: 3, paper: 3 };

/** At smoke training is far too short for every contender to beat the trivial predictor. */
export function mustLearn({ scale }: SuiteContext): boolean {
  return scale !== "smoke";
}

/** A model on images with what these suites share, unless the point says otherwise. */
export function reviewerCase(
  context: SuiteContext,
  point: Pick<TrainingPoint, "suite" | "model" | "seed"> & Partial<TrainingPoint>,
): TrainingCase {
  return trainingCase(context, { ...sharedBy(context), ...point });
}

/** An operator in LightNet's layer, on the same. */
export function reviewerOperatorCase(
  context: SuiteContext,
  point: Pick<OperatorTrainingPoint, "suite" | "operator" | "seed"> & Partial<OperatorTrainingPoint>,
): TrainingCase {
  return operatorTrainingCase(context, { ...sharedBy(context), ...point });
}

function sharedBy(context: SuiteContext) {
  const { scale } = context;
  return {
    task: "image-classification",
    dataset: reviewerDataset(context),
    size: REVIEWER_SIZE[scale],
    recipe: REVIEWER_RECIPES[scale],
    mustLearn: mustLearn(context),
  };
}
