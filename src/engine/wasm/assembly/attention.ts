// Softmax attention of one head in tiles of 64 queries by 64 keys, with the online softmax: no score leaves L1, and
// memory grows with N, not with N². The backward pass computes the tiles again from the rows' log-sum-exps.

import { expInPlace } from "./exp-row";
import { gemm, gemmPacked, gemmScratchBytes, packTransposed } from "./gemm";
import { loadUpTo } from "./lanes";
import { exp1, log4, madd, maxLanes, sumLanes } from "./simd";
import { NOTHING, scaleRow } from "./softmax-tokens";

/** Queries and keys of a tile: 64×64 scores are 16 KB. */
const TILE: i32 = 64;
const TILE_BYTES: usize = <usize>(TILE * TILE) << 2;
/** Added to a hidden score: its weight is e^{−huge} = 0, also in a row that has seen nothing (maximum −1e30). */
const HIDDEN: f32 = -1e38;
/** The log-sum-exp that stands for "no key visible": every weight e^{score − EMPTY} is 0. */
const EMPTY: f32 = 1e30;

/** Bytes of scratch for the forward (all keys packed) and the backward pass. */
export function attentionScratchBytes(N: i32, D: i32, E: i32): usize {
  const keys = (N + TILE - 1) / TILE * TILE;
  return gemmScratchBytes() + 2 * TILE_BYTES + (<usize>(keys * D + TILE * (D + E) + 2 * TILE + 2 * N) << 2) + 64;
}

/** Keys of the tile from `first` that query `i` sees: all `keys`, or those up to i. */
// @ts-ignore: decorator
@inline
function seen(causal: bool, i: i32, first: i32, keys: i32): i32 {
  return causal ? min(keys, i - first + 1) : keys;
}

/** scores · scale, HIDDEN where key lane ≥ count or the mask says so */
// @ts-ignore: decorator
@inline
function scoresAt(row: usize, j: i32, count: i32, scale: v128, visible: usize): v128 {
  const at = <usize>j << 2;
  let x = f32x4.mul(v128.load(row + at), scale);
  if (visible) {
    const shown = f32x4.gt(loadUpTo(visible + at, count - j), f32x4.splat(0));
    x = v128.bitselect(x, f32x4.splat(HIDDEN), shown);
  }
  if (j + 4 > count) {
    const lanes = i32x4.lt_s(i32x4.add(i32x4.splat(j), i32x4(0, 1, 2, 3)), i32x4.splat(count));
    x = v128.bitselect(x, f32x4.splat(HIDDEN), lanes);
  }
  return x;
}

/** Scales a row of scores in place and hides what is not seen; returns the largest. */
function finishScores(row: usize, count: i32, scale: f32, visible: usize, highest: f32): f32 {
  const factor = f32x4.splat(scale);
  let top = f32x4.splat(highest);
  let j = 0;
  for (; j < count; j += 4) {
    const x = scoresAt(row, j, count, factor, visible);
    v128.store(row + (<usize>j << 2), x);
    top = f32x4.pmax(top, x);
  }
  for (; j < TILE; j += 4) v128.store(row + (<usize>j << 2), f32x4.splat(HIDDEN));
  return maxLanes(top);
}

/** One row of scores → weights e^{score − m}, m raised; adds to l and returns the factor for what came before. */
function weighRow(row: usize, count: i32, scale: f32, visible: usize, m: usize, l: usize): f32 {
  const before = f32.load(m);
  const highest = finishScores(row, count, scale, visible, before);
  const sum = sumLanes(expInPlace(row, highest, TILE));
  const keep: f32 = highest > before ? exp1(before - highest) : 1;
  f32.store(m, highest);
  f32.store(l, f32.load(l) * keep + sum);
  return keep;
}

/**
 * The queries `from` ≤ i < `to`, a part of their own as no row depends on another; `from` is a multiple of TILE.
 *
 * @param visible [N], > 0 where a key is visible; or 0: all are
 * @param rowLse [N] output: log Σ e^{score}, 1e30 where no key is visible
 */
export function attentionForward(
  q: usize, k: usize, v: usize, visible: usize, out: usize, rowLse: usize, N: i32, D: i32, E: i32, scale: f32, causal: bool,
  from: i32, to: i32, scratch: usize,
): void {
  const scores = scratch + gemmScratchBytes();
  const m = scores + TILE_BYTES;
  const l = m + (<usize>TILE << 2);
  const panels = l + (<usize>TILE << 2);
  const last = causal ? to : N; // beyond the last key that one of these queries sees
  for (let j = 0; j < last; j += TILE) packTransposed(k + (<usize>(j * D) << 2), D, D, min(TILE, N - j), panels + (<usize>(j * D) << 2));
  memory.fill(out + (<usize>(from * E) << 2), 0, <usize>((to - from) * E) << 2);
  for (let i = from; i < to; i += TILE) {
    const rows = min(TILE, to - i);
    const o = out + (<usize>(i * E) << 2);
    for (let r = 0; r < TILE; r++) {
      f32.store(m + (<usize>r << 2), NOTHING);
      f32.store(l + (<usize>r << 2), 0);
    }
    const end = causal ? i + rows : N;
    for (let j = 0; j < end; j += TILE) {
      const keys = min(TILE, N - j);
      gemmPacked(q + (<usize>(i * D) << 2), D, panels + (<usize>(j * D) << 2), D, scores, TILE, rows, keys, scratch);
      for (let r = 0; r < rows; r++) {
        const at = <usize>r << 2;
        const keep = weighRow(scores + at * TILE, seen(causal, i + r, j, keys), scale, visible ? visible + (<usize>j << 2) : 0, m + at, l + at);
        if (keep !== 1) scaleRow(o + <usize>(r * E) * 4, E, keep);
      }
      gemm(scores, TILE, false, v + (<usize>(j * E) << 2), E, false, o, E, rows, E, keys, true, scratch);
    }
    for (let r = 0; r < rows; r++) {
      const sum = f32.load(l + (<usize>r << 2));
      if (sum > 0) scaleRow(o + <usize>(r * E) * 4, E, 1 / sum);
      const lse = f32.load(m + (<usize>r << 2)) + f32x4.extract_lane(log4(f32x4.splat(sum)), 0);
      f32.store(rowLse + (<usize>(i + r) << 2), sum > 0 ? lse : EMPTY);
    }
  }
}

