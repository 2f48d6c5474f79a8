// The causal additive operator of one head, and its backward pass. Both are recurrences without decay: logits are
// taken relative to a reference per channel that is moved, and the state rescaled, only when it has to be.

import { expRow } from "./exp-row";
import { copyRow, loadUpTo, storeUpTo } from "./lanes";
import { exp4, log4 } from "./simd";
import { rescale } from "./softmax-tokens";
import { paddedD, paddedE, padState, row, transposeState, transposeStateBack, unpad, unpadState } from "./state";
import { pullPlain, pushPlain, stepPlain, sumQuads } from "./steps";

/** Weights are summed in blocks: one float32 sum over a million tokens would lose digits with every term. */
const SUM_BLOCK: i32 = 64;

/** Bytes of scratch: a backward pass keeps two rows for each token. */
export function additiveCausalScratchBytes(N: i32, D: i32, E: i32, backward: bool): usize {
  const rows = backward ? 2 * N * paddedD(D) : 0;
  return <usize>(2 * paddedD(D) * paddedE(E) + rows + 12 * paddedD(D) + 8 * paddedE(E)) << 2;
}

/** Where a pass keeps its running values, each [padded D]. */
// @ts-ignore: decorator
@inline
function part(scratch: usize, width: i32, index: i32): usize {
  return scratch + (<usize>(index * width) << 2);
}

/** Multiplies columns d … d+3 of a transposed state. */
function rescaleColumns(s: usize, d: i32, width: i32, E: i32, keep: v128): void {
  let at = s + (<usize>d << 2);
  for (let e = 0; e < E; e++) {
    v128.store(at, f32x4.mul(v128.load(at), keep));
    at += <usize>width << 2;
  }
}

/**
 * Takes a token's logits into account: raises m, rescales what is relative to it, adds to the weights.
 * Writes p = e^{g − m} (times k) and 1/l; 1/l is 0 where nothing was seen.
 *
 * @param transposed whether s is [E, width] or [D, padded E]
 */
function takeLogits(g: usize, k: usize, m: usize, total: usize, recent: usize, p: usize, inverse: usize, s: usize, transposed: bool, D: i32, E: i32): void {
  for (let d = 0; d < D; d += 4) {
    const at = <usize>d << 2;
    const before = v128.load(m + at);
    const top = f32x4.pmax(before, loadUpTo(g + at, D - d));
    if (v128.any_true(f32x4.gt(top, before))) {
      const keep = exp4(f32x4.sub(before, top));
      v128.store(m + at, top);
      v128.store(total + at, f32x4.mul(v128.load(total + at), keep));
      v128.store(recent + at, f32x4.mul(v128.load(recent + at), keep));
      if (transposed) rescaleColumns(s, d, paddedD(D), E, keep);
      else rescale(s + (<usize>(d * paddedE(E)) << 2), paddedE(E), keep, min(4, D - d));
    }
  }
  expRow(g, m, p, D);
  for (let d = 0; d < D; d += 4) {
    const at = <usize>d << 2;
    const weight = v128.load(p + at);
    const part = f32x4.add(v128.load(recent + at), weight);
    v128.store(recent + at, part);
    const l = f32x4.add(v128.load(total + at), part);
    v128.store(inverse + at, v128.and(f32x4.div(f32x4.splat(1), l), f32x4.gt(l, f32x4.splat(0))));
    if (k) v128.store(p + at, f32x4.mul(weight, loadUpTo(k + at, D - d)));
  }
}

/** total ← total + recent, recent ← 0 */
function foldSums(total: usize, recent: usize, width: i32): void {
  for (let d = 0; d < width; d += 4) {
    const at = <usize>d << 2;
    v128.store(total + at, f32x4.add(v128.load(total + at), v128.load(recent + at)));
    v128.store(recent + at, f32x4.splat(0));
  }
}

/** to[d] = x[d] y[d], [width], x given with D floats */
function scaled(x: usize, y: usize, to: usize, D: i32): void {
  for (let d = 0; d < D; d += 4) {
    const at = <usize>d << 2;
    v128.store(to + at, f32x4.mul(loadUpTo(x + at, D - d), v128.load(y + at)));
  }
}

function begin(top0: usize, weight0: usize, m: usize, total: usize, recent: usize, D: i32): void {
  for (let d = 0; d < paddedD(D); d += 4) {
    const at = <usize>d << 2;
    v128.store(m + at, loadUpTo(top0 + at, D - d));
    v128.store(total + at, loadUpTo(weight0 + at, D - d));
    v128.store(recent + at, f32x4.splat(0));
  }
}

