// The additive operator on our kernels: one call per batch and head.

import { ShapeError } from "#base/errors";
import type { AdditiveEncodedInputs, FusedKernels } from "../kernels.ts";
import type * as tf from "../tf.ts";
import type { HeadSizes, Heap } from "./heap.ts";

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

/** Multiplications and additions of a pass of the forward direction over a head's tokens: its state made, and asked. */
export const statePassOperations = ({ G, N, D, E }: HeadSizes) => 4 * G * N * D * E;

/** Runs a kernel with one call per row of G: the row's addresses, N, D, E. */
export function perHead(heap: Heap, scratchBytes: (N: number, D: number, E: number) => number) {
  return (kernel: string, sizes: HeadSizes, row: (i: number) => readonly number[]) => {
    const { G, N, D, E } = sizes;
    const calls = (i: number) => [[...row(i), N, D, E]];
    const space = heap.space(scratchBytes(N, D, E));
    heap.run({ kernel, count: G, calls, space, operations: statePassOperations(sizes) });
  };
}

export function additiveGlobal(heap: Heap): NonNullable<FusedKernels["additiveGlobal"]> {
  const where = "additive (fused, global)";
  const each = perHead(heap, (_N, D, E) => heap.module["additiveGlobalScratchBytes"]!(D, E));
  return {
    forward({ q, g, v, k }) {
      const sizes = heap.sizes({ q, g, v, k }, where);
      const { G, N, D, E } = sizes;
      const out = heap.tensor([G, N, E]);
      const state = heap.tensor([G, D, E]);
      const top = heap.tensor<tf.Tensor2D>([G, D]);
      const weight = heap.tensor<tf.Tensor2D>([G, D]);
      const row = rowAddresses(heap, where, { q, g, v, k, out, state, top, weight });
      each("additiveGlobalForward", sizes, row);
      return { out, state, top, weight };
    },
    backward({ q, g, v, k, state, top, weight }, cotangents) {
      const sizes = heap.sizes({ q, g, v, k }, where);
      const { G, N, D, E } = sizes;
      const [dq, dg, dv] = [heap.tensor([G, N, D]), heap.tensor([G, N, D]), heap.tensor([G, N, E])];
      const dk = k === undefined ? undefined : heap.tensor([G, N, D]);
      const { out: dOut, state: dState, lse: dLse } = cotangents;
      const row = rowAddresses(heap, where, { q, g, v, k, state, top, weight, dOut, dState, dLse, dq, dg, dv, dk });
      each("additiveGlobalBackward", sizes, row);
      return { q: dq, g: dg, v: dv, ...(dk === undefined ? {} : { k: dk }) };
    },
  };
}

export function additiveEncoded(heap: Heap): NonNullable<FusedKernels["additiveEncoded"]> {
  const where = "additive (fused, encoded)";
  const each = perHead(heap, (_N, D, E) => heap.module["additiveEncodedScratchBytes"]!(D, E));
  const prepare = ({ q, g, v, table }: AdditiveEncodedInputs) => {
    const sizes = heap.sizes({ q, g, v }, where);
    const { G, N, D } = sizes;
    const H = table.shape[0];
    if (G % H !== 0 || table.shape[1] !== N || table.shape[2] !== 2 * D)
      throw new ShapeError(where, "table", `[H, ${N}, ${2 * D}], H a divisor of ${G}`, table.shape);
    const start = heap.address(table, where, "table");
    const tableOf = (i: number) => start + (i % H) * BYTES * N * 2 * D;
    return { sizes, tableOf };
  };
  return {
    forward(inputs) {
      const { sizes, tableOf } = prepare(inputs);
      const { G, N, D, E } = sizes;
      const { q, g, v } = inputs;
      const out = heap.tensor([G, N, E]);
      const state = heap.tensor([G, 2 * D, E]);
      const top = heap.tensor<tf.Tensor2D>([G, D]);
      const weight = heap.tensor<tf.Tensor2D>([G, D]);
      const given = rowAddresses(heap, where, { q, g, v });
      const made = rowAddresses(heap, where, { out, state, top, weight });
      each("additiveEncodedForward", sizes, (i) => [...given(i), tableOf(i), ...made(i)]);
      return { out, state, top, weight };
    },
    backward(inputs, { out: dOut }) {
      const { sizes, tableOf } = prepare(inputs);
      const { G, N, D, E } = sizes;
      const { q, g, v, state, top, weight } = inputs;
      const [dq, dg, dv] = [heap.tensor([G, N, D]), heap.tensor([G, N, D]), heap.tensor([G, N, E])];
      const given = rowAddresses(heap, where, { q, g, v });
      const rest = rowAddresses(heap, where, { state, top, weight, dOut, dq, dg, dv });
      each("additiveEncodedBackward", sizes, (i) => [...given(i), tableOf(i), ...rest(i)]);
      return { q: dq, g: dg, v: dv };
    },
  };
}
