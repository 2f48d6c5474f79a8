// All weights of a model, whatever its task, and the hidden width of the GLU that makes models equally large.

import type { ModelSpec } from "#case/case";
import { denoiserWeights } from "./denoiser.ts";
import { imageClassifierWeights, patchGrid } from "./image-classifier.ts";
import { languageModelWeights, textGrid } from "./language-model.ts";
import type { TokenGrid } from "./backbone.ts";
import type { ModelInput } from "./model-input.ts";
import { countParameters, type WeightDeclaration } from "./weights.ts";

/** How the tokens of a model stand. @throws {UsageError} patches that do not tile the image, a grid that does not hold the tokens */
export function tokenGrid(model: ModelSpec, input: ModelInput): TokenGrid {
  return input.kind === "text" ? textGrid(input) : patchGrid(model, input);
}

/** @throws {UsageError} as `tokenGrid` does */
export function modelWeights(model: ModelSpec, input: ModelInput): WeightDeclaration[] {
  switch (input.kind) {
    case "images":
      return imageClassifierWeights(model, input);
    case "denoiser":
      return denoiserWeights(model, input);
    case "text":
      return languageModelWeights(model, input);
  }
}

/** Number of trained values of a model. */
export function parametersOf(model: ModelSpec, input: ModelInput): number {
  return countParameters(modelWeights(model, input));
}

/**
 * Hidden width of the GLU, a multiple of 4, with which a model has as nearly as possible `parameters` in all.
 *
 * @param model its own `gluWidth` does not matter
 */
export function matchGluWidth(model: ModelSpec, input: ModelInput, parameters: number): number {
  const count = (gluWidth: number) => parametersOf({ ...model, gluWidth }, input);
  const each = count(2) - count(1);
  return Math.max(4, 4 * Math.round((parameters - count(0)) / each / 4));
}
