// One token of a recurrence: the inner loops of every scan. Sequential on purpose: with the state in L1 a token costs
// about as many cycles as its multiply-adds, fewer operations than any chunked form needs.
//
// Tiles: 16 floats of a row of the state (forward; 4 inputs, 4 sums, 4 products and 3 spread elements fill the
// registers), 8 channels (backward).

import { clear } from "./lanes";
import { madd, spread } from "./simd";

/** s ← diag(a) s + k vᵀ; o = sᵀ q. Rows of s, v and o hold `width` floats, a multiple of 16. */
export function stepDecayed(s: usize, a: usize, k: usize, q: usize, v: usize, o: usize, D: i32, width: i32): void {
  const bytes = <usize>width << 2;
  for (let e: usize = 0; e < bytes; e += 64) {
    const v0 = v128.load(v + e);
    const v1 = v128.load(v + e, 16);
    const v2 = v128.load(v + e, 32);
    const v3 = v128.load(v + e, 48);
    let o0 = f32x4.splat(0), o1 = o0, o2 = o0, o3 = o0;
    let at = s + e;
    let d: usize = 0;
    for (let left = D; left > 0; --left) {
      const x = spread(a + d);
      const y = spread(k + d);
      const z = spread(q + d);
      const s0 = madd(y, v0, f32x4.mul(x, v128.load(at)));
      v128.store(at, s0);
      o0 = madd(z, s0, o0);
      const s1 = madd(y, v1, f32x4.mul(x, v128.load(at, 16)));
      v128.store(at, s1, 16);
      o1 = madd(z, s1, o1);
      const s2 = madd(y, v2, f32x4.mul(x, v128.load(at, 32)));
      v128.store(at, s2, 32);
      o2 = madd(z, s2, o2);
      const s3 = madd(y, v3, f32x4.mul(x, v128.load(at, 48)));
      v128.store(at, s3, 48);
      o3 = madd(z, s3, o3);
      at += bytes;
      d += 4;
    }
    v128.store(o + e, o0);
    v128.store(o + e, o1, 16);
    v128.store(o + e, o2, 32);
    v128.store(o + e, o3, 48);
  }
}

/** s ← s + k vᵀ; o = sᵀ q: as stepDecayed with a = 1. */
export function stepPlain(s: usize, k: usize, q: usize, v: usize, o: usize, D: i32, width: i32): void {
  const bytes = <usize>width << 2;
  for (let e: usize = 0; e < bytes; e += 64) {
    const v0 = v128.load(v + e);
    const v1 = v128.load(v + e, 16);
    const v2 = v128.load(v + e, 32);
    const v3 = v128.load(v + e, 48);
    let o0 = f32x4.splat(0), o1 = o0, o2 = o0, o3 = o0;
    let at = s + e;
    let d: usize = 0;
    for (let left = D; left > 0; --left) {
      const y = spread(k + d);
      const z = spread(q + d);
      const s0 = madd(y, v0, v128.load(at));
      v128.store(at, s0);
      o0 = madd(z, s0, o0);
      const s1 = madd(y, v1, v128.load(at, 16));
      v128.store(at, s1, 16);
      o1 = madd(z, s1, o1);
      const s2 = madd(y, v2, v128.load(at, 32));
      v128.store(at, s2, 32);
      o2 = madd(z, s2, o2);
      const s3 = madd(y, v3, v128.load(at, 48));
      v128.store(at, s3, 48);
      o3 = madd(z, s3, o3);
      at += bytes;
      d += 4;
    }
    v128.store(o + e, o0);
    v128.store(o + e, o1, 16);
    v128.store(o + e, o2, 32);
    v128.store(o + e, o3, 48);
  }
}

/** Transposed state, [E, width]: to ← from diag(a) + v kᵀ; dq = toᵀ do. `from` and `to` may be the same. */
export function pushDecayed(from: usize, to: usize, a: usize, k: usize, v: usize, dOut: usize, dq: usize, width: i32, E: i32): void {
  const bytes = <usize>width << 2;
  for (let d: usize = 0; d < bytes; d += 32) {
    const a0 = v128.load(a + d), a1 = v128.load(a + d, 16);
    const k0 = v128.load(k + d), k1 = v128.load(k + d, 16);
    let dq0 = f32x4.splat(0), dq1 = dq0;
    let source = from + d;
    let target = to + d;
    let e: usize = 0;
    for (let left = E; left > 0; --left) {
      const x = spread(v + e);
      const y = spread(dOut + e);
      const s0 = madd(x, k0, f32x4.mul(a0, v128.load(source)));
      const s1 = madd(x, k1, f32x4.mul(a1, v128.load(source, 16)));
      v128.store(target, s0);
      v128.store(target, s1, 16);
      dq0 = madd(y, s0, dq0);
      dq1 = madd(y, s1, dq1);
      source += bytes;
      target += bytes;
      e += 4;
    }
    v128.store(dq + d, dq0);
    v128.store(dq + d, dq1, 16);
  }
}

