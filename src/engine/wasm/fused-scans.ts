// Causal recurrences on our kernels: additive, and with multiplicative decay.

import { ShapeError } from "#base/errors";
import type { DecayScanInputs, FusedKernels } from "../kernels.ts";
import type * as tf from "../tf.ts";
import { rowAddresses } from "./fused-additive.ts";
import type { Heap } from "./heap.ts";

export function additiveCausal(heap: Heap): NonNullable<FusedKernels["additiveCausal"]> {
  const where = "additive (fused, causal)";
  const scratch = (N: number, D: number, E: number) =>
    heap.scratch(heap.module["additiveCausalScratchBytes"]!(N, D, E));
  return {
    forward({ q, g, v, k, top0, weight0, state0 }) {
      const { G, N, D, E } = heap.sizes({ q, g, v, k }, where);
      const out = heap.tensor([G, N, E]);
      const state = heap.tensor([G, D, E]);
      const lse = heap.tensor<tf.Tensor2D>([G, D]);
      const row = rowAddresses(heap, where, { q, g, v, k, top0, weight0, state0, out, state, lse });
      const space = scratch(N, D, E);
      for (let i = 0; i < G; i++) heap.module["additiveCausalForward"]!(...row(i), N, D, E, space);
      return { out, state, lse };
    },
    backward({ q, g, v, k, top0, weight0, state0 }, { out: dOut, state: dState, lse: dLse }) {
      const { G, N, D, E } = heap.sizes({ q, g, v, k }, where);
      const [dq, dg, dv] = [heap.tensor([G, N, D]), heap.tensor([G, N, D]), heap.tensor([G, N, E])];
      const dk = k === undefined ? undefined : heap.tensor([G, N, D]);
      const dTop0 = heap.tensor<tf.Tensor2D>([G, D]);
      const dState0 = heap.tensor([G, D, E]);
      const row = rowAddresses(heap, where, {
        q,
        g,
        v,
        k,
        top0,
        weight0,
        state0,
        dOut,
        dState,
        dLse,
        dq,
        dg,
        dv,
        dk,
        dTop0,
        dState0,
      });
      const space = scratch(N, D, E);
      for (let i = 0; i < G; i++) heap.module["additiveCausalBackward"]!(...row(i), N, D, E, space);
      return { q: dq, g: dg, v: dv, ...(dk === undefined ? {} : { k: dk }), top0: dTop0, state0: dState0 };
    },
  };
}

/** Address of a tensor and the bytes from one head to the next; 0 for what was not given. */
type Part = readonly [address: number, bytes: number];

/** Addresses of one token's tensors, each with `numbers[name]` numbers per head. @throws {ShapeError} */
function partsOf(
  heap: Heap,
  where: string,
  G: number,
  tensors: Readonly<Record<string, readonly [tf.Tensor | undefined, perHead: number]>>,
): Part[] {
  return Object.entries(tensors).map(([name, [tensor, perHead]]) => {
    if (tensor === undefined) return [0, 0];
    if (tensor.size !== G * perHead) throw new ShapeError(where, name, `${G} × ${perHead} numbers`, tensor.shape);
    return [heap.address(tensor, where, name), 4 * perHead];
  });
}

/** One call per head; the old state is only read, so that a caller may go on from it twice. */
export function additiveStep(heap: Heap): NonNullable<FusedKernels["additiveStep"]> {
  const where = "additive (decoding)";
  return ({ q, g, v, k }, { m, l, lError, s }) => {
    const [G, D, E] = s.shape;
    const out = heap.tensor<tf.Tensor4D>([v.shape[0]!, v.shape[1]!, 1, E]);
    const next = {
      m: heap.tensor<tf.Tensor2D>([G, D]),
      l: heap.tensor<tf.Tensor2D>([G, D]),
      lError: heap.tensor<tf.Tensor2D>([G, D]),
      s: heap.tensor([G, D, E]),
    };
    const given = {
      q: [q, D],
      g: [g, D],
      v: [v, E],
      k: [k, D],
      m: [m, D],
      l: [l, D],
      lError: [lError, D],
      s: [s, D * E],
    } as const;
    const made = {
      out: [out, E],
      m: [next.m, D],
      l: [next.l, D],
      lError: [next.lError, D],
      s: [next.s, D * E],
    } as const;
    const shares = heap.scratch(heap.module["additiveStepScratchBytes"]!(D));
    const parts = [...partsOf(heap, where, G, given), ...partsOf(heap, where, G, made)];
    for (let i = 0; i < G; i++)
      heap.module["additiveStep"]!(...parts.map(([address, bytes]) => address + i * bytes), D, E, shares);
    return { out, carried: next };
  };
}

