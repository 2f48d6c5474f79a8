// s_t = diag(e^{logDecay_t}) s_{t−1} + k_t v_tᵀ, o_t = s_tᵀ q_t for one head, in any order of visit, and its backward pass.
//
// Decays multiply the state one at a time, so no product or quotient of them is ever formed: any decay is safe. Their
// gradient is taken where it arises, Σ_e R ∘ s, from states recomputed in blocks between checkpoints.

import { expRow } from "./exp-row";
import { clear, copyRow } from "./lanes";
import { exp4 } from "./simd";
import { paddedD, paddedE, padState, row, tokenAt, transposeState, transposeStateBack, unpad, unpadState } from "./state";
import { pullDecayed, pullPlain, pushDecayed, pushPlain, stepDecayed, stepPlain, sumQuads } from "./steps";

/** Tokens between checkpoints: their states, 16 KB each at D = E = 64, fill half of a usual L2. */
const BLOCK: i32 = 32;

/** Tokens from now that are read in advance where they do not follow each other: no prefetcher sees a column of a grid. */
const AHEAD: i32 = 4;

/** Reads a float of each cache line of a row. */
// @ts-ignore: decorator
@inline
function touch(address: usize, size: i32): f32 {
  let sum: f32 = 0;
  for (let i = 0; i < size; i += 16) sum += f32.load(address + (<usize>i << 2));
  return sum;
}

/** e^{logDecay} of a token, [width]; `channelStride` 0: one decay for all channels. */
function decaysOf(logDecay: usize, channelStride: i32, D: i32, width: i32, to: usize): void {
  if (channelStride === 0) {
    const a = exp4(v128.load_splat<f32>(logDecay));
    for (let d = 0; d < width; d += 4) v128.store(to + (<usize>d << 2), a);
    return;
  }
  clear(to, <usize>width << 2);
  expRow(logDecay, to, to, D); // in place: row i of `to` is read, as 0, before it is written
}

/** Bytes of scratch for either pass. */
export function decayScanScratchBytes(N: i32, D: i32, E: i32): usize {
  const state = paddedD(D) * paddedE(E);
  const checkpoints = (N + BLOCK - 1) / BLOCK;
  return <usize>((checkpoints + BLOCK + 4) * state + 8 * paddedD(D) + 8 * paddedE(E)) << 2;
}

/**
 * @param logDecay 0: none; else token t's lies at logDecay + t·tokenStride (bytes), `channelStride` 0 or 4
 * @param order 0, or N int32
 * @param state [D, E]: the initial state, and on return the final one
 */
export function decayScanForward(
  q: usize, k: usize, v: usize, logDecay: usize, tokenStride: i32, channelStride: i32, order: usize, out: usize, state: usize,
  N: i32, D: i32, E: i32, scratch: usize,
): void {
  const width = paddedE(E);
  const a = scratch;
  const spareV = a + (<usize>paddedD(D) << 2);
  const spareO = spareV + (<usize>width << 2);
  const s = spareO + (<usize>width << 2);
  padState(state, s, D, E);
  let touched: f32 = 0;
  for (let i = 0; i < N; i++) {
    const t = tokenAt(order, i);
    if (order !== 0 && i + AHEAD < N) {
      const next = tokenAt(order, i + AHEAD);
      const nextD = <usize>(next * D) << 2;
      touched += touch(q + nextD, D) + touch(k + nextD, D) + touch(v + (<usize>(next * E) << 2), E) + touch(out + (<usize>(next * E) << 2), E);
      if (tokenStride !== 0) touched += touch(logDecay + <usize>(next * tokenStride), channelStride === 0 ? 1 : D);
    }
    const inD = <usize>(t * D) << 2;
    const inE = <usize>(t * E) << 2;
    const values = row(v + inE, E, width, spareV);
    const o = E === width ? out + inE : spareO;
    if (logDecay) {
      if (tokenStride !== 0 || i === 0) decaysOf(logDecay + <usize>(t * tokenStride), channelStride, D, paddedD(D), a);
      stepDecayed(s, a, k + inD, q + inD, values, o, D, width);
    } else {
      stepPlain(s, k + inD, q + inD, values, o, D, width);
    }
    unpad(o, out + inE, E);
  }
  unpadState(s, state, D, E);
  f32.store(a, touched); // or the compiler leaves the reads out
}

