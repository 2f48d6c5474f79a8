// How a condition (time step, class) enters a pre-norm block: adaptive layer norm that starts at zero. Each branch is
// shifted and scaled before it and gated after it; at the start every gate is 0, and a block is the identity.

import * as tf from "#engine/tf";
import { affineNorm, dense, silu } from "./layers.ts";
import type { Weights } from "./parameters.ts";

/**
 * SiLU(condition) W + bias, cut into `parts` vectors.
 *
 * @param condition [B, C]
 * @returns `parts` tensors [B, 1, C]
 */
export function modulationOf(condition: tf.Tensor, weights: Weights, parts: number): tf.Tensor[] {
  const whole = dense(silu(condition), weights("w"), weights("bias")); // [B, parts·C]
  return tf.split(tf.reshape(whole, [whole.shape[0]!, 1, whole.shape[1]!]), parts, 2);
}

/**
 * norm(x) ∘ (1 + scale) + shift, the norm without gain and bias of its own. x [B, N, C]; shift, scale [B, 1, C].
 *
 * @source Peebles and Xie, arXiv 2212.09748 (adaLN-zero), and the authors' code
 */
export function modulatedNorm(x: tf.Tensor, shift: tf.Tensor, scale: tf.Tensor): tf.Tensor {
  return affineNorm(x, tf.add(scale, 1), shift);
}
