// Softmax attention as the definition: plain loops, float64, no tensor library.

import type { OperatorSpec, Shape } from "#case/case";
import type { Inputs, Outputs, Reference } from "../operator.ts";

/** softmax(q kᵀ · scale + mask) v. A row that sees no token outputs 0 and has gradient 0. */
export const softmaxReference: Reference = {
  forward(inputs, spec, shape): Outputs<Float64Array> {
    const { B, H, N, E } = shape;
    const out = new Float64Array(B * H * N * E);
    for (let head = 0; head < B * H; head++) {
      for (let t = 0; t < N; t++) {
        const p = probabilities(inputs, spec, shape, { head, t });
        for (let j = 0; j < N; j++) {
          for (let e = 0; e < E; e++) out[(head * N + t) * E + e]! += p[j]! * inputs.v![(head * N + j) * E + e]!;
        }
      }
    }
    return { out };
  },

  /** dp = do·v, ds = p∘(dp − Σ p∘dp), dq = scale ds k, dk = scale dsᵀ q, dv = pᵀ do */
  backward(inputs, spec, shape, cotangent): Inputs<Float64Array> {
    const { B, H, N, D, E } = shape;
    const { q, k, v } = inputs as { q: Float64Array; k: Float64Array; v: Float64Array };
    const scale = scoreScale(spec, shape);
    const gradients = { q: new Float64Array(q.length), k: new Float64Array(k.length), v: new Float64Array(v.length) };
    for (let head = 0; head < B * H; head++) {
      for (let t = 0; t < N; t++) {
        const row = head * N + t;
        const p = probabilities(inputs, spec, shape, { head, t });
        const dp = new Float64Array(N);
        let mean = 0;
        for (let j = 0; j < N; j++) {
          for (let e = 0; e < E; e++) {
            dp[j]! += cotangent[row * E + e]! * v[(head * N + j) * E + e]!;
            gradients.v[(head * N + j) * E + e]! += p[j]! * cotangent[row * E + e]!;
          }
          mean += p[j]! * dp[j]!;
        }
        for (let j = 0; j < N; j++) {
          const ds = scale * p[j]! * (dp[j]! - mean);
          for (let d = 0; d < D; d++) {
            gradients.q[row * D + d]! += ds * k[(head * N + j) * D + d]!;
            gradients.k[(head * N + j) * D + d]! += ds * q[row * D + d]!;
          }
        }
      }
    }
    return gradients;
  },
};

/** Factor on the scores: 1/√D unless the spec states it. */
export function scoreScale(spec: OperatorSpec, { D }: Pick<Shape, "D">): number {
  return spec.scoreScale ?? 1 / Math.sqrt(D);
}

/** Weights of all tokens for the query of token t; all 0 where none is visible. */
function probabilities(
  { q, k, mask }: Inputs<Float64Array>,
  spec: OperatorSpec,
  shape: Shape,
  { head, t }: { head: number; t: number },
): Float64Array {
  const { H, N, D } = shape;
  const scale = scoreScale(spec, shape);
  const scores = new Float64Array(N).fill(-Infinity);
  const batch = Math.floor(head / H);
  for (let j = 0; j < (spec.causal ? t + 1 : N); j++) {
    if (mask !== undefined && mask[batch * N + j] === 0) continue;
    let score = 0;
    for (let d = 0; d < D; d++) score += q![(head * N + t) * D + d]! * k![(head * N + j) * D + d]!;
    scores[j] = scale * score;
  }
  const top = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  if (top === -Infinity) return scores.fill(0);
  const weights = scores.map((score) => Math.exp(score - top));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}
