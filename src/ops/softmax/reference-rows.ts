// Softmax attention of some tokens only, as the definition: N tokens are looked at, but few look.

import type { OperatorSpec, Shape } from "#case/case";
import type { Inputs } from "../operator.ts";
import { scoreScale } from "./reference.ts";

/**
 * o_t = Σ_j p_tj v_j of the tokens in `rows`, and with a cotangent dq_t = scale Σ_j p_tj (do_t·v_j − do_t·o_t) k_j. No mask.
 *
 * @returns out [B, H, rows, E] and dq [B, H, rows, D]
 */
export function softmaxRows(
  { q, k, v }: Inputs<Float64Array>,
  { spec, shape, rows }: { readonly spec: OperatorSpec; readonly shape: Shape; readonly rows: readonly number[] },
  cotangent?: Float64Array,
): { readonly out: Float64Array; readonly q: Float64Array } {
  const { B, H, N, D, E } = shape;
  const scale = scoreScale(spec, shape);
  const out = new Float64Array(B * H * rows.length * E);
  const dq = new Float64Array(B * H * rows.length * D);
  for (let head = 0; head < B * H; head++) {
    for (const [i, t] of rows.entries()) {
      const [query, to] = [(head * N + t) * D, head * rows.length + i];
      const seen = spec.causal ? t + 1 : N;
      const scores = Float64Array.from(
        { length: seen },
        (_, j) => scale * dot(q!.subarray(query, query + D), k!, (head * N + j) * D),
      );
      const top = scores.reduce((a, b) => Math.max(a, b), -Infinity);
      const weights = scores.map((score) => Math.exp(score - top));
      const sum = weights.reduce((a, b) => a + b, 0);
      for (let j = 0; j < seen; j++)
        for (let e = 0; e < E; e++) out[to * E + e]! += (weights[j]! / sum) * v![(head * N + j) * E + e]!;
      if (cotangent === undefined) continue;
      const ofOut = cotangent.subarray((head * N + t) * E, (head * N + t + 1) * E);
      const along = dot(ofOut, out, to * E);
      for (let j = 0; j < seen; j++) {
        const dp = dot(ofOut, v!, (head * N + j) * E);
        const ds = (scale * weights[j]! * (dp - along)) / sum;
        for (let d = 0; d < D; d++) dq[to * D + d]! += ds * k![(head * N + j) * D + d]!;
      }
    }
  }
  return { out, q: dq };
}

/** Of all of a with b from a place on. */
function dot(a: Float64Array, b: Float64Array, from: number): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[from + i]!;
  return sum;
}
