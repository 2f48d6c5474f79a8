// Log decays from their logits, and the keys tied to them, in one pass each way:
// f = b + (1 − b) σ(x), y = factor · log f, key = 1 − f = (1 − b) σ(−x), with a lower bound b per channel, or 0.
//
// With m = e^{−|x|} nothing overflows, and log f is formed from 1 − f where that is below ½ and from f itself elsewhere,
// so that it has its digits near 0 and for logits of thousands. Limit: 8 bytes read and written a number; e^x and ln x are
// some 40 instructions for four.

import { clear, loadUpTo, storeUpTo } from "./lanes";
import { exp4, log4, madd } from "./simd";

/** Below this logit log σ(x) is x to float32. */
const STEEP: f32 = -20;
/** Keeps a bound that was rounded to 0 from dividing by it. */
const LEAST: f32 = 1e-37;

// @ts-ignore: decorator
@inline
function decayed(x: v128): v128 {
  return exp4(f32x4.neg(f32x4.abs(x)));
}

/** 1 − f */
// @ts-ignore: decorator
@inline
function keyOf(m: v128, s: v128, positive: v128, b: v128): v128 {
  return f32x4.mul(f32x4.sub(f32x4.splat(1), b), f32x4.mul(v128.bitselect(m, f32x4.splat(1), positive), s));
}

/** The key is written first, so that both may have the same place where it is not wanted. */
// @ts-ignore: decorator
@inline
function forward4(x: v128, b: v128, bounded: bool, factor: v128, logDecay: usize, key: usize, lanes: i32): void {
  const one = f32x4.splat(1);
  const positive = f32x4.ge(x, f32x4.splat(0));
  const m = decayed(x);
  const s = f32x4.div(one, f32x4.add(one, m));
  const rest = keyOf(m, s, positive, b);
  storeUpTo(key, rest, lanes);
  // the digits that 1 − rest loses come back by the first term of their logarithm
  const kept = f32x4.sub(one, rest);
  const lost = f32x4.mul(f32x4.sub(f32x4.sub(one, kept), rest), f32x4.sub(f32x4.splat(2), kept));
  const isSmall = f32x4.gt(rest, f32x4.splat(0.5));
  const f = v128.bitselect(f32x4.mul(f32x4.add(b, m), s), kept, isSmall);
  let y = f32x4.add(log4(f), v128.andnot(lost, isSmall));
  // A logit that is no number stays none.
  y = v128.bitselect(y, x, bounded ? f32x4.eq(x, x) : f32x4.ge(x, f32x4.splat(STEEP)));
  storeUpTo(logDecay, f32x4.mul(factor, y), lanes);
}

// @ts-ignore: decorator
@inline
function forwardRow(x: usize, bound: usize, bounded: bool, logDecay: usize, key: usize, D: i32, factor: v128): void {
  const none = f32x4.splat(0);
  let d = 0;
  for (; d + 16 <= D; d += 16) { // four in one block share their constants, see exp-row
    const at = <usize>d << 2;
    const x0 = v128.load(x + at), x1 = v128.load(x + at, 16), x2 = v128.load(x + at, 32), x3 = v128.load(x + at, 48);
    forward4(x0, bounded ? v128.load(bound + at) : none, bounded, factor, logDecay + at, key + at, 4);
    forward4(x1, bounded ? v128.load(bound + at, 16) : none, bounded, factor, logDecay + at + 16, key + at + 16, 4);
    forward4(x2, bounded ? v128.load(bound + at, 32) : none, bounded, factor, logDecay + at + 32, key + at + 32, 4);
    forward4(x3, bounded ? v128.load(bound + at, 48) : none, bounded, factor, logDecay + at + 48, key + at + 48, 4);
  }
  for (; d < D; d += 4) {
    const at = <usize>d << 2;
    forward4(loadUpTo(x + at, D - d), bounded ? loadUpTo(bound + at, D - d) : none, bounded, factor, logDecay + at, key + at, D - d);
  }
}

/**
 * @param x [N, D], as logDecay and key; @param bound [D], or 0: no bound; @param key 0: not wanted
 * @param factor one over the temperature
 */
export function decayGateForward(x: usize, bound: usize, logDecay: usize, key: usize, N: i32, D: i32, factor: f32): void {
  const scale = f32x4.splat(factor);
  if (!key) key = logDecay;
  if (!bound) return forwardRow(x, 0, false, logDecay, key, N * D, scale);
  const line = <usize>D << 2;
  for (const end = x + <usize>N * line; x < end; x += line, logDecay += line, key += line) {
    forwardRow(x, bound, true, logDecay, key, D, scale);
  }
}

