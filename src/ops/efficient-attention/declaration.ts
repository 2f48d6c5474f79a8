// Efficient Attention (Shen et al., arXiv:1812.01243), as far as it needs no tensor library.

import { additiveWork } from "../additive/cost.ts";
import { foreignField, gridMismatch } from "../grid.ts";
import type { OperatorDeclaration } from "../operator.ts";
import { efficientAttentionReference } from "./reference.ts";

export const efficientAttention: OperatorDeclaration = {
  id: "efficient-attention",
  title: "Efficient Attention (softmax of q over channels, of k over tokens)",
  strategies: ["global", "global-pairwise", "fused"],
  inputShapes: (_spec, { B, H, N, D, E }) => ({ q: [B, H, N, D], k: [B, H, N, D], v: [B, H, N, E] }),
  impossible(spec, shape) {
    if (spec.causal) return "efficient attention is order-free: it has no causal form";
    const foreign = foreignField(spec, []);
    return foreign === undefined ? gridMismatch(shape) : `efficient attention has no ${foreign}`;
  },
  // k takes the place of g: the products are those of the global additive form.
  work: additiveWork,
  reference: efficientAttentionReference,
  load: async () => (await import("./strategies.ts")).efficientAttentionStrategies,
};
