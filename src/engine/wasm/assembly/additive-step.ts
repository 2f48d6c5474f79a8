// One token of the causal additive recurrence for one head: decoding. With running maximum m, l = Σ e^{g − m} and its rounding
// error (Kahan), per channel: m' = max(m, g), l' = l e^{m − m'} + e^{g − m'}, b = e^{g − m'} / l',
// s' = s + b ∘ (k vᵀ − s), out = s'ᵀ q.
//
// Limit: the state is read and written once, 8 D E bytes beside 6 D E operations; at D = E = 64 it is 16 KB and stays in L1,
// so that about D E / 4 vector steps of load, three operations and store bound a token, some 2 µs.

import { loadUpTo, storeUpTo } from "./lanes";
import { exp4, madd, spread } from "./simd";

/** Bytes of scratch: a share for each channel. */
export function additiveStepScratchBytes(D: i32): usize {
  return <usize>((D + 3) & ~3) << 2;
}

/**
 * @param q [D], as g, k, m, l, lError and their successors; @param v [E], as out; @param s [D, E], as its successor
 * @param k 0: none, its place is taken by 1
 * @param shares scratch
 */
export function additiveStep(
  q: usize, g: usize, v: usize, k: usize, m: usize, l: usize, lError: usize, s: usize,
  out: usize, nextM: usize, nextL: usize, nextLError: usize, nextS: usize, D: i32, E: i32, shares: usize,
): void {
  for (let d = 0; d < D; d += 4) {
    const at = <usize>d << 2;
    const logit = loadUpTo(g + at, D - d);
    const before = loadUpTo(m + at, D - d);
    const top = f32x4.pmax(before, logit);
    const keep = exp4(f32x4.sub(before, top));
    const added = exp4(f32x4.sub(logit, top));
    const kept = f32x4.mul(loadUpTo(l + at, D - d), keep);
    const corrected = f32x4.sub(added, f32x4.mul(loadUpTo(lError + at, D - d), keep));
    const sum = f32x4.add(kept, corrected);
    storeUpTo(nextM + at, top, D - d);
    storeUpTo(nextL + at, sum, D - d);
    storeUpTo(nextLError + at, f32x4.sub(f32x4.sub(sum, kept), corrected), D - d);
    // Where nothing was seen yet, nothing is added: 0 / 1.
    const divisor = v128.bitselect(f32x4.splat(1), sum, f32x4.eq(sum, f32x4.splat(0)));
    v128.store(shares + at, f32x4.div(added, divisor));
  }
  let e = 0;
  for (; e + 16 <= E; e += 16) quarter(q, v, k, s, out, nextS, shares, D, E, e);
  for (; e < E; e += 4) few(q, v, k, s, out, nextS, shares, D, E, e);
}

/** Sixteen columns of the state, whole. */
function quarter(q: usize, v: usize, k: usize, s: usize, out: usize, nextS: usize, shares: usize, D: i32, E: i32, e: i32): void {
  const column = <usize>e << 2;
  const v0 = v128.load(v + column), v1 = v128.load(v + column, 16), v2 = v128.load(v + column, 32), v3 = v128.load(v + column, 48);
  let o0 = f32x4.splat(0), o1 = o0, o2 = o0, o3 = o0;
  for (let d = 0; d < D; d++) {
    const at = (<usize>d * E + e) << 2;
    const channel = <usize>d << 2;
    const share = spread(shares + channel);
    const query = spread(q + channel);
    const key = k === 0 ? f32x4.splat(1) : spread(k + channel);
    const a = v128.load(s + at), b = v128.load(s + at, 16), c = v128.load(s + at, 32), f = v128.load(s + at, 48);
    const s0 = madd(share, f32x4.sub(f32x4.mul(key, v0), a), a);
    const s1 = madd(share, f32x4.sub(f32x4.mul(key, v1), b), b);
    const s2 = madd(share, f32x4.sub(f32x4.mul(key, v2), c), c);
    const s3 = madd(share, f32x4.sub(f32x4.mul(key, v3), f), f);
    v128.store(nextS + at, s0);
    v128.store(nextS + at, s1, 16);
    v128.store(nextS + at, s2, 32);
    v128.store(nextS + at, s3, 48);
    o0 = madd(query, s0, o0);
    o1 = madd(query, s1, o1);
    o2 = madd(query, s2, o2);
    o3 = madd(query, s3, o3);
  }
  v128.store(out + column, o0);
  v128.store(out + column, o1, 16);
  v128.store(out + column, o2, 32);
  v128.store(out + column, o3, 48);
}

/** Up to four columns: those that are left. */
function few(q: usize, v: usize, k: usize, s: usize, out: usize, nextS: usize, shares: usize, D: i32, E: i32, e: i32): void {
  const column = <usize>e << 2;
  const value = loadUpTo(v + column, E - e);
  let sum = f32x4.splat(0);
  for (let d = 0; d < D; d++) {
    const at = (<usize>d * E + e) << 2;
    const channel = <usize>d << 2;
    const key = k === 0 ? f32x4.splat(1) : spread(k + channel);
    const before = loadUpTo(s + at, E - e);
    const after = madd(spread(shares + channel), f32x4.sub(f32x4.mul(key, value), before), before);
    storeUpTo(nextS + at, after, E - e);
    sum = madd(spread(q + channel), after, sum);
  }
  storeUpTo(out + column, sum, E - e);
}
