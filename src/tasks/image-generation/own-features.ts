// Features to judge generated images by: the last hidden layer of a perceptron of the harness's own.

import type { CleanData } from "./clean-data.ts";
import type { FeatureExtractor } from "./feature-extractor.ts";
import { trainPerceptron, type PerceptronPlan } from "./perceptron.ts";

const HIDDEN = 128;
const WIDTH = 64;

/** How long a perceptron is trained, and who hears that it is. */
export type TrainingLength = Pick<PerceptronPlan, "steps" | "alive">;

/** Trains the extractor on the engine that runs. */
export async function trainOwnFeatures(data: CleanData, training: TrainingLength): Promise<FeatureExtractor> {
  const { name, accuracy, featuresOf, dispose } = await trainPerceptron(data, {
    hidden: HIDDEN,
    width: WIDTH,
    ...training,
  });
  const right = `${(100 * accuracy).toFixed(1)} % right on the scored images`;
  return {
    name: `own features (${WIDTH} values of a perceptron ${name} trained for ${training.steps} steps, ${right})`,
    featuresOf,
    dispose,
  };
}
