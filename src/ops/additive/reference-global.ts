// The global form of one head: softmax over the tokens, per channel, and its backward pass.

import type { Shape } from "#case/case";
import type { Head, HeadGradients, HeadOutputs } from "./head.ts";

type Sizes = Pick<Shape, "N" | "D" | "E">;

/** p [N,D] = softmax of g over the tokens (0 where no token is visible), and log Σ e^g [D]. */
function softmaxOverTokens(g: Float64Array, { N, D }: Sizes): { p: Float64Array; lse: Float64Array } {
  const p = new Float64Array(N * D);
  const lse = new Float64Array(D).fill(-Infinity);
  for (let d = 0; d < D; d++) {
    let top = -Infinity;
    for (let t = 0; t < N; t++) top = Math.max(top, g[t * D + d]!);
    if (top === -Infinity) continue;
    let sum = 0;
    for (let t = 0; t < N; t++) sum += Math.exp(g[t * D + d]! - top);
    for (let t = 0; t < N; t++) p[t * D + d] = Math.exp(g[t * D + d]! - top) / sum;
    lse[d] = top + Math.log(sum);
  }
  return { p, lse };
}

export function forwardGlobal({ q, g, v, k }: Head, { N, D, E }: Sizes): HeadOutputs {
  const { p, lse } = softmaxOverTokens(g, { N, D, E });
  const state = new Float64Array(D * E);
  const out = new Float64Array(N * E);
  for (let t = 0; t < N; t++) {
    for (let d = 0; d < D; d++) {
      const weight = p[t * D + d]! * (k?.[t * D + d] ?? 1);
      for (let e = 0; e < E; e++) state[d * E + e]! += weight * v[t * E + e]!;
    }
  }
  for (let t = 0; t < N; t++) {
    for (let d = 0; d < D; d++) {
      for (let e = 0; e < E; e++) out[t * E + e]! += q[t * D + d]! * state[d * E + e]!;
    }
  }
  return { out, state, lse };
}

/** ds = qᵀdo, dq = do·sᵀ, u = v·dsᵀ; dg = p∘(k∘u − rowsum(s∘ds)), dk = p∘u, dv = (p∘k)·ds. */
export function backwardGlobal(head: Head, { N, D, E }: Sizes, cotangent: Float64Array): HeadGradients {
  const { q, g, v, k } = head;
  const { p } = softmaxOverTokens(g, { N, D, E });
  const { state } = forwardGlobal(head, { N, D, E });
  const dq = new Float64Array(N * D);
  const dg = new Float64Array(N * D);
  const dk = new Float64Array(N * D);
  const dv = new Float64Array(N * E);
  const ds = new Float64Array(D * E);
  for (let t = 0; t < N; t++) {
    for (let d = 0; d < D; d++) {
      for (let e = 0; e < E; e++) {
        ds[d * E + e]! += q[t * D + d]! * cotangent[t * E + e]!;
        dq[t * D + d]! += state[d * E + e]! * cotangent[t * E + e]!;
      }
    }
  }
  for (let d = 0; d < D; d++) {
    let common = 0;
    for (let e = 0; e < E; e++) common += state[d * E + e]! * ds[d * E + e]!;
    for (let t = 0; t < N; t++) {
      const i = t * D + d;
      let u = 0;
      for (let e = 0; e < E; e++) {
        u += v[t * E + e]! * ds[d * E + e]!;
        dv[t * E + e]! += p[i]! * (k?.[i] ?? 1) * ds[d * E + e]!;
      }
      dk[i] = p[i]! * u;
      dg[i] = p[i]! * ((k?.[i] ?? 1) * u - common);
    }
  }
  return { q: dq, g: dg, v: dv, k: dk, initialState: new Float64Array(D * E), initialLse: new Float64Array(D) };
}
