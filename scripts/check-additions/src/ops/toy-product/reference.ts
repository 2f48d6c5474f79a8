// The toy product as the definition: plain loops, float64.

import type { Reference } from "../operator.ts";

type Heads = (row: number) => Float64Array;

/** aᵀ b of one head, [A, B] */
function outer(a: Heads, b: Heads, N: number): Float64Array {
  const [A, B] = [a(0).length, b(0).length];
  const sum = new Float64Array(A * B);
  for (let t = 0; t < N; t++)
    for (let i = 0; i < A; i++) for (let j = 0; j < B; j++) sum[i * B + j]! += a(t)[i]! * b(t)[j]!;
  return sum;
}

const headOf = (x: Float64Array, head: number, N: number, width: number) => (t: number) =>
  x.subarray((head * N + t) * width, (head * N + t + 1) * width);

/** o = q S with S = kᵀ v. Backward: dq = do Sᵀ, dS = qᵀ do, dk = v dSᵀ, dv = k dS. */
export const toyProductReference: Reference = {
  forward({ q, k, v }, _spec, { B, H, N, D, E }) {
    const out = new Float64Array(B * H * N * E);
    for (let head = 0; head < B * H; head++) {
      const S = outer(headOf(k!, head, N, D), headOf(v!, head, N, E), N);
      for (let t = 0; t < N; t++)
        for (let d = 0; d < D; d++)
          for (let e = 0; e < E; e++) out[(head * N + t) * E + e]! += q![(head * N + t) * D + d]! * S[d * E + e]!;
    }
    return { out };
  },
  backward({ q, k, v }, _spec, { B, H, N, D, E }, cotangent) {
    const gradients = {
      q: new Float64Array(q!.length),
      k: new Float64Array(k!.length),
      v: new Float64Array(v!.length),
    };
    for (let head = 0; head < B * H; head++) {
      const S = outer(headOf(k!, head, N, D), headOf(v!, head, N, E), N);
      const dS = outer(headOf(q!, head, N, D), headOf(cotangent, head, N, E), N);
      for (let t = 0; t < N; t++) {
        const row = head * N + t;
        for (let d = 0; d < D; d++) {
          for (let e = 0; e < E; e++) {
            gradients.q[row * D + d]! += cotangent[row * E + e]! * S[d * E + e]!;
            gradients.k[row * D + d]! += v![row * E + e]! * dS[d * E + e]!;
            gradients.v[row * E + e]! += k![row * D + d]! * dS[d * E + e]!;
          }
        }
      }
    }
    return gradients;
  },
};