/** Transposed state: s ← s + v kᵀ; dq = sᵀ do. */
export function pushPlain(s: usize, k: usize, v: usize, dOut: usize, dq: usize, width: i32, E: i32): void {
  const bytes = <usize>width << 2;
  for (let d: usize = 0; d < bytes; d += 64) {
    const k0 = v128.load(k + d), k1 = v128.load(k + d, 16), k2 = v128.load(k + d, 32), k3 = v128.load(k + d, 48);
    let dq0 = f32x4.splat(0), dq1 = dq0, dq2 = dq0, dq3 = dq0;
    let at = s + d;
    let e: usize = 0;
    for (let left = E; left > 0; --left) {
      const x = spread(v + e);
      const y = spread(dOut + e);
      const s0 = madd(x, k0, v128.load(at));
      v128.store(at, s0);
      dq0 = madd(y, s0, dq0);
      const s1 = madd(x, k1, v128.load(at, 16));
      v128.store(at, s1, 16);
      dq1 = madd(y, s1, dq1);
      const s2 = madd(x, k2, v128.load(at, 32));
      v128.store(at, s2, 32);
      dq2 = madd(y, s2, dq2);
      const s3 = madd(x, k3, v128.load(at, 48));
      v128.store(at, s3, 48);
      dq3 = madd(y, s3, dq3);
      at += bytes;
      e += 4;
    }
    v128.store(dq + d, dq0);
    v128.store(dq + d, dq1, 16);
    v128.store(dq + d, dq2, 32);
    v128.store(dq + d, dq3, 48);
  }
}

/**
 * Backwards through one token. R [E, width] is the gradient of the state after it that later tokens left:
 * R ← R + do qᵀ; rv = R v; dv = R k; then R ← R diag(a), the gradient of the state `s` before it; da = Σ_e R ∘ s,
 * the gradient of log a.
 *
 * @param dvLanes [E, 4] scratch: dv as four partial sums, before sumQuads
 */
export function pullDecayed(
  R: usize, s: usize, a: usize, q: usize, k: usize, v: usize, dOut: usize, rv: usize, da: usize, dvLanes: usize, width: i32, E: i32,
): void {
  const bytes = <usize>width << 2;
  clear(dvLanes, <usize>E << 4);
  for (let d: usize = 0; d < bytes; d += 32) {
    const a0 = v128.load(a + d), a1 = v128.load(a + d, 16);
    const q0 = v128.load(q + d), q1 = v128.load(q + d, 16);
    const k0 = v128.load(k + d), k1 = v128.load(k + d, 16);
    let rv0 = f32x4.splat(0), rv1 = rv0, da0 = rv0, da1 = rv0;
    let at = R + d;
    let state = s + d;
    let lanes = dvLanes;
    let e: usize = 0;
    for (let left = E; left > 0; --left) {
      const y = spread(dOut + e);
      const x = spread(v + e);
      let r0 = madd(y, q0, v128.load(at));
      rv0 = madd(x, r0, rv0);
      let l = madd(k0, r0, v128.load(lanes));
      r0 = f32x4.mul(a0, r0);
      v128.store(at, r0);
      da0 = madd(r0, v128.load(state), da0);
      let r1 = madd(y, q1, v128.load(at, 16));
      rv1 = madd(x, r1, rv1);
      v128.store(lanes, madd(k1, r1, l));
      r1 = f32x4.mul(a1, r1);
      v128.store(at, r1, 16);
      da1 = madd(r1, v128.load(state, 16), da1);
      at += bytes;
      state += bytes;
      lanes += 16;
      e += 4;
    }
    v128.store(rv + d, rv0);
    v128.store(rv + d, rv1, 16);
    v128.store(da + d, da0);
    v128.store(da + d, da1, 16);
  }
}

/** As pullDecayed with a = 1 and no gradient of it. */
export function pullPlain(R: usize, q: usize, k: usize, v: usize, dOut: usize, rv: usize, dvLanes: usize, width: i32, E: i32): void {
  const bytes = <usize>width << 2;
  clear(dvLanes, <usize>E << 4);
  for (let d: usize = 0; d < bytes; d += 32) {
    const q0 = v128.load(q + d), q1 = v128.load(q + d, 16);
    const k0 = v128.load(k + d), k1 = v128.load(k + d, 16);
    let rv0 = f32x4.splat(0), rv1 = rv0;
    let at = R + d;
    let lanes = dvLanes;
    let e: usize = 0;
    for (let left = E; left > 0; --left) {
      const y = spread(dOut + e);
      const r0 = madd(y, q0, v128.load(at));
      const r1 = madd(y, q1, v128.load(at, 16));
      v128.store(at, r0);
      v128.store(at, r1, 16);
      const x = spread(v + e);
      rv0 = madd(x, r0, rv0);
      rv1 = madd(x, r1, rv1);
      v128.store(lanes, madd(k1, r1, madd(k0, r0, v128.load(lanes))));
      at += bytes;
      lanes += 16;
      e += 4;
    }
    v128.store(rv + d, rv0);
    v128.store(rv + d, rv1, 16);
  }
}

/** [E, 4] → [E]: the sum of each row. */
export function sumQuads(lanes: usize, to: usize, E: i32): void {
  let e = 0;
  for (; e + 4 <= E; e += 4) {
    const r0 = v128.load(lanes), r1 = v128.load(lanes, 16), r2 = v128.load(lanes, 32), r3 = v128.load(lanes, 48);
    const low = f32x4.add(v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), v128.shuffle<f32>(r0, r1, 2, 6, 3, 7));
    const high = f32x4.add(v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), v128.shuffle<f32>(r2, r3, 2, 6, 3, 7));
    v128.store(to, f32x4.add(v128.shuffle<f32>(low, high, 0, 1, 4, 5), v128.shuffle<f32>(low, high, 2, 3, 6, 7)));
    lanes += 64;
    to += 16;
  }
  for (; e < E; e++) {
    const x = v128.load(lanes);
    f32.store(to, f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3)));
    lanes += 16;
    to += 4;
  }
}