/** Row d of [D, E] times factor[d]. */
function scaleRows(state: usize, factor: usize, D: i32, E: i32): void {
  for (let d = 0; d < D; d++) {
    const x = f32.load(factor + (<usize>d << 2));
    for (let e = 0; e < E; e++) {
      const at = state + (<usize>(d * E + e) << 2);
      f32.store(at, f32.load(at) * x);
    }
  }
}

/**
 * @param top0,weight0,state0 the token before the first: its lse, whether there was one, and the normalised state
 * @param state,lse outputs [D, E], [D]; out [N, E]
 */
export function additiveCausalForward(
  q: usize, g: usize, v: usize, k: usize, top0: usize, weight0: usize, state0: usize, out: usize, state: usize, lse: usize,
  N: i32, D: i32, E: i32, scratch: usize,
): void {
  const width = paddedD(D);
  const wide = paddedE(E);
  const m = scratch, total = part(scratch, width, 1), recent = part(scratch, width, 2);
  const p = part(scratch, width, 3), inverse = part(scratch, width, 4), query = part(scratch, width, 5);
  const spareV = part(scratch, width, 6);
  const spareO = spareV + (<usize>wide << 2);
  const s = spareO + (<usize>wide << 2);
  memory.copy(state, state0, <usize>(D * E) << 2);
  scaleRows(state, weight0, D, E);
  padState(state, s, D, E);
  begin(top0, weight0, m, total, recent, D);
  for (let t = 0; t < N; t++) {
    const inD = <usize>(t * D) << 2;
    const inE = <usize>(t * E) << 2;
    takeLogits(g + inD, k ? k + inD : 0, m, total, recent, p, inverse, s, false, D, E);
    scaled(q + inD, inverse, query, D);
    const o = E === wide ? out + inE : spareO;
    stepPlain(s, p, query, row(v + inE, E, wide, spareV), o, D, wide);
    unpad(o, out + inE, E);
    if (t % SUM_BLOCK === SUM_BLOCK - 1) foldSums(total, recent, width);
  }
  unpadState(s, state, D, E);
  scaleRows(state, inverse, D, E);
  foldSums(total, recent, width);
  for (let d = 0; d < D; d += 4) {
    const at = <usize>d << 2;
    storeUpTo(lse + at, f32x4.add(v128.load(m + at), log4(v128.load(total + at))), D - d);
  }
}

/** (Σ_e dState ∘ state − dLse) / l, [D]: what the final normaliser and the lse ask for, relative to m. */
function finalShare(dState: usize, state: usize, inverse: usize, dLse: usize, r: usize, D: i32, E: i32): void {
  for (let d = 0; d < D; d++) {
    let sum: f32 = 0;
    for (let e = 0; e < E; e++) {
      sum += f32.load(dState + (<usize>(d * E + e) << 2)) * f32.load(state + (<usize>(e * paddedD(D) + d) << 2));
    }
    const at = <usize>d << 2;
    f32.store(r + at, (sum * f32.load(inverse + at) - f32.load(dLse + at)) * f32.load(inverse + at));
  }
}

/**
 * Prepares the way back through a token. R and r are relative to the running maximum m_t, as the state was, so that
 * e^{m_t − z_t} is the 1/l_t of the way forward: rescales them where m_t is lower than at the token after it. Writes
 * query = q / l, p = e^{g − m} and p ∘ k; adds query ∘ dq to r.
 */
function stepBack(
  q: usize, g: usize, k: usize, m: usize, inverse: usize, dq: usize, reference: usize, r: usize, query: usize, p: usize, pk: usize, R: usize, D: i32, E: i32,
): void {
  for (let d = 0; d < D; d += 4) {
    const at = <usize>d << 2;
    const here = v128.load(m + at);
    const after = v128.load(reference + at);
    if (v128.any_true(f32x4.lt(here, after))) {
      const keep = exp4(f32x4.sub(here, after));
      rescaleColumns(R, d, paddedD(D), E, keep);
      v128.store(r + at, f32x4.mul(v128.load(r + at), keep));
      v128.store(reference + at, here);
    }
  }
  expRow(g, reference, p, D);
  for (let d = 0; d < D; d += 4) {
    const at = <usize>d << 2;
    const lanes = D - d;
    const x = f32x4.mul(loadUpTo(q + at, lanes), v128.load(inverse + at));
    v128.store(query + at, x);
    v128.store(r + at, f32x4.add(v128.load(r + at), f32x4.mul(x, loadUpTo(dq + at, lanes))));
    const weight = v128.load(p + at);
    v128.store(pk + at, k ? f32x4.mul(weight, loadUpTo(k + at, lanes)) : weight);
  }
}