/** dx of four logits; with a bound its gradient is added to `sums`. */
// @ts-ignore: decorator
@inline
function backward4(x: v128, b: v128, bounded: bool, dy: v128, dKey: v128, sums: usize): v128 {
  const one = f32x4.splat(1);
  const positive = f32x4.ge(x, f32x4.splat(0));
  const m = decayed(x);
  const s = f32x4.div(one, f32x4.add(one, m));
  const ms = f32x4.mul(m, s);
  if (!bounded) {
    const sigmoid = v128.bitselect(s, ms, positive);
    const rest = v128.bitselect(ms, s, positive);
    return f32x4.mul(rest, f32x4.sub(dy, f32x4.mul(dKey, sigmoid)));
  }
  // f = den · s and df/dx = (1 − b) m s²
  const den = f32x4.max(v128.bitselect(madd(b, m, one), f32x4.add(b, m), positive), f32x4.splat(LEAST));
  const dLog = f32x4.sub(f32x4.div(dy, den), f32x4.mul(dKey, s));
  v128.store(sums, madd(v128.bitselect(m, one, positive), dLog, v128.load(sums)));
  return f32x4.mul(f32x4.mul(f32x4.sub(one, b), ms), dLog);
}

// @ts-ignore: decorator
@inline
function backwardRow(x: usize, bound: usize, bounded: bool, dLogDecay: usize, dKey: usize, dx: usize, sums: usize, D: i32, factor: v128, keyed: v128): void {
  const none = f32x4.splat(0);
  let d = 0;
  for (; d + 16 <= D; d += 16) {
    const at = <usize>d << 2;
    const x0 = v128.load(x + at), x1 = v128.load(x + at, 16), x2 = v128.load(x + at, 32), x3 = v128.load(x + at, 48);
    const y0 = v128.load(dLogDecay + at), y1 = v128.load(dLogDecay + at, 16), y2 = v128.load(dLogDecay + at, 32), y3 = v128.load(dLogDecay + at, 48);
    const k0 = v128.load(dKey + at), k1 = v128.load(dKey + at, 16), k2 = v128.load(dKey + at, 32), k3 = v128.load(dKey + at, 48);
    v128.store(dx + at, backward4(x0, bounded ? v128.load(bound + at) : none, bounded, f32x4.mul(factor, y0), v128.and(keyed, k0), sums + at));
    v128.store(dx + at, backward4(x1, bounded ? v128.load(bound + at, 16) : none, bounded, f32x4.mul(factor, y1), v128.and(keyed, k1), sums + at + 16), 16);
    v128.store(dx + at, backward4(x2, bounded ? v128.load(bound + at, 32) : none, bounded, f32x4.mul(factor, y2), v128.and(keyed, k2), sums + at + 32), 32);
    v128.store(dx + at, backward4(x3, bounded ? v128.load(bound + at, 48) : none, bounded, f32x4.mul(factor, y3), v128.and(keyed, k3), sums + at + 48), 48);
  }
  for (; d < D; d += 4) {
    const at = <usize>d << 2;
    const lanes = D - d;
    const dy = f32x4.mul(factor, loadUpTo(dLogDecay + at, lanes));
    const dk = v128.and(keyed, loadUpTo(dKey + at, lanes));
    storeUpTo(dx + at, backward4(loadUpTo(x + at, lanes), bounded ? loadUpTo(bound + at, lanes) : none, bounded, dy, dk, sums + at), lanes);
  }
}

/** Tokens whose gradients of the bound are summed before they are added to the rest: a long float32 sum loses digits. */
const BLOCK: i32 = 64;

/**
 * @param dLogDecay [N, D], as dKey and dx; @param dKey 0: no gradient of keys
 * @param dBound [D], added to; 0 where there is no bound
 * @param sums scratch, [D padded to 4]
 */
export function decayGateBackward(
  x: usize, bound: usize, dLogDecay: usize, dKey: usize, dx: usize, dBound: usize, N: i32, D: i32, factor: f32, sums: usize,
): void {
  const scale = f32x4.splat(factor);
  const keyed = i32x4.splat(dKey ? -1 : 0);
  if (!dKey) dKey = dLogDecay; // read for nothing
  if (!bound) return backwardRow(x, 0, false, dLogDecay, dKey, dx, 0, N * D, scale, keyed);
  const line = <usize>D << 2;
  for (let left = N; left > 0; left -= BLOCK) {
    clear(sums, (line + 15) & ~15);
    for (let t = min(BLOCK, left); t > 0; --t, x += line, dLogDecay += line, dKey += line, dx += line) {
      backwardRow(x, bound, true, dLogDecay, dKey, dx, sums, D, scale, keyed);
    }
    for (let d = 0; d < D; d += 4) {
      const at = <usize>d << 2;
      storeUpTo(dBound + at, f32x4.add(loadUpTo(dBound + at, D - d), v128.load(sums + at)), D - d);
    }
  }
}
