// The global additive operator of one head: s = Σ_t softmax_over_tokens(g)_t v_tᵀ, o = q s, and its backward pass.
// Blocks of tokens small enough that their weights stay in L1 between the exponentials and the products.

import { gemm, gemmScratchBytes } from "./gemm";
import { loadUpTo, storeUpTo } from "./lanes";
import { madd, sumLanes } from "./simd";
import { expRow } from "./exp-row";
import { BLOCK, clearSums, fold, inverseAt, normalise, sumBlock, sumsBytes, WINDOW } from "./softmax-tokens";

/** Bytes of scratch for a head with D and E channels. */
export function additiveGlobalScratchBytes(D: i32, E: i32): usize {
  return (gemmScratchBytes() + ((<usize>(2 * D + 2 * D * E + 2 * BLOCK * D)) << 2) + sumsBytes(D, E) + 64) & ~15;
}

/**
 * @param k keys [N, D] or 0: the logits alone are the keys
 * @param state,m,l outputs [D, E], [D] and [D]: state, largest logit and Σ e^{g − m}; out [N, E]
 */
export function additiveGlobalForward(
  q: usize, g: usize, v: usize, k: usize, out: usize, state: usize, m: usize, l: usize, N: i32, D: i32, E: i32, scratch: usize,
): void {
  const p = scratch + gemmScratchBytes();
  const total = p + (<usize>(BLOCK * D) << 2);
  const folds = N > WINDOW;
  clearSums(m, l, state, D, E);
  if (folds) clearSums(total, total + (<usize>D << 2), total + (<usize>D << 3), D, E);
  for (let t = 0; t < N; t += BLOCK) {
    const row = <usize>(t * D) << 2;
    sumBlock(g + row, k ? k + row : 0, v + (<usize>(t * E) << 2), min(BLOCK, N - t), D, E, m, l, state, p, scratch);
    if (folds && ((t + BLOCK) % WINDOW === 0 || t + BLOCK >= N)) fold(m, l, state, total, D, E);
  }
  if (folds) {
    memory.copy(l, total + (<usize>D << 2), <usize>D << 2);
    memory.copy(state, total + (<usize>D << 3), <usize>(D * E) << 2);
  }
  normalise(state, D, E, l);
  gemm(q, D, false, state, E, false, out, E, N, E, D, false, scratch);
}

/** u ← p ∘ (u − c), or with keys dk = p ∘ u and u ← p ∘ (k ∘ u − c); then p ← p ∘ k. u holds v·dsᵀ of the block. */
function logitGradient(u: usize, p: usize, k: usize, dk: usize, c: usize, tokens: i32, D: i32): void {
  for (let t = 0; t < tokens; t++) {
    for (let d = 0; d < D; d += 4) {
      const at = <usize>(t * D + d) << 2;
      const lanes = D - d;
      const weight = loadUpTo(p + at, lanes);
      let x = loadUpTo(u + at, lanes);
      if (k) {
        const key = loadUpTo(k + at, lanes);
        storeUpTo(dk + at, f32x4.mul(weight, x), lanes);
        storeUpTo(p + at, f32x4.mul(weight, key), lanes);
        x = f32x4.mul(x, key);
      }
      storeUpTo(u + at, f32x4.mul(weight, f32x4.sub(x, loadUpTo(c + (<usize>d << 2), lanes))), lanes);
    }
  }
}

/**
 * ds = qᵀdo + dState, dq = do·sᵀ; with p = e^{g − m} / l: u = v·dsᵀ, dg = p ∘ (k ∘ u − rowsum(s ∘ ds) + dLse),
 * dk = p ∘ u, dv = (p ∘ k)·ds. The 1/l is put on ds and on the row sums. Never through lse: at logits of thousands its
 * rounding alone is 10⁻⁴ of every weight.
 */
export function additiveGlobalBackward(
  q: usize, g: usize, v: usize, k: usize, state: usize, m: usize, l: usize, dOut: usize, dState: usize, dLse: usize,
  dq: usize, dg: usize, dv: usize, dk: usize, N: i32, D: i32, E: i32, scratch: usize,
): void {
  const c = scratch + gemmScratchBytes();
  const ds = c + (<usize>D << 2);
  const p = ds + (<usize>(D * E) << 2);
  memory.copy(ds, dState, <usize>(D * E) << 2);
  for (let t = 0; t < N; t += BLOCK) {
    const tokens = min(BLOCK, N - t);
    const inD = <usize>(t * D) << 2;
    const inE = <usize>(t * E) << 2;
    gemm(q + inD, D, true, dOut + inE, E, false, ds, E, D, E, tokens, true, scratch);
    gemm(dOut + inE, E, false, state, E, true, dq + inD, D, tokens, D, E, false, scratch);
  }
  for (let d = 0; d < D; d++) {
    let sum = f32x4.splat(0);
    for (let e = 0; e < E; e += 4) {
      const at = <usize>(d * E + e) << 2;
      sum = madd(loadUpTo(state + at, E - e), loadUpTo(ds + at, E - e), sum);
    }
    f32.store(c + (<usize>d << 2), inverseAt(l, d) * (sumLanes(sum) - f32.load(dLse + (<usize>d << 2))));
  }
  normalise(ds, D, E, l);
  for (let t = 0; t < N; t += BLOCK) {
    const tokens = min(BLOCK, N - t);
    const inD = <usize>(t * D) << 2;
    const inE = <usize>(t * E) << 2;
    for (let i = 0; i < tokens; i++) expRow(g + inD + (<usize>(i * D) << 2), m, p + (<usize>(i * D) << 2), D);
    gemm(v + inE, E, false, ds, E, true, dg + inD, D, tokens, D, E, false, scratch);
    logitGradient(dg + inD, p, k ? k + inD : 0, dk + inD, c, tokens, D);
    gemm(p, D, false, ds, E, false, dv + inE, E, tokens, E, D, false, scratch);
  }
}
