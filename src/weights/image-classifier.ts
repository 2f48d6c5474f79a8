// Weights of the image classifier, and what its inputs must fulfil; no tensor library.

import { UsageError } from "#base/errors";
import type { ModelSpec } from "#case/case";
import type { ImageInput } from "./model-input.ts";
import { backboneWeights, type TokenGrid } from "./backbone.ts";
import { constantWeight, projection, sizeOf, within, type WeightDeclaration } from "./weights.ts";

export type ClassifierInput = Omit<ImageInput, "kind">;

/**
 * The grid of patches of an image.
 *
 * @throws {UsageError} no patch size, or one that does not divide the image
 */
export function patchGrid(
  model: ModelSpec,
  { imageShape }: ClassifierInput,
): TokenGrid & { readonly patchSize: number } {
  const extents = imageShape.slice(0, -1);
  const { patch = [] } = model;
  if (patch.length !== extents.length || extents.some((extent, axis) => extent % patch[axis]! !== 0)) {
    throw new UsageError(
      `Model ${model.variant}: patches of [${patch.join(", ")}] pixels do not tile images of ${extents.join("×")}.`,
    );
  }
  return {
    grid: extents.map((extent, axis) => extent / patch[axis]!),
    prefix: 0,
    patchSize: sizeOf(patch) * imageShape.at(-1)!,
  };
}

/** Patch embedding, stack, mean over tokens, head. The head starts at zero, so that training starts at ln(classes) nats. */
export function imageClassifierWeights(model: ModelSpec, input: ClassifierInput): WeightDeclaration[] {
  const { patchSize, ...tokens } = patchGrid(model, input);
  const { width: C } = model;
  return [
    ...within("embedding", [projection("w", patchSize, C), constantWeight("bias", [C], 0)]),
    ...backboneWeights(model, tokens),
    { ...constantWeight("head.w", [C, input.classes], 0), decays: true, appliedPer: "example" },
    constantWeight("head.bias", [input.classes], 0),
  ];
}
