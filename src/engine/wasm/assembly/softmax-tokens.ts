// The token-softmax of the additive operator, block by block: the running maximum m and weight l of each channel,
// and the weights e^{g − m} of a block of tokens.

import { expRow } from "./exp-row";
import { gemm } from "./gemm";
import { loadUpTo, multiplyInto, storeUpTo } from "./lanes";
import { exp1, exp4 } from "./simd";

/** Below every logit, above those of hidden tokens (−1e38), so that a hidden token's weight is exactly 0. */
export const NOTHING: f32 = -1e30;

/** Tokens in a block: 64 rows of 64 weights are 16 KB, widened by an encoding 32 KB. */
export const BLOCK: i32 = 64;

/**
 * Tokens that are summed by themselves before they are added to what came before. In one running sum over N tokens whose values
 * cancel every term is rounded like the whole, and the error of a row grows with √N: at 16 384 tokens beyond 10⁻⁵.
 */
export const WINDOW: i32 = 1024;

/**
 * Takes `tokens` rows of g into account: raises m [D], writes p = e^{g − m} [tokens, D], adds Σ p to l [D], and where m
 * rose multiplies row d of the state [D, E] by e^{before − after}, which happens about ln(N / tokens) times a channel.
 */
export function absorb(g: usize, tokens: i32, D: i32, E: i32, m: usize, l: usize, state: usize, p: usize): void {
  const row = <usize>D << 2;
  for (let d = 0; d < D; d += 4) {
    const lanes = D - d;
    const at = <usize>d << 2;
    const before = loadUpTo(m + at, lanes);
    let top = before;
    let from = g + at;
    for (let t = 0; t < tokens; t++) {
      top = f32x4.pmax(top, loadUpTo(from, lanes));
      from += row;
    }
    if (v128.any_true(f32x4.gt(top, before))) {
      const keep = exp4(f32x4.sub(before, top));
      storeUpTo(l + at, f32x4.mul(loadUpTo(l + at, lanes), keep), lanes);
      storeUpTo(m + at, top, lanes);
      rescale(state + <usize>(d * E) * 4, E, keep, min(4, lanes));
    }
  }
  for (let t = 0; t < tokens; t++) expRow(g + <usize>t * row, m, p + <usize>t * row, D);
  for (let d = 0; d < D; d += 4) {
    const lanes = D - d;
    const at = <usize>d << 2;
    let sum = f32x4.splat(0);
    let from = p + at;
    for (let t = 0; t < tokens; t++) {
      sum = f32x4.add(sum, loadUpTo(from, lanes));
      from += row;
    }
    storeUpTo(l + at, f32x4.add(loadUpTo(l + at, lanes), sum), lanes);
  }
}

/** Multiplies up to four rows of the state, one factor each. */
export function rescale(state: usize, E: i32, keep: v128, rows: i32): void {
  scaleRow(state, E, f32x4.extract_lane(keep, 0));
  if (rows > 1) scaleRow(state + (<usize>E << 2), E, f32x4.extract_lane(keep, 1));
  if (rows > 2) scaleRow(state + (<usize>E << 3), E, f32x4.extract_lane(keep, 2));
  if (rows > 3) scaleRow(state + <usize>E * 12, E, f32x4.extract_lane(keep, 3));
}

export function scaleRow(row: usize, size: i32, factor: f32): void {
  const all = f32x4.splat(factor);
  for (let e = 0; e < size; e += 4) {
    const at = row + (<usize>e << 2);
    storeUpTo(at, f32x4.mul(loadUpTo(at, size - e), all), size - e);
  }
}

/** 1/l of channel d, 0 where no token was seen. */
// @ts-ignore: decorator
@inline
export function inverseAt(l: usize, d: i32): f32 {
  const weight = f32.load(l + (<usize>d << 2));
  return weight > 0 ? 1 / weight : 0;
}

/** Divides row d of [D, E] by l_d; a channel that saw no token becomes 0. */
export function normalise(rows: usize, D: i32, E: i32, l: usize): void {
  for (let d = 0; d < D; d++) scaleRow(rows + <usize>(d * E) * 4, E, inverseAt(l, d));
}

/** m [D], l [D] and state [D, E] of no token. */
export function clearSums(m: usize, l: usize, state: usize, D: i32, E: i32): void {
  for (let d = 0; d < D; d++) f32.store(m + (<usize>d << 2), NOTHING);
  memory.fill(l, 0, <usize>D << 2);
  memory.fill(state, 0, <usize>(D * E) << 2);
}

/**
 * Adds a block to l and state, both relative to m: l += Σ p, state += (p ∘ k)ᵀ v.
 *
 * @param k keys of the block or 0: the logits alone are the keys
 * @param p [BLOCK, D], overwritten
 */
export function sumBlock(
  g: usize, k: usize, v: usize, tokens: i32, D: i32, E: i32, m: usize, l: usize, state: usize, p: usize, scratch: usize,
): void {
  absorb(g, tokens, D, E, m, l, state, p);
  if (k) multiplyInto(p, p, k, tokens * D);
  gemm(p, D, true, v, E, false, state, E, D, E, tokens, true, scratch);
}

/** Bytes of the sums that `fold` adds to: m [D], l [D], state [D, E]. */
export function sumsBytes(D: i32, E: i32): usize {
  return <usize>(2 * D + D * E) << 2;
}

/** Adds l and state to the sums at `total`, brings these to the same m, and begins l and state anew. */
export function fold(m: usize, l: usize, state: usize, total: usize, D: i32, E: i32): void {
  for (let d = 0; d < D; d++) {
    const at = <usize>d << 2;
    const keep = exp1(f32.load(total + at) - f32.load(m + at));
    f32.store(total + at, f32.load(m + at));
    const weight = total + (<usize>D << 2) + at;
    f32.store(weight, f32.load(weight) * keep + f32.load(l + at));
    const line = <usize>(d * E) << 2;
    addScaled(state + line, total + (<usize>D << 3) + line, keep, E);
  }
  memory.fill(l, 0, <usize>D << 2);
  memory.fill(state, 0, <usize>(D * E) << 2);
}

/** to ← to · keep + from */
function addScaled(from: usize, to: usize, keep: f32, size: i32): void {
  const all = f32x4.splat(keep);
  for (let e = 0; e < size; e += 4) {
    const at = <usize>e << 2;
    const lanes = size - e;
    storeUpTo(to + at, f32x4.add(f32x4.mul(loadUpTo(to + at, lanes), all), loadUpTo(from + at, lanes)), lanes);
  }
}
