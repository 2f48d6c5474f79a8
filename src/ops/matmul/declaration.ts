// A batched product of matrices, as far as it needs no tensor library: no token mixer, but what all of them are made of.

import { foreignField, gridMismatch } from "../grid.ts";
import { leastWork } from "../least-work.ts";
import type { OperatorDeclaration } from "../operator.ts";
import { matmulReference } from "./reference.ts";

export const matmul: OperatorDeclaration = {
  id: "matmul",
  title: "Product of matrices",
  strategies: ["engine"],
  inputShapes: (_spec, { B, H, N, D, E }) => ({ a: [B, H, N, D], b: [B, H, D, E] }),
  impossible(spec, shape) {
    if (spec.causal) return "a product of matrices has no causal form";
    const foreign = foreignField(spec, []);
    return foreign === undefined ? gridMismatch(shape) : `a product of matrices has no ${foreign}`;
  },
  work(spec, shape, pass) {
    const { B, H, N, D, E } = shape;
    // The backward pass is two products more, of the same size.
    const flops = (pass === "forward" ? 1 : 3) * 2 * B * H * N * D * E;
    return { flops, ...leastWork(Object.values(matmul.inputShapes(spec, shape)), shape, pass, []) };
  },
  reference: matmulReference,
  load: async () => (await import("./strategies.ts")).matmulStrategies,
};
