// Weights that turn a condition into shifts, scales and gates; no tensor library.

import { constantWeight, within, type WeightDeclaration } from "./weights.ts";

/** A linear map from the condition to `parts` vectors of width C, starting at 0. */
export function modulationWeights(path: string, C: number, parts: number): WeightDeclaration[] {
  return within(path, [
    { ...constantWeight("w", [C, parts * C], 0), decays: true, appliedPer: "example" },
    constantWeight("bias", [parts * C], 0),
  ]);
}
