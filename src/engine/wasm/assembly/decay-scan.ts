// s_t = diag(e^{logDecay_t}) s_{t−1} + k_t v_tᵀ, o_t = s_tᵀ q_t for one head, in any order of visit, and its backward pass. What
// several directions give is added up in place.
//
// Decays multiply the state one at a time, so no product or quotient of them is ever formed: any decay is safe. Their
// gradient is taken where it arises, Σ_e R ∘ s, from states recomputed in blocks between checkpoints.

import { expArray } from "./exp-row";
import { exp4, spread } from "./simd";
import { paddedD, paddedE, padState, putRows, rowOf, rowsOf, rowStride, transposeState, transposeStateBack, unpadState } from "./state";
import { pullDecayed, pullPlain, pushDecayed, pushPlain, stepDecayed, stepPlain, sumQuads } from "./steps";

/** Tokens between checkpoints: their states, 16 KB each at D = E = 64, fill half of a usual L2. */
const BLOCK: i32 = 32;
/** Tokens of a forward pass that are brought together at a time. */
const CHUNK: i32 = 16;

// What `decays` holds: nothing, one log for all tokens, one for each, logs of every channel, or those and the directions of a head
// share them: the first one, which adds to nothing, leaves their exponentials in the scratch for those that follow.
const NONE: i32 = 0;
const CONSTANT: i32 = 1;
const SCALAR: i32 = 2;
const VECTOR: i32 = 3;
const SHARED: i32 = 4;

/** e^{log} in every channel of a row. */
function fillDecay(log: usize, to: usize, width: i32): void {
  const a = exp4(spread(log));
  for (let d = 0; d < width; d += 4) v128.store(to + (<usize>d << 2), a);
}

/** Decays of the steps from `first` on as rows of `width` floats; the next row is decayStride further. */
function decaysOf(decays: usize, kind: i32, order: usize, first: i32, count: i32, N: i32, D: i32, width: i32, spare: usize): usize {
  if (kind === NONE) return 0;
  if (kind === CONSTANT) {
    if (first === 0) fillDecay(decays, spare, width);
    return spare;
  }
  if (kind === SCALAR) {
    for (let i = 0; i < count; i++) fillDecay(rowOf(decays, order, first + i, N, 1), spare + (<usize>(i * width) << 2), width);
    return spare;
  }
  const rows = rowsOf(decays, order, first, count, N, D, width, spare);
  if (kind !== VECTOR) return rows;
  const size = count * width;
  if (rowStride(order, D, width) === <usize>width << 2) {
    expArray(rows, spare, size);
    return spare;
  }
  const last = (<usize>(size - width)) << 2; // of reversed rows, the first in memory
  expArray(rows - last, spare, size);
  return spare + last;
}

// @ts-ignore: decorator
@inline
function decayStride(kind: i32, order: usize, D: i32, width: i32): usize {
  if (kind <= CONSTANT) return 0;
  return kind === SCALAR ? <usize>width << 2 : rowStride(order, D, width);
}

/** Bytes of scratch of a pass. @param shared whether directions share decays of kind SHARED */
export function decayScanScratchBytes(N: i32, D: i32, E: i32, shared: bool, backward: bool): usize {
  return ownBytes(N, D, E, backward) + (shared ? <usize>(N * D) << 2 : 0);
}

/** States between which a backward pass goes back are most of it. */
function ownBytes(N: i32, D: i32, E: i32, backward: bool): usize {
  const state = paddedD(D) * paddedE(E);
  const checkpoints = backward ? (N + BLOCK - 1) / BLOCK : 0;
  return <usize>((checkpoints + BLOCK + 2) * state + (6 * BLOCK + 1) * paddedD(D) + (3 * BLOCK + 4) * paddedE(E)) << 2;
}

/** Where the exponentials of shared decays are, formed by the first direction. */
function sharedFactors(decays: usize, isFirst: bool, size: i32, factors: usize): usize {
  if (isFirst) expArray(decays, factors, size);
  return factors;
}

