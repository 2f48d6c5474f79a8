// How much a layer carries from token to token: what a model can remember by, and the axis on which recall is compared.

import type { Bytes } from "#base/units";
import { traitsOf, type ModelSpec } from "#case/case";
import { wideningOf } from "#weights/angle-forms";
import { modelSizes } from "./sizes/model-sizes.ts";

const FLOAT32: Bytes = 4;

/**
 * Bytes of the recurrent state of one layer and one sequence: H·D·E values of the state, with D doubled by the cosine
 * encodings; one such state for every direction that runs in the layer; H·D more for the log-normaliser of additive
 * decay. Softmax keeps the keys and values of all tokens: 2·N·C values for the N of the model's size.
 *
 * @returns undefined for softmax of a size that is not in the list, or holds no text
 */
export function stateBytes({
  variant,
  width: C,
  heads: H,
  mixer: { operator, encoding },
}: ModelSpec): Bytes | undefined {
  const E = C / H;
  const D = E * wideningOf(encoding);
  const { carries, hasNormaliser } = traitsOf(operator);
  if (carries === "tokens") {
    const input = modelSizes.has(variant) ? modelSizes.get(variant).input : undefined;
    return input?.kind === "text" ? FLOAT32 * input.tokens * H * (D + E) : undefined;
  }
  const directions = (operator.layout ?? "parallel") === "parallel" ? (operator.scans ?? 1) : 1;
  return FLOAT32 * directions * H * D * (E + (hasNormaliser ? 1 : 0));
}