/** Without decay: a forward pass for dq, a backward one for dk and dv; no state needs to be kept. */
function plainBackward(
  q: usize, k: usize, v: usize, order: usize, dOut: usize, state: usize, dState: usize, dq: usize, dk: usize, dv: usize,
  N: i32, D: i32, E: i32, scratch: usize,
): void {
  const width = paddedD(D);
  const rowBytes = <usize>width << 2;
  const spareQ = scratch;
  const spareK = spareQ + rowBytes;
  const result = spareK + rowBytes;
  const lanes = result + rowBytes;
  const s = lanes + (<usize>paddedE(E) << 4);
  transposeState(state, s, D, E);
  for (let i = 0; i < N; i++) {
    const t = tokenAt(order, i);
    const inD = <usize>(t * D) << 2;
    const inE = <usize>(t * E) << 2;
    pushPlain(s, row(k + inD, D, width, spareK), v + inE, dOut + inE, result, width, E);
    copyRow(result, dq + inD, D);
  }
  transposeState(dState, s, D, E);
  for (let i = N - 1; i >= 0; i--) {
    const t = tokenAt(order, i);
    const inD = <usize>(t * D) << 2;
    const inE = <usize>(t * E) << 2;
    pullPlain(s, row(q + inD, D, width, spareQ), row(k + inD, D, width, spareK), v + inE, dOut + inE, result, lanes, width, E);
    copyRow(result, dk + inD, D);
    sumQuads(lanes, dv + inE, E);
  }
  transposeStateBack(s, dState, D, E);
}

/** Adds or writes the gradient of a token's log decay: [D], or its sum where one decay serves all channels. */
function putDecayGradient(da: usize, to: usize, channelStride: i32, accumulate: bool, D: i32): void {
  if (channelStride !== 0) {
    copyRow(da, to, D);
    return;
  }
  let sum: f32 = 0;
  for (let d = 0; d < D; d++) sum += f32.load(da + (<usize>d << 2));
  f32.store(to, accumulate ? f32.load(to) + sum : sum);
}

/**
 * @param state [D, E], the initial state
 * @param dState [D, E]: the gradient of the final state, and on return that of the initial one
 * @param dLogDecay laid out as logDecay; where tokenStride is 0 it starts at 0 and is added to
 */
export function decayScanBackward(
  q: usize, k: usize, v: usize, logDecay: usize, tokenStride: i32, channelStride: i32, order: usize, dOut: usize, state: usize, dState: usize,
  dq: usize, dk: usize, dv: usize, dLogDecay: usize, N: i32, D: i32, E: i32, scratch: usize,
): void {
  if (!logDecay) {
    plainBackward(q, k, v, order, dOut, state, dState, dq, dk, dv, N, D, E, scratch);
    return;
  }
  const width = paddedD(D);
  const rowBytes = <usize>width << 2;
  const stateBytes = <usize>(width * E) << 2;
  const a = scratch;
  const spareQ = a + rowBytes;
  const spareK = spareQ + rowBytes;
  const result = spareK + rowBytes;
  const da = result + rowBytes;
  const lanes = da + rowBytes;
  const R = lanes + (<usize>paddedE(E) << 4);
  const states = R + stateBytes; // BLOCK + 1 of them
  const checkpoints = states + <usize>(BLOCK + 1) * stateBytes;

  transposeState(state, states, D, E);
  for (let i = 0; i < N; i++) {
    const t = tokenAt(order, i);
    const inD = <usize>(t * D) << 2;
    const inE = <usize>(t * E) << 2;
    if (i % BLOCK === 0) memory.copy(checkpoints + <usize>(i / BLOCK) * stateBytes, states, stateBytes);
    if (tokenStride !== 0 || i === 0) decaysOf(logDecay + <usize>(t * tokenStride), channelStride, D, width, a);
    pushDecayed(states, states, a, row(k + inD, D, width, spareK), v + inE, dOut + inE, result, width, E);
    copyRow(result, dq + inD, D);
  }

  transposeState(dState, R, D, E);
  for (let block = (N - 1) / BLOCK; block >= 0; block--) {
    const first = block * BLOCK;
    const last = min(first + BLOCK, N) - 1;
    memory.copy(states, checkpoints + <usize>block * stateBytes, stateBytes);
    for (let i = first; i < last; i++) {
      const t = tokenAt(order, i);
      const inD = <usize>(t * D) << 2;
      const inE = <usize>(t * E) << 2;
      const from = states + <usize>(i - first) * stateBytes;
      if (tokenStride !== 0) decaysOf(logDecay + <usize>(t * tokenStride), channelStride, D, width, a);
      pushDecayed(from, from + stateBytes, a, row(k + inD, D, width, spareK), v + inE, dOut + inE, result, width, E);
    }
    for (let i = last; i >= first; i--) {
      const t = tokenAt(order, i);
      const inD = <usize>(t * D) << 2;
      const inE = <usize>(t * E) << 2;
      const place = <usize>(t * tokenStride);
      if (tokenStride !== 0) decaysOf(logDecay + place, channelStride, D, width, a);
      pullDecayed(
        R, states + <usize>(i - first) * stateBytes, a, row(q + inD, D, width, spareQ), row(k + inD, D, width, spareK),
        v + inE, dOut + inE, result, da, lanes, width, E,
      );
      copyRow(result, dk + inD, D);
      sumQuads(lanes, dv + inE, E);
      putDecayGradient(da, dLogDecay + place, channelStride, tokenStride === 0, D);
    }
  }
  transposeStateBack(R, dState, D, E);
}