/**
 * @param decays [1], [N] or [N, D] as `kind` says
 * @param order 0, 1 or an address, as in state.ts
 * @param add whether `out` is added to
 * @param state [D, E]: the initial state, and on return the final one; or 0: it starts at zeros, and nobody asks for the final one
 */
export function decayScanForward(
  q: usize, k: usize, v: usize, decays: usize, kind: i32, order: usize, out: usize, add: bool, state: usize,
  N: i32, D: i32, E: i32, scratch: usize,
): void {
  const width = paddedE(E);
  const chunkD = <usize>(CHUNK * D) << 2;
  const results = scratch;
  const spareV = results + (<usize>(CHUNK * width) << 2);
  const spareQ = spareV + (<usize>(CHUNK * width) << 2);
  const spareK = spareQ + chunkD;
  const spareA = (spareK + chunkD + 31) & ~15; // the last row of a copy may end up to three floats further
  const s = spareA + (<usize>(CHUNK * paddedD(D)) << 2);
  const nextD = rowStride(order, D, D);
  const nextE = rowStride(order, E, width);
  const nextA = decayStride(kind, order, D, D);
  if (kind === SHARED) decays = sharedFactors(decays, !add, N * D, scratch + ownBytes(N, D, E, false));
  if (state) padState(state, s, D, E);
  else memory.fill(s, 0, <usize>(D * width) << 2);
  for (let first = 0; first < N; first += CHUNK) {
    const count = min(CHUNK, N - first);
    let query = rowsOf(q, order, first, count, N, D, D, spareQ);
    let key = rowsOf(k, order, first, count, N, D, D, spareK);
    let value = rowsOf(v, order, first, count, N, E, width, spareV);
    let a = decaysOf(decays, kind, order, first, count, N, D, D, spareA);
    let o = results;
    for (let i = 0; i < count; i++) {
      if (kind === NONE) stepPlain(s, key, query, value, o, D, width);
      else stepDecayed(s, a, key, query, value, o, D, width);
      query += nextD;
      key += nextD;
      value += nextE;
      a += nextA;
      o += <usize>width << 2;
    }
    putRows(results, width, out, order, first, count, N, E, add);
  }
  if (state) unpadState(s, state, D, E);
}

/** Adds or writes the gradients of steps' log decays: rows [D], or their sums where one decay serves all channels. */
function putDecayGradients(rows: usize, width: i32, dDecays: usize, kind: i32, order: usize, first: i32, count: i32, N: i32, D: i32, add: bool): void {
  if (kind >= VECTOR) return putRows(rows, width, dDecays, order, first, count, N, D, add);
  for (let i = 0; i < count; i++, rows += <usize>width << 2) {
    let sum: f32 = 0;
    for (let d = 0; d < D; d++) sum += f32.load(rows + (<usize>d << 2));
    const to = kind === CONSTANT ? dDecays : rowOf(dDecays, order, first + i, N, 1);
    f32.store(to, add || kind === CONSTANT ? f32.load(to) + sum : sum);
  }
}

/**
 * @param state [D, E], the initial state; or 0: zeros
 * @param dState [D, E]: the gradient of the final state, and on return that of the initial one; or 0: zeros, and nobody asks
 * @param dDecays laid out as the logs of `decays`; of a constant it starts at 0
 * @param add whether dq, dk, dv and dDecays are added to
 */
