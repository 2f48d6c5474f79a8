// Decay gates on our kernel: one call per batch and head, or one for all where no channel has a bound.

import { ShapeError } from "#base/errors";
import type { DecayGateInputs, FusedKernels } from "../kernels.ts";
import type * as tf from "../tf.ts";
import { rowAddresses } from "./fused-additive.ts";
import type { Heap } from "./heap.ts";

export function decayGate(heap: Heap): NonNullable<FusedKernels["decayGate"]> {
  const where = "decay gate (fused)";
  /** Heads as rows, and the address of each head's bound. */
  const prepare = ({ x, bound }: DecayGateInputs) => {
    const [N, D] = x.shape.slice(-2) as [number, number];
    if (bound === undefined) return { rows: x.size === 0 ? 0 : 1, N: x.size / D, D, boundOf: () => 0 };
    const [H, width] = bound.shape;
    if (x.shape.at(-3) !== H || width !== D)
      throw new ShapeError(where, "bound", `[${x.shape.at(-3)}, ${D}]`, bound.shape);
    const start = heap.address(bound, where, "bound");
    return { rows: x.size / (N * D), N, D, boundOf: (i: number) => start + 4 * D * (i % H) };
  };
  return {
    forward(inputs) {
      const { x, temperature, tied } = inputs;
      const { rows, N, D, boundOf } = prepare(inputs);
      const logDecay = heap.tensor<tf.Tensor>(x.shape);
      const key = tied ? heap.tensor<tf.Tensor>(x.shape) : undefined;
      const address = rowAddresses(heap, where, { x, logDecay, key }, rows);
      for (let i = 0; i < rows; i++) {
        const [from, toDecay, toKey] = address(i) as [number, number, number];
        heap.module["decayGateForward"]!(from, boundOf(i), toDecay, toKey, N, D, 1 / temperature);
      }
      return { logDecay, ...(key === undefined ? {} : { key }) };
    },
    backward(inputs, { logDecay, key }) {
      const { x, bound, temperature } = inputs;
      const { rows, N, D, boundOf } = prepare(inputs);
      const dx = heap.tensor<tf.Tensor>(x.shape);
      const dBound = bound === undefined ? undefined : heap.tensor<tf.Tensor2D>(bound.shape);
      const start = dBound === undefined ? 0 : heap.addressOf(dBound);
      if (dBound !== undefined) heap.zero(start, 4 * dBound.size);
      const address = rowAddresses(heap, where, { x, logDecay, key, dx }, rows);
      const sums = heap.scratch(4 * D + 16);
      for (let i = 0; i < rows; i++) {
        const [from, ofDecay, ofKey, to] = address(i) as [number, number, number, number];
        const toBound = bound === undefined ? 0 : start + 4 * D * (i % bound.shape[0]);
        heap.module["decayGateBackward"]!(from, boundOf(i), ofDecay, ofKey, to, toBound, N, D, 1 / temperature, sums);
      }
      return { x: dx, ...(dBound === undefined ? {} : { bound: dBound }) };
    },
  };
}