/** dg = p ∘ (k ∘ rv − r), dk = p ∘ rv */
function putLogitGradient(p: usize, pk: usize, rv: usize, r: usize, dg: usize, dk: usize, D: i32): void {
  for (let d = 0; d < D; d += 4) {
    const at = <usize>d << 2;
    const weight = v128.load(p + at);
    const x = v128.load(rv + at);
    storeUpTo(dg + at, f32x4.sub(f32x4.mul(v128.load(pk + at), x), f32x4.mul(weight, v128.load(r + at))), D - d);
    if (dk) storeUpTo(dk + at, f32x4.mul(weight, x), D - d);
  }
}

/** dq_t = s_t do_t by the forward recurrence, leaving m_t and 1/l_t of every token; then R and r by the reverse one. */
export function additiveCausalBackward(
  q: usize, g: usize, v: usize, k: usize, top0: usize, weight0: usize, state0: usize, dOut: usize, dState: usize, dLse: usize,
  dq: usize, dg: usize, dv: usize, dk: usize, dTop0: usize, dState0: usize, N: i32, D: i32, E: i32, scratch: usize,
): void {
  const width = paddedD(D);
  const m = scratch, total = part(scratch, width, 1), recent = part(scratch, width, 2);
  const p = part(scratch, width, 3), inverse = part(scratch, width, 4), result = part(scratch, width, 5);
  const r = part(scratch, width, 6), reference = part(scratch, width, 7), query = part(scratch, width, 8), pk = part(scratch, width, 9);
  const lanes = part(scratch, width, 10);
  const s = lanes + (<usize>paddedE(E) << 4);
  const maxima = s + (<usize>(width * E) << 2); // [N, width]
  const inverses = maxima + (<usize>(N * width) << 2); // [N, width]
  memory.fill(p, 0, <usize>(7 * width) << 2); // padding stays 0
  memory.copy(dState0, state0, <usize>(D * E) << 2);
  scaleRows(dState0, weight0, D, E);
  transposeState(dState0, s, D, E);
  begin(top0, weight0, m, total, recent, D);
  for (let t = 0; t < N; t++) {
    const inD = <usize>(t * D) << 2;
    const inE = <usize>(t * E) << 2;
    takeLogits(g + inD, k ? k + inD : 0, m, total, recent, p, inverse, s, true, D, E);
    pushPlain(s, p, v + inE, dOut + inE, result, width, E);
    scaled(result, inverse, result, D);
    copyRow(result, dq + inD, D);
    copyRow(m, maxima + (<usize>(t * width) << 2), width);
    copyRow(inverse, inverses + (<usize>(t * width) << 2), width);
    if (t % SUM_BLOCK === SUM_BLOCK - 1) foldSums(total, recent, width);
  }

  finalShare(dState, s, inverse, dLse, r, D, E);
  transposeState(dState, s, D, E);
  for (let d = 0; d < D; d += 4) rescaleColumns(s, d, width, E, v128.load(inverse + (<usize>d << 2)));
  copyRow(m, reference, width);
  for (let t = N - 1; t >= 0; t--) {
    const inD = <usize>(t * D) << 2;
    const inE = <usize>(t * E) << 2;
    stepBack(
      q + inD, g + inD, k ? k + inD : 0, maxima + (<usize>(t * width) << 2), inverses + (<usize>(t * width) << 2),
      dq + inD, reference, r, query, p, pk, s, D, E,
    );
    pullPlain(s, query, pk, v + inE, dOut + inE, result, lanes, width, E);
    sumQuads(lanes, dv + inE, E);
    putLogitGradient(p, pk, result, r, dg + inD, dk ? dk + inD : 0, D);
  }

  transposeStateBack(s, dState0, D, E);
  for (let d = 0; d < D; d += 4) {
    const at = <usize>d << 2;
    const keep = exp4(f32x4.sub(loadUpTo(top0 + at, D - d), v128.load(reference + at)));
    v128.store(p + at, f32x4.mul(keep, loadUpTo(weight0 + at, D - d)));
  }
  scaleRows(dState0, p, D, E);
  for (let d = 0; d < D; d++) {
    const at = <usize>d << 2;
    let sum: f32 = 0;
    for (let e = 0; e < E; e++) {
      const place = <usize>(d * E + e) << 2;
      sum += f32.load(state0 + place) * f32.load(dState0 + place);
    }
    f32.store(dTop0 + at, sum - f32.load(p + at) * f32.load(r + at));
  }
}
