// The global additive operator of one head under cosine (MD-)LRPE, applied on the fly: q and the weights p of a block are
// widened to [x∘cos ; x∘sin] in L1, so that no tensor of width 2D exists. Weights are normalised before they are
// encoded, so the two rows of the state that stem from a channel share its maximum and its sum.

import { expRow } from "./exp-row";
import { gemm, gemmScratchBytes } from "./gemm";
import { loadUpTo, storeUpTo } from "./lanes";
import { madd, sumLanes } from "./simd";
import { absorb, BLOCK, clearSums, inverseAt, normalise } from "./softmax-tokens";

/** Bytes of scratch for either pass. */
export function additiveEncodedScratchBytes(D: i32, E: i32): usize {
  return (gemmScratchBytes() + (<usize>(4 * D + 4 * D * E + 3 * BLOCK * D + 64) << 2)) & ~15;
}

/** to = [x ∘ cos ; x ∘ sin] of `tokens` rows; table rows hold D cosines, then D sines */
function encode(x: usize, table: usize, to: usize, tokens: i32, D: i32): void {
  const half = <usize>D << 2;
  for (let t = 0; t < tokens; t++) {
    for (let d = 0; d < D; d += 4) {
      const at = <usize>d << 2;
      const lanes = D - d;
      const value = loadUpTo(x + at, lanes);
      storeUpTo(to + at, f32x4.mul(value, loadUpTo(table + at, lanes)), lanes);
      storeUpTo(to + half + at, f32x4.mul(value, loadUpTo(table + half + at, lanes)), lanes);
    }
    x += half;
    table += 2 * half;
    to += 2 * half;
  }
}

/** to = x₁ ∘ cos + x₂ ∘ sin for x = [x₁ ; x₂]: the gradient of `encode` */
function decode(x: usize, table: usize, to: usize, tokens: i32, D: i32): void {
  const half = <usize>D << 2;
  for (let t = 0; t < tokens; t++) {
    for (let d = 0; d < D; d += 4) {
      const at = <usize>d << 2;
      const lanes = D - d;
      const first = f32x4.mul(loadUpTo(x + at, lanes), loadUpTo(table + at, lanes));
      storeUpTo(to + at, madd(loadUpTo(x + half + at, lanes), loadUpTo(table + half + at, lanes), first), lanes);
    }
    x += 2 * half;
    table += 2 * half;
    to += half;
  }
}

/**
 * @param table [N, 2D]: cosines and sines of the angles
 * @param state,m,l outputs [2D, E], [D] and [D]; out [N, E]
 */
export function additiveEncodedForward(
  q: usize, g: usize, v: usize, table: usize, out: usize, state: usize, m: usize, l: usize, N: i32, D: i32, E: i32, scratch: usize,
): void {
  const p = scratch + gemmScratchBytes();
  const wide = p + (<usize>(BLOCK * D) << 2);
  // `absorb` rescales the rows [D, E] of one half; a state of width 2E, halves side by side, lets it do both at once.
  const s = wide + (<usize>(2 * BLOCK * D) << 2);
  clearSums(m, l, s, D, 2 * E);
  for (let t = 0; t < N; t += BLOCK) {
    const tokens = min(BLOCK, N - t);
    const values = v + (<usize>(t * E) << 2);
    absorb(g + (<usize>(t * D) << 2), tokens, D, 2 * E, m, l, s, p);
    encode(p, table + (<usize>(2 * t * D) << 2), wide, tokens, D);
    gemm(wide, 2 * D, true, values, E, false, s, 2 * E, D, E, tokens, true, scratch);
    gemm(wide + (<usize>D << 2), 2 * D, true, values, E, false, s + (<usize>E << 2), 2 * E, D, E, tokens, true, scratch);
  }
  normalise(s, D, 2 * E, l);
  const line = <usize>E << 2;
  for (let d = 0; d < D; d++) {
    memory.copy(state + <usize>d * line, s + 2 * <usize>d * line, line);
    memory.copy(state + <usize>(D + d) * line, s + (2 * <usize>d + 1) * line, line);
  }
  for (let t = 0; t < N; t += BLOCK) {
    const tokens = min(BLOCK, N - t);
    encode(q + (<usize>(t * D) << 2), table + (<usize>(2 * t * D) << 2), wide, tokens, D);
    gemm(wide, 2 * D, false, state, E, false, out + (<usize>(t * E) << 2), E, tokens, E, 2 * D, false, scratch);
  }
}

