// The channel mixer: (SiLU(x W1) ∘ x W2) W3, without biases.

import type * as tf from "#engine/tf";
import { dense, gate } from "./layers.ts";
import type { Weights } from "./parameters.ts";

/** Gated linear unit. x [B, N, C] → [B, N, C]. @source Shazeer, arXiv 2002.05202 (SwiGLU) */
export function glu(x: tf.Tensor, weights: Weights): tf.Tensor {
  const hidden = gate(dense(x, weights("w1")), dense(x, weights("w2")), "silu"); // [B, N, gluWidth]
  return dense(hidden, weights("w3"));
}
