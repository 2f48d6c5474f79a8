// The additive operator on our kernels: one call per batch and head.

import type { FusedKernels } from "../kernels.ts";
import type * as tf from "../tf.ts";
import type { Heap } from "./heap.ts";

const BYTES = 4;

/** Addresses of the given tensors' parts that belong to row `i` of G; 0 for what was not given. */
export function rowAddresses(heap: Heap, where: string, tensors: Readonly<Record<string, tf.Tensor | undefined>>): (i: number) => number[] {
  const starts = Object.entries(tensors).map(([name, tensor]) => ({
    address: tensor === undefined ? 0 : heap.address(tensor, where, name),
    stride: tensor === undefined ? 0 : (BYTES * tensor.size) / tensor.shape[0]!,
  }));
  return (i) => starts.map(({ address, stride }) => address + i * stride);
}

export function additiveGlobal(heap: Heap): NonNullable<FusedKernels["additiveGlobal"]> {
  const where = "additive (fused, global)";
  const scratch = (D: number, E: number) => heap.scratch(heap.module["additiveGlobalScratchBytes"]!(D, E));
  return {
    forward({ q, g, v, k }) {
      const { G, N, D, E } = heap.sizes({ q, g, v, k }, where);
      const out = heap.tensor([G, N, E]);
      const state = heap.tensor([G, D, E]);
      const lse = heap.tensor<tf.Tensor2D>([G, D]);
      const row = rowAddresses(heap, where, { q, g, v, k, out, state, lse });
      const space = scratch(D, E);
      for (let i = 0; i < G; i++) heap.module["additiveGlobalForward"]!(...row(i), N, D, E, space);
      return { out, state, lse };
    },
    backward({ q, g, v, k, state, lse }, cotangents) {
      const { G, N, D, E } = heap.sizes({ q, g, v, k }, where);
      const [dq, dg, dv] = [heap.tensor([G, N, D]), heap.tensor([G, N, D]), heap.tensor([G, N, E])];
      const dk = k === undefined ? undefined : heap.tensor([G, N, D]);
      const { out: dOut, state: dState, lse: dLse } = cotangents;
      const row = rowAddresses(heap, where, { q, g, v, k, state, lse, dOut, dState, dLse, dq, dg, dv, dk });
      const space = scratch(D, E);
      for (let i = 0; i < G; i++) heap.module["additiveGlobalBackward"]!(...row(i), N, D, E, space);
      return { q: dq, g: dg, v: dv, ...(dk === undefined ? {} : { k: dk }) };
    },
  };
}