/** dg = p ∘ (u − c) */
function logitGradient(u: usize, p: usize, c: usize, dg: usize, tokens: i32, D: i32): void {
  for (let t = 0; t < tokens; t++) {
    for (let d = 0; d < D; d += 4) {
      const at = <usize>(t * D + d) << 2;
      const lanes = D - d;
      const x = f32x4.sub(loadUpTo(u + at, lanes), loadUpTo(c + (<usize>d << 2), lanes));
      storeUpTo(dg + at, f32x4.mul(loadUpTo(p + at, lanes), x), lanes);
    }
  }
}

/**
 * With q̂, p̂ encoded: ds = q̂ᵀdo, dq = decode(do·sᵀ); u = decode(v·dsᵀ), dg = p ∘ (u − rowsum(s ∘ ds) over both halves),
 * dv = p̂·ds. As without encoding, the 1/l of the weights is put on ds and on the row sums.
 */
export function additiveEncodedBackward(
  q: usize, g: usize, v: usize, table: usize, state: usize, m: usize, l: usize, dOut: usize, dq: usize, dg: usize, dv: usize,
  N: i32, D: i32, E: i32, scratch: usize,
): void {
  const c = scratch + gemmScratchBytes();
  const ds = c + (<usize>D << 2);
  const p = ds + (<usize>(2 * D * E) << 2);
  const wide = p + (<usize>(BLOCK * D) << 2);
  memory.fill(ds, 0, <usize>(2 * D * E) << 2);
  for (let t = 0; t < N; t += BLOCK) {
    const tokens = min(BLOCK, N - t);
    const rows = <usize>(t * D) << 2;
    const angles = table + 2 * rows;
    const cotangent = dOut + (<usize>(t * E) << 2);
    encode(q + rows, angles, wide, tokens, D);
    gemm(wide, 2 * D, true, cotangent, E, false, ds, E, 2 * D, E, tokens, true, scratch);
    gemm(cotangent, E, false, state, E, true, wide, 2 * D, tokens, 2 * D, E, false, scratch);
    decode(wide, angles, dq + rows, tokens, D);
  }
  for (let d = 0; d < D; d++) {
    let sum = f32x4.splat(0);
    for (let e = 0; e < E; e += 4) {
      const first = <usize>(d * E + e) << 2;
      const second = first + (<usize>(D * E) << 2);
      sum = madd(loadUpTo(state + first, E - e), loadUpTo(ds + first, E - e), sum);
      sum = madd(loadUpTo(state + second, E - e), loadUpTo(ds + second, E - e), sum);
    }
    f32.store(c + (<usize>d << 2), inverseAt(l, d) * sumLanes(sum));
  }
  normalise(ds, D, E, l);
  normalise(ds + (<usize>(D * E) << 2), D, E, l);
  for (let t = 0; t < N; t += BLOCK) {
    const tokens = min(BLOCK, N - t);
    const rows = <usize>(t * D) << 2;
    const angles = table + 2 * rows;
    const values = <usize>(t * E) << 2;
    for (let i = 0; i < tokens; i++) expRow(g + rows + (<usize>(i * D) << 2), m, p + (<usize>(i * D) << 2), D);
    gemm(v + values, E, false, ds, E, true, wide, 2 * D, tokens, 2 * D, E, false, scratch);
    decode(wide, angles, dg + rows, tokens, D);
    logitGradient(dg + rows, p, c, dg + rows, tokens, D);
    encode(p, angles, wide, tokens, D);
    gemm(wide, 2 * D, false, ds, E, false, dv + values, E, tokens, E, 2 * D, false, scratch);
  }
}
