// A toy operator, o = q (kᵀ v), as far as it needs no tensor library.

import { foreignField, gridMismatch } from "../grid.ts";
import type { OperatorDeclaration } from "../operator.ts";
import { toyProductReference } from "./reference.ts";

const FLOAT_BYTES = 4;

export const toyProduct: OperatorDeclaration = {
  id: "toy-product",
  title: "toy product",
  strategies: ["matrix"],
  inputShapes: (_spec, { B, H, N, D, E }) => ({ q: [B, H, N, D], k: [B, H, N, D], v: [B, H, N, E] }),
  impossible(spec, shape) {
    if (spec.causal) return "the toy product has no causal form";
    const foreign = foreignField(spec, []);
    return foreign === undefined ? gridMismatch(shape) : `the toy product has no ${foreign}`;
  },
  work(_spec, { B, H, N, D, E }, pass) {
    const products = pass === "forward" ? 2 : 6;
    const bytes = FLOAT_BYTES * B * H * N * (2 * D + 2 * E);
    return { flops: 2 * B * H * N * D * E * products, leastBytes: bytes, leastMemory: bytes };
  },
  reference: toyProductReference,
  load: async () => (await import("./strategies.ts")).toyProductStrategies,
};
