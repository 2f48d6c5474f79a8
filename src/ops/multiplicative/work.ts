// Operations and least traffic, counted from the products each strategy forms (a multiply-add counts two).

import type { Work } from "../operator.ts";
import type { OperatorSpec, Pass, Shape } from "#case/case";
import { unsharedInputs } from "./scan-orders.ts";

/** Tokens of a chunk in the `chunked` and `joint` strategies. */
export const CHUNK = 64;

/** Tokens of a chunk in the `fused-joint` strategy, where the device's workgroups have 48 KiB. */
const FUSED_CHUNK = 8;

const FLOAT_BYTES = 4;

/** Counts for dense tiles: a tile on the diagonal is computed whole, as the products do. */
export function work(spec: OperatorSpec, shape: Shape, pass: Pass, strategy: string): Work {
  const backward = pass === "forward+backward";
  const { B, H, N, D, E } = shape;
  const { decay = "none", scans = 1, layout = "parallel" } = spec;
  const passes = layout === "parallel" ? scans : 1;
  const forward = forwardFlops(spec, shape, strategy);
  const atOnce = strategy === "joint" || strategy === "fused-joint";
  const flops = B * H * (atOnce ? 1 : passes) * (forward + (backward ? backwardFlops(spec, shape, strategy) : 0));

  const unshared: readonly string[] = unsharedInputs(spec);
  const copies = (name: string) => (unshared.includes(name) ? scans : 1);
  const decays = { none: 0, constant: H, scalar: B * H * N, vector: B * H * N * D };
  const key = spec.tiedKey === true ? 0 : copies("k") * B * H * N * D;
  const inputs = copies("q") * B * H * N * D + key + copies("v") * B * H * N * E + copies("logDecay") * decays[decay];
  const out = B * H * N * E;
  const state = passes * B * H * D * E;
  // Backward: the inputs and the cotangent are read, the gradients written.
  const floats = inputs + out + (backward ? 2 * inputs + out : 0);
  const held = inputs + out + state + (backward ? inputs + out : 0);
  return { flops, leastBytes: FLOAT_BYTES * floats, leastMemory: FLOAT_BYTES * held };
}

/** Per batch and head, one direction (both for `joint` and `fused-joint`). */
function forwardFlops(spec: OperatorSpec, { N, D, E }: Shape, strategy: string): number {
  const C = strategy === "parallel" ? N : Math.min(CHUNK, N);
  const decayed = spec.decay !== undefined && spec.decay !== "none";
  switch (strategy) {
    case "global":
      return Math.min(4 * N * D * E, 2 * N * N * (D + E));
    case "sequential":
    case "fused":
      if (!spec.causal && !decayed) return 4 * N * D * E;
      return (decayed ? 5 : 4) * N * D * E; // one more product a step: the state times its decay
    case "parallel":
      return 2 * N * N * (D + E);
    case "joint":
      return 8 * N * D * E + 2 * N * C * (D + E);
    case "fused-joint":
      return 8 * N * D * E + 2 * N * Math.min(FUSED_CHUNK, N) * (D + E);
    default:
      return 4 * N * D * E + 2 * N * C * (D + E);
  }
}

/** What the backward pass computes, the products that it forms again included. */
function backwardFlops(spec: OperatorSpec, { N, D, E }: Shape, strategy: string): number {
  const C = strategy === "parallel" ? N : Math.min(CHUNK, N);
  const decayed = spec.decay !== undefined && spec.decay !== "none";
  // Tile: q·kᵀ and do·vᵀ, then dq, dk (width D) and dv (width E); the scalar decays' gradient sums over the tile.
  const tile = 2 * N * C * (3 * D + 2 * E) + (spec.decay === "scalar" || spec.decay === "constant" ? 2 * N * C * C : 0);
  // States again, their gradient, and dq, dk, dv from them.
  const states = 10 * N * D * E;
  switch (strategy) {
    case "global":
      return 8 * N * D * E; // ds = qᵀdo, dq = do·sᵀ, dk = v·dsᵀ, dv = k·ds
    case "sequential":
    case "fused":
      // Per step: the state again, its gradient, and dq, dk, dv; with a decay two more products and the sum for dλ.
      return (decayed ? 14 : 10) * N * D * E;
    case "fused-joint":
      return 2 * (decayed ? 14 : 10) * N * D * E; // each direction as in `fused`
    case "parallel":
      return tile;
    case "joint":
      return 2 * states + tile;
    default:
      return states + tile;
  }
}
