// Weights of the image classifier, and what its inputs must fulfil; no tensor library.

import { UsageError } from "#base/errors";
import type { ModelSpec } from "#suite/case";
import { backboneWeights, type TokenGrid } from "./backbone-weights.ts";
import { constantWeight, projection, within, type WeightDeclaration } from "./weights.ts";

export interface ClassifierInput {
  /** rows, columns, channels */
  readonly imageShape: readonly [number, number, number];
  readonly classes: number;
}

/**
 * The grid of patches of an image.
 *
 * @throws {UsageError} no patch size, or one that does not divide the image
 */
export function patchGrid(model: ModelSpec, { imageShape }: ClassifierInput): TokenGrid & { readonly patchSize: number } {
  const [height, width, channels] = imageShape;
  const [rows, columns] = model.patch ?? [];
  if (rows === undefined || columns === undefined || height % rows !== 0 || width % columns !== 0) {
    throw new UsageError(`Model ${model.variant}: patches of [${(model.patch ?? []).join(", ")}] pixels do not tile images of ${height}×${width}.`);
  }
  return { grid: [height / rows, width / columns], prefix: 0, patchSize: rows * columns * channels };
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
