// The causal recurrence of one head, token by token, and its backward pass by the reverse recurrence.

import type { Shape } from "#case/case";
import type { Head, HeadGradients, HeadOutputs } from "./head.ts";

type Sizes = Pick<Shape, "N" | "D" | "E">;

/** log(e^a + e^b), also when both are −∞. */
function logAddExp(a: number, b: number): number {
  const top = Math.max(a, b);
  return top === -Infinity ? top : top + Math.log(Math.exp(a - top) + Math.exp(b - top));
}

/** e^{from − to}, where nothing seen yet (−∞) has weight 0. */
function weight(from: number, to: number): number {
  return from === -Infinity ? 0 : Math.exp(from - to);
}

/** s and z after token t, in place. */
function advance(state: Float64Array, z: Float64Array, { g, k, v }: Head, t: number): void {
  const D = z.length;
  const E = state.length / D;
  for (let d = 0; d < D; d++) {
    const next = logAddExp(z[d]!, g[t * D + d]!);
    const keep = weight(z[d]!, next);
    const add = weight(g[t * D + d]!, next) * (k?.[t * D + d] ?? 1);
    for (let e = 0; e < E; e++) state[d * E + e] = keep * state[d * E + e]! + add * v[t * E + e]!;
    z[d] = next;
  }
}

export function forwardCausal(head: Head, { N, D, E }: Sizes): HeadOutputs {
  const out = new Float64Array(N * E);
  const { state, lse } = begin(head);
  for (let t = 0; t < N; t++) {
    advance(state, lse, head, t);
    for (let d = 0; d < D; d++) {
      for (let e = 0; e < E; e++) out[t * E + e]! += head.q[t * D + d]! * state[d * E + e]!;
    }
  }
  return { out, state, lse };
}

/** An initial state of weight e^{−∞} is erased. */
function begin({ state0, lse0 }: Head): { state: Float64Array; lse: Float64Array } {
  const E = state0.length / lse0.length;
  return { state: state0.map((value, i) => (lse0[Math.floor(i / E)] === -Infinity ? 0 : value)), lse: lse0.slice() };
}

/**
 * R_j = Σ_{t≥j} e^{z_j−z_t} q_t do_tᵀ, r_j = Σ_{t≥j} e^{z_j−z_t} q_t∘dq_t, p_j = e^{g_j−z_j}:
 * dg_j = p_j∘(k_j∘R_j v_j − r_j), dk_j = p_j∘R_j v_j, dv_j = R_jᵀ(p_j∘k_j). The initial state counts as a
 * token before the first, of logit z_0.
 */
export function backwardCausal(head: Head, { N, D, E }: Sizes, cotangent: Float64Array): HeadGradients {
  const { q, g, v, k, state0, lse0 } = head;
  const { z, dq } = forwardPass(head, { N, D, E }, cotangent);
  const dg = new Float64Array(N * D);
  const dk = new Float64Array(N * D);
  const dv = new Float64Array(N * E);
  const R = new Float64Array(D * E);
  const r = new Float64Array(D);
  for (let j = N - 1; j >= 0; j--) {
    for (let d = 0; d < D; d++) {
      const i = j * D + d;
      const keep = j === N - 1 ? 0 : weight(z[i]!, z[i + D]!);
      const p = weight(g[i]!, z[i]!);
      r[d] = keep * r[d]! + q[i]! * dq[i]!;
      let Rv = 0;
      for (let e = 0; e < E; e++) {
        const value = keep * R[d * E + e]! + q[i]! * cotangent[j * E + e]!;
        R[d * E + e] = value;
        Rv += value * v[j * E + e]!;
        dv[j * E + e]! += p * (k?.[i] ?? 1) * value;
      }
      dk[i] = p * Rv;
      dg[i] = p * ((k?.[i] ?? 1) * Rv - r[d]!);
    }
  }
  const initialState = new Float64Array(D * E);
  const initialLse = new Float64Array(D);
  for (let d = 0; d < D; d++) {
    const keep = weight(lse0[d]!, z[d]!);
    for (let e = 0; e < E; e++) {
      const i = d * E + e;
      initialState[i] = keep * R[i]!;
      if (keep > 0) initialLse[d]! += keep * state0[i]! * R[i]!;
    }
    initialLse[d]! -= keep * r[d]!;
  }
  return { q: dq, g: dg, v: dv, k: dk, initialState, initialLse };
}

/** z of every token, and dq_t = s_t do_t. */
function forwardPass(head: Head, { N, D, E }: Sizes, cotangent: Float64Array): { z: Float64Array; dq: Float64Array } {
  const z = new Float64Array(N * D);
  const dq = new Float64Array(N * D);
  const { state, lse } = begin(head);
  for (let t = 0; t < N; t++) {
    advance(state, lse, head, t);
    z.set(lse, t * D);
    for (let d = 0; d < D; d++) {
      for (let e = 0; e < E; e++) dq[t * D + d]! += state[d * E + e]! * cotangent[t * E + e]!;
    }
  }
  return { z, dq };
}
