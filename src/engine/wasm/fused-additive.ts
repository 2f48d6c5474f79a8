// The additive operator on our kernels: one call per batch and head.

import { ShapeError } from "#base/errors";
import type { AdditiveEncodedInputs, FusedKernels } from "../kernels.ts";
import type * as tf from "../tf.ts";
import type { Heap } from "./heap.ts";

const BYTES = 4;

/** Addresses of the given tensors' parts that belong to row `i` of G, or of `rows`; 0 for what was not given. */
export function rowAddresses(
  heap: Heap,
  where: string,
  tensors: Readonly<Record<string, tf.Tensor | undefined>>,
  rows?: number,
): (i: number) => number[] {
  const starts = Object.entries(tensors).map(([name, tensor]) => ({
    address: tensor === undefined ? 0 : heap.address(tensor, where, name),
    stride: tensor === undefined ? 0 : (BYTES * tensor.size) / (rows ?? tensor.shape[0]!),
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
      const top = heap.tensor<tf.Tensor2D>([G, D]);
      const weight = heap.tensor<tf.Tensor2D>([G, D]);
      const row = rowAddresses(heap, where, { q, g, v, k, out, state, top, weight });
      const space = scratch(D, E);
      for (let i = 0; i < G; i++) heap.module["additiveGlobalForward"]!(...row(i), N, D, E, space);
      return { out, state, top, weight };
    },
    backward({ q, g, v, k, state, top, weight }, cotangents) {
      const { G, N, D, E } = heap.sizes({ q, g, v, k }, where);
      const [dq, dg, dv] = [heap.tensor([G, N, D]), heap.tensor([G, N, D]), heap.tensor([G, N, E])];
      const dk = k === undefined ? undefined : heap.tensor([G, N, D]);
      const { out: dOut, state: dState, lse: dLse } = cotangents;
      const row = rowAddresses(heap, where, { q, g, v, k, state, top, weight, dOut, dState, dLse, dq, dg, dv, dk });
      const space = scratch(D, E);
      for (let i = 0; i < G; i++) heap.module["additiveGlobalBackward"]!(...row(i), N, D, E, space);
      return { q: dq, g: dg, v: dv, ...(dk === undefined ? {} : { k: dk }) };
    },
  };
}

export function additiveEncoded(heap: Heap): NonNullable<FusedKernels["additiveEncoded"]> {
  const where = "additive (fused, encoded)";
  const prepare = ({ q, g, v, table }: AdditiveEncodedInputs) => {
    const sizes = heap.sizes({ q, g, v }, where);
    const { G, N, D, E } = sizes;
    const H = table.shape[0];
    if (G % H !== 0 || table.shape[1] !== N || table.shape[2] !== 2 * D)
      throw new ShapeError(where, "table", `[H, ${N}, ${2 * D}], H a divisor of ${G}`, table.shape);
    const start = heap.address(table, where, "table");
    const tableOf = (i: number) => start + (i % H) * BYTES * N * 2 * D;
    return { ...sizes, tableOf, space: heap.scratch(heap.module["additiveEncodedScratchBytes"]!(D, E)) };
  };
  return {
    forward(inputs) {
      const { G, N, D, E, tableOf, space } = prepare(inputs);
      const { q, g, v } = inputs;
      const out = heap.tensor([G, N, E]);
      const state = heap.tensor([G, 2 * D, E]);
      const top = heap.tensor<tf.Tensor2D>([G, D]);
      const weight = heap.tensor<tf.Tensor2D>([G, D]);
      const given = rowAddresses(heap, where, { q, g, v });
      const made = rowAddresses(heap, where, { out, state, top, weight });
      for (let i = 0; i < G; i++)
        heap.module["additiveEncodedForward"]!(...given(i), tableOf(i), ...made(i), N, D, E, space);
      return { out, state, top, weight };
    },
    backward(inputs, { out: dOut }) {
      const { G, N, D, E, tableOf, space } = prepare(inputs);
      const { q, g, v, state, top, weight } = inputs;
      const [dq, dg, dv] = [heap.tensor([G, N, D]), heap.tensor([G, N, D]), heap.tensor([G, N, E])];
      const given = rowAddresses(heap, where, { q, g, v });
      const rest = rowAddresses(heap, where, { state, top, weight, dOut, dq, dg, dv });
      for (let i = 0; i < G; i++)
        heap.module["additiveEncodedBackward"]!(...given(i), tableOf(i), ...rest(i), N, D, E, space);
      return { q: dq, g: dg, v: dv };
    },
  };
}