/** decayScanForward over one token, on a copy of the state. */
export function decayStep(heap: Heap): NonNullable<FusedKernels["decayStep"]> {
  const where = "multiplicative (decoding)";
  return ({ q, k, v, state, logDecay }) => {
    const [B, H, D, E] = state.shape as [number, number, number, number];
    const G = B * H;
    const out = heap.tensor<tf.Tensor4D>([B, H, 1, E]);
    const next = heap.tensor<tf.Tensor4D>([B, H, D, E]);
    heap.copyBytes(heap.address(state, where, "state"), heap.addressOf(next), 4 * G * D * E);
    const ofHead = logDecay?.rank === 1; // the same for every batch
    const width = logDecay?.rank === 4 ? D : 1;
    const decays = partsOf(heap, where, ofHead ? H : G, { logDecay: [logDecay, width] })[0]!;
    const parts = partsOf(heap, where, G, { q: [q, D], k: [k, D], v: [v, E], out: [out, E], state: [next, D * E] });
    const space = heap.scratch(heap.module["decayScanScratchBytes"]!(1, D, E));
    for (let i = 0; i < G; i++) {
      const [aq, ak, av, aOut, aState] = parts.map(([address, bytes]) => address + i * bytes) as [
        number,
        number,
        number,
        number,
        number,
      ];
      const aDecay = decays[0] + (ofHead ? i % H : i) * decays[1];
      heap.module["decayScanForward"]!(aq, ak, av, aDecay, 0, width === 1 ? 0 : 4, 0, aOut, aState, 1, D, E, space);
    }
    return { out, state: next };
  };
}

/** How the log decay of a head is laid out, in bytes from token to token and from channel to channel. */
function strides(logDecay: tf.Tensor3D | undefined, N: number, D: number): { token: number; channel: number } {
  if (logDecay === undefined) return { token: 0, channel: 0 };
  const [, tokens, channels] = logDecay.shape;
  if (
    (tokens !== N && tokens !== 1) ||
    (channels !== D && channels !== 1) ||
    (tokens === 1 && N > 1 && channels !== 1)
  ) {
    throw new ShapeError(
      "multiplicative (fused)",
      "logDecay",
      `[G, 1, 1], [G, ${N}, 1] or [G, ${N}, ${D}]`,
      logDecay.shape,
    );
  }
  const channel = channels === 1 ? 0 : 4;
  return { token: tokens === 1 ? 0 : 4 * channels, channel };
}

export function decayScan(heap: Heap): NonNullable<FusedKernels["decayScan"]> {
  const where = "multiplicative (fused)";
  const prepare = ({ q, k, v, logDecay, order }: DecayScanInputs) => {
    const sizes = heap.sizes({ q, k, v }, where);
    const { N, D, E } = sizes;
    if (order !== undefined && order.length !== N) throw new ShapeError(where, "order", `[${N}]`, [order.length]);
    const bytes = heap.module["decayScanScratchBytes"]!(N, D, E);
    const space = heap.scratch(bytes + 4 * N);
    const orderAddress = order === undefined ? 0 : space + bytes;
    if (order !== undefined) heap.write(orderAddress, order);
    return { ...sizes, space, orderAddress, ...strides(logDecay, N, D) };
  };
  return {
    forward(inputs) {
      const { q, k, v, logDecay, initialState } = inputs;
      const { G, N, D, E, space, orderAddress, token, channel } = prepare(inputs);
      const out = heap.tensor([G, N, E]);
      const state = heap.copyOrZeros(initialState, [G, D, E], where, "initialState");
      const row = rowAddresses(heap, where, { q, k, v, logDecay, out, state });
      for (let i = 0; i < G; i++) {
        const [aq, ak, av, aDecay, aOut, aState] = row(i) as [number, number, number, number, number, number];
        heap.module["decayScanForward"]!(
          aq,
          ak,
          av,
          aDecay,
          token,
          channel,
          orderAddress,
          aOut,
          aState,
          N,
          D,
          E,
          space,
        );
      }
      return { out, state };
    },
    backward(inputs, cotangents) {
      const { q, k, v, logDecay, initialState } = inputs;
      const { G, N, D, E, space, orderAddress, token, channel } = prepare(inputs);
      const [dq, dk, dv] = [heap.tensor([G, N, D]), heap.tensor([G, N, D]), heap.tensor([G, N, E])];
      const state = heap.copyOrZeros(initialState, [G, D, E], where, "initialState");
      const dState = heap.copyOrZeros(cotangents.state, [G, D, E], where, "the final state's gradient");
      const dLogDecay =
        logDecay === undefined ? undefined : heap.copyOrZeros(undefined, logDecay.shape, where, "logDecay");
      const before = rowAddresses(heap, where, { q, k, v, logDecay });
      const after = rowAddresses(heap, where, { dOut: cotangents.out, state, dState, dq, dk, dv, dLogDecay });
      for (let i = 0; i < G; i++) {
        heap.module["decayScanBackward"]!(...before(i), token, channel, orderAddress, ...after(i), N, D, E, space);
      }
      state.dispose();
      if (initialState === undefined) dState.dispose();
      return {
        q: dq,
        k: dk,
        v: dv,
        ...(dLogDecay === undefined ? {} : { logDecay: dLogDecay }),
        ...(initialState === undefined ? {} : { initialState: dState }),
      };
    },
  };
}
