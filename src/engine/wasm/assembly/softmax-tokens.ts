// The token-softmax of the additive operator, block by block: the running maximum m and weight l of each channel,
// and the weights e^{g − m} of a block of tokens.

import { expRow } from "./exp-row";
import { exp4 } from "./simd";
import { loadUpTo, storeUpTo } from "./lanes";

/** Below every logit, above those of hidden tokens (−1e38), so that a hidden token's weight is exactly 0. */
export const NOTHING: f32 = -1e30;

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
