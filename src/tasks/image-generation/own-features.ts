// Features to judge generated images by: the last hidden layer of a perceptron of the harness's own.

import type { CleanData } from "./clean-data.ts";
import type { FeatureExtractor } from "./feature-extractor.ts";
import { trainPerceptron } from "./perceptron.ts";

const HIDDEN = 128;
const WIDTH = 64;

/** Trains the extractor on the engine that runs. */
export async function trainOwnFeatures(data: CleanData, steps: number): Promise<FeatureExtractor> {
  const { name, accuracy, featuresOf, dispose } = await trainPerceptron(data, { hidden: HIDDEN, width: WIDTH, steps });
  const right = `${(100 * accuracy).toFixed(1)} % right on the scored images`;
  return {
    name: `own features (${WIDTH} values of a perceptron ${name} trained for ${steps} steps, ${right})`,
    featuresOf,
    dispose,
  };
}
