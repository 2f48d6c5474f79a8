// Image classifier: patches, embedding, the shared stack, mean over the tokens, linear head. Mean pooling instead of
// a class token: a first token would see nothing in a causal mixer, and every contender has the same head.

import { inModule } from "#base/scopes";
import * as tf from "#engine/tf";
import type { ModelSpec } from "#case/case";
import { createBackbone, type ModelOptions, type Regularisation } from "#models/backbone";
import { dense } from "#models/layers";
import { withWeights, type Parameters } from "#models/parameters";
import { imageClassifierWeights, patchGrid, type ClassifierInput } from "#weights/image-classifier";

export interface ImageClassifier {
  readonly parameters: Parameters;
  /** Patches as `patchify` lays them out [B, N, patchSize] → logits [B, classes]. */
  forward(patches: tf.Tensor, regularisation?: Regularisation): tf.Tensor2D;
}

/** @throws {UsageError} patches that do not tile the image, or a mixer impossible on their grid */
export async function createImageClassifier(
  model: ModelSpec,
  input: ClassifierInput,
  { seed, ...tools }: ModelOptions,
): Promise<ImageClassifier> {
  const tokens = patchGrid(model, input);
  return withWeights(imageClassifierWeights(model, input), seed, async (parameters) => {
    const backbone = await createBackbone(model, tokens, parameters, tools);
    const [embedding, head] = [parameters.under("embedding"), parameters.under("head")];
    return {
      parameters,
      forward(patches, regularisation) {
        const embedded = inModule("embedding", () => dense(patches, embedding("w"), embedding("bias"))); // [B, N, C]
        const features = backbone(embedded, regularisation);
        // the mean over the tokens: [B, C]
        return inModule("head", () => dense(tf.mean(features, 1), head("w"), head("bias")) as tf.Tensor2D);
      },
    };
  });
}
