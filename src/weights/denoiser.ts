// Weights of the denoiser, a diffusion transformer on the shared stack; no tensor library.

import type { ModelSpec } from "#case/case";
import type { DenoiserInput } from "./model-input.ts";
import { backboneWeights } from "./backbone.ts";
import { patchGrid } from "./image-classifier.ts";
import { constantWeight, drawnWeight, projection, within, type WeightDeclaration } from "./weights.ts";

/** Sines and cosines of the time step. @source Peebles and Xie's code */
export const TIME_FREQUENCIES = 256;

/**
 * Patch embedding, embeddings of time step and class, the stack with norms from their sum, and a linear map back to
 * patches. The last one starts at zero, so that training starts at predicting no noise: an error of 1.
 *
 * @source Peebles and Xie, arXiv 2212.09748; only ε is predicted, not its variance
 */
export function denoiserWeights(model: ModelSpec, input: Omit<DenoiserInput, "kind">): WeightDeclaration[] {
  const { patchSize, ...tokens } = patchGrid(model, input);
  const { width: C } = model;
  const perExample = (weight: WeightDeclaration): WeightDeclaration => ({ ...weight, appliedPer: "example" });
  return [
    ...within("embedding", [projection("w", patchSize, C), constantWeight("bias", [C], 0)]),
    ...within("time", [
      perExample(projection("w1", TIME_FREQUENCIES, C)),
      constantWeight("bias1", [C], 0),
      perExample(projection("w2", C, C)),
      constantWeight("bias2", [C], 0),
    ]),
    // One row more than there are classes: the condition "no class", which guidance needs.
    drawnWeight("classes", [input.classes + 1, C], (random) => 0.02 * random.normal()),
    ...backboneWeights(model, tokens, "condition"),
    { ...constantWeight("head.w", [C, patchSize], 0), decays: true, appliedPer: "token" },
    constantWeight("head.bias", [patchSize], 0),
  ];
}