/** dp ← p ∘ (dp − delta) · scale, the gradient of the unscaled scores */
function scoreGradient(dp: usize, p: usize, delta: f32, scale: f32, keys: i32): void {
  const all = f32x4.splat(delta);
  const factor = f32x4.splat(scale);
  for (let j = 0; j < keys; j += 4) {
    const at = <usize>j << 2;
    v128.store(dp + at, f32x4.mul(f32x4.mul(v128.load(p + at), factor), f32x4.sub(v128.load(dp + at), all)));
  }
}

/** D_i = do_i · o_i = Σ_j p_ij dp_ij */
function rowProducts(a: usize, b: usize, N: i32, E: i32, to: usize): void {
  for (let i = 0; i < N; i++) {
    let sum = f32x4.splat(0);
    for (let e = 0; e < E; e += 4) sum = madd(loadUpTo(a + (<usize>e << 2), E - e), loadUpTo(b + (<usize>e << 2), E - e), sum);
    f32.store(to + (<usize>i << 2), sumLanes(sum));
    a += <usize>E << 2;
    b += <usize>E << 2;
  }
}

/**
 * Per tile: dv_j += pᵀ do_i, ds = p ∘ (do_i v_jᵀ − D_i) · scale, dq_i += ds k_j, dk_j += dsᵀ q_i.
 *
 * The part of the keys `firstKey` ≤ j < `endKey` and the queries `firstQuery` ≤ i < `endQuery`, bounds multiples of TILE or N. Parts that
 * share neither keys nor queries may run at once. Where both start at the same token the gradients start at 0: such a part is the first
 * of its keys and of its queries.
 */
export function attentionBackward(
  q: usize, k: usize, v: usize, visible: usize, out: usize, rowLse: usize, dOut: usize, dq: usize, dk: usize, dv: usize,
  N: i32, D: i32, E: i32, scale: f32, causal: bool, firstKey: i32, endKey: i32, firstQuery: i32, endQuery: i32, scratch: usize,
): void {
  const p = scratch + gemmScratchBytes();
  const dp = p + TILE_BYTES;
  const keyPanels = dp + TILE_BYTES;
  const valuePanels = keyPanels + (<usize>(TILE * D) << 2);
  const delta = valuePanels + (<usize>(TILE * E) << 2);
  const queriesE = <usize>(firstQuery * E) << 2;
  rowProducts(dOut + queriesE, out + queriesE, endQuery - firstQuery, E, delta);
  if (firstKey === firstQuery) {
    memory.fill(dq + (<usize>(firstQuery * D) << 2), 0, <usize>((endQuery - firstQuery) * D) << 2);
    memory.fill(dk + (<usize>(firstKey * D) << 2), 0, <usize>((endKey - firstKey) * D) << 2);
    memory.fill(dv + (<usize>(firstKey * E) << 2), 0, <usize>((endKey - firstKey) * E) << 2);
  }
  for (let j = firstKey; j < endKey; j += TILE) {
    const keys = min(TILE, endKey - j);
    const keyAt = <usize>(j * D) << 2;
    const valueAt = <usize>(j * E) << 2;
    packTransposed(k + keyAt, D, D, keys, keyPanels);
    packTransposed(v + valueAt, E, E, keys, valuePanels);
    for (let i = causal ? max(j, firstQuery) : firstQuery; i < endQuery; i += TILE) {
      const rows = min(TILE, endQuery - i);
      const queryAt = <usize>(i * D) << 2;
      const rowAt = <usize>(i * E) << 2;
      gemmPacked(q + queryAt, D, keyPanels, D, p, TILE, rows, keys, scratch);
      gemmPacked(dOut + rowAt, E, valuePanels, E, dp, TILE, rows, keys, scratch);
      for (let r = 0; r < rows; r++) {
        const at = <usize>r << 2;
        const place = <usize>(i + r) << 2;
        finishScores(p + at * TILE, seen(causal, i + r, j, keys), scale, visible ? visible + (<usize>j << 2) : 0, 0);
        expInPlace(p + at * TILE, f32.load(rowLse + place), TILE);
        scoreGradient(dp + at * TILE, p + at * TILE, f32.load(delta + place - (<usize>firstQuery << 2)), scale, keys);
      }
      gemm(p, TILE, true, dOut + rowAt, E, false, dv + valueAt, E, keys, E, rows, true, scratch);
      gemm(dp, TILE, false, k + keyAt, D, false, dq + queryAt, D, rows, D, keys, true, scratch);
      gemm(dp, TILE, true, q + queryAt, D, false, dk + keyAt, D, keys, D, rows, true, scratch);
    }
  }
}