export function decayScanBackward(
  q: usize, k: usize, v: usize, decays: usize, kind: i32, order: usize, dOut: usize, state: usize, dState: usize,
  dq: usize, dk: usize, dv: usize, dDecays: usize, add: bool, N: i32, D: i32, E: i32, scratch: usize,
): void {
  const width = paddedD(D);
  const rowBytes = <usize>width << 2;
  const stateBytes = <usize>(width * E) << 2;
  const blockE = <usize>(BLOCK * paddedE(E)) << 2;
  const decayed = kind !== NONE;
  const unused = scratch;
  const lanes = unused + rowBytes;
  const results = lanes + (<usize>paddedE(E) << 4);
  const gradients = results + BLOCK * rowBytes; // of decays
  const values = gradients + BLOCK * rowBytes;
  const spareA = values + blockE;
  const spareQ = spareA + BLOCK * rowBytes;
  const spareK = spareQ + BLOCK * rowBytes;
  const spareV = spareK + BLOCK * rowBytes;
  const spareO = spareV + blockE;
  const R = spareO + blockE;
  const states = R + stateBytes; // BLOCK + 1 of them
  const checkpoints = states + <usize>(BLOCK + 1) * stateBytes;
  const nextD = rowStride(order, D, width);
  const nextE = rowStride(order, E, E);
  const nextA = decayStride(kind, order, D, width);

  if (kind === SHARED) decays = sharedFactors(decays, !add, N * D, scratch + ownBytes(N, D, E, true));
  if (state) transposeState(state, states, D, E);
  else memory.fill(states, 0, stateBytes);
  for (let first = 0; first < N; first += BLOCK) {
    const count = min(BLOCK, N - first);
    let key = rowsOf(k, order, first, count, N, D, width, spareK);
    let value = rowsOf(v, order, first, count, N, E, E, spareV);
    let cotangent = rowsOf(dOut, order, first, count, N, E, E, spareO);
    let a = decaysOf(decays, kind, order, first, count, N, D, width, spareA);
    if (decayed) memory.copy(checkpoints + <usize>(first / BLOCK) * stateBytes, states, stateBytes);
    for (let i = 0; i < count; i++) {
      const result = results + <usize>i * rowBytes;
      if (decayed) pushDecayed(states, states, a, key, value, cotangent, result, width, E);
      else pushPlain(states, key, value, cotangent, result, width, E);
      key += nextD;
      value += nextE;
      cotangent += nextE;
      a += nextA;
    }
    putRows(results, width, dq, order, first, count, N, D, add);
  }

  if (dState) transposeState(dState, R, D, E);
  else memory.fill(R, 0, stateBytes);
  for (let first = (N - 1) / BLOCK * BLOCK; first >= 0; first -= BLOCK) {
    const count = min(BLOCK, N - first);
    let query = rowsOf(q, order, first, count, N, D, width, spareQ);
    let key = rowsOf(k, order, first, count, N, D, width, spareK);
    let value = rowsOf(v, order, first, count, N, E, E, spareV);
    let cotangent = rowsOf(dOut, order, first, count, N, E, E, spareO);
    let a = decaysOf(decays, kind, order, first, count, N, D, width, spareA);
    if (decayed) { // without decay no state needs to be kept
      memory.copy(states, checkpoints + <usize>(first / BLOCK) * stateBytes, stateBytes);
      for (let i = 0; i < count - 1; i++) {
        const from = states + <usize>i * stateBytes;
        pushDecayed(from, from + stateBytes, a, key, value, cotangent, unused, width, E);
        key += nextD;
        value += nextE;
        cotangent += nextE;
        a += nextA;
      }
    } else {
      key += nextD * (count - 1);
      value += nextE * (count - 1);
      cotangent += nextE * (count - 1);
    }
    query += nextD * (count - 1);
    for (let i = count - 1; i >= 0; i--) {
      const result = results + <usize>i * rowBytes;
      if (decayed) {
        const state = states + <usize>i * stateBytes;
        pullDecayed(R, state, a, query, key, value, cotangent, result, gradients + <usize>i * rowBytes, lanes, width, E);
      } else {
        pullPlain(R, query, key, value, cotangent, result, lanes, width, E);
      }
      sumQuads(lanes, values + (<usize>(i * E) << 2), E);
      query -= nextD;
      key -= nextD;
      value -= nextE;
      cotangent -= nextE;
      a -= nextA;
    }
    putRows(results, width, dk, order, first, count, N, D, add);
    putRows(values, E, dv, order, first, count, N, E, add);
    if (decayed) putDecayGradients(gradients, width, dDecays, kind, order, first, count, N, D, add);
  }
  if (dState) transposeStateBack(R, dState, D, E);
}
