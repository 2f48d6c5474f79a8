// Softmax attention on our kernels, tile by tile.

import { ShapeError } from "#base/errors";
import type { AttentionInputs, FusedKernels } from "../kernels.ts";
import type * as tf from "../tf.ts";
import { rowAddresses } from "./fused-additive.ts";
import type { Heap } from "./heap.ts";

export function attention(heap: Heap): NonNullable<FusedKernels["attention"]> {
  const where = "softmax (fused)";
  const prepare = ({ q, k, v, visible, scale, causal }: AttentionInputs) => {
    const sizes = heap.sizes({ q, k, v }, where);
    const { G, N, D, E } = sizes;
    if (visible !== undefined && (visible.shape[0] !== G || visible.shape[1] !== N))
      throw new ShapeError(where, "visible", `[${G}, ${N}]`, visible.shape);
    const options = [N, D, E, scale, +causal, heap.scratch(heap.module["attentionScratchBytes"]!(N, D, E))] as const;
    return { ...sizes, options };
  };
  return {
    forward(inputs) {
      const { G, N, E, options } = prepare(inputs);
      const { q, k, v, visible } = inputs;
      const out = heap.tensor([G, N, E]);
      const rowLse = heap.tensor<tf.Tensor2D>([G, N]);
      const row = rowAddresses(heap, where, { q, k, v, visible, out, rowLse });
      for (let i = 0; i < G; i++) heap.module["attentionForward"]!(...row(i), ...options);
      return { out, rowLse };
    },
    backward(inputs, { out: dOut }) {
      const { G, N, D, E, options } = prepare(inputs);
      const { q, k, v, visible, out, rowLse } = inputs;
      const [dq, dk, dv] = [heap.tensor([G, N, D]), heap.tensor([G, N, D]), heap.tensor([G, N, E])];
      const row = rowAddresses(heap, where, { q, k, v, visible, out, rowLse, dOut, dq, dk, dv });
      for (let i = 0; i < G; i++) heap.module["attentionBackward"]!(...row(i), ...options);
      return { q: dq, k: dk, v: dv };
    },
  };
}
