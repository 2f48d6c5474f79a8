// Efficient Attention as the definition: the global additive form read by softmax(q) over the channels.

import { additiveReference } from "../additive/reference.ts";
import type { Inputs, Reference } from "../operator.ts";

/** q' = softmax of q over D, p = softmax of k over the tokens, o = q'(pᵀv). @source Shen et al., arXiv:1812.01243 */
export const efficientAttentionReference: Reference = {
  forward(inputs, spec, shape) {
    return additiveReference.forward(asAdditive(inputs, shape.D), spec, shape);
  },
  backward(inputs, spec, shape, cotangent) {
    const additive = asAdditive(inputs, shape.D);
    const { q, g, v } = additiveReference.backward(additive, spec, shape, cotangent);
    return { q: softmaxGradient(additive.q!, q!, shape.D), k: g!, v: v! };
  },
};

function asAdditive({ q, k, v, mask }: Inputs<Float64Array>, D: number): Inputs<Float64Array> {
  return { q: softmaxRows(q!, D), g: k!, v: v!, ...(mask === undefined ? {} : { mask }) };
}

function softmaxRows(x: Float64Array, D: number): Float64Array {
  const result = new Float64Array(x.length);
  for (let row = 0; row < x.length; row += D) {
    const values = x.subarray(row, row + D);
    const top = values.reduce((a, b) => Math.max(a, b), -Infinity);
    const sum = values.reduce((total, value) => total + Math.exp(value - top), 0);
    for (let d = 0; d < D; d++) result[row + d] = Math.exp(values[d]! - top) / sum;
  }
  return result;
}

/** p∘(dp − Σ p∘dp), row by row. */
function softmaxGradient(p: Float64Array, dp: Float64Array, D: number): Float64Array {
  const result = new Float64Array(p.length);
  for (let row = 0; row < p.length; row += D) {
    let mean = 0;
    for (let d = 0; d < D; d++) mean += p[row + d]! * dp[row + d]!;
    for (let d = 0; d < D; d++) result[row + d] = p[row + d]! * (dp[row + d]! - mean);
  }
  return result;
}
