// The channel mixer: (SiLU(x W1) ∘ x W2) W3, without biases.

import * as tf from "#engine/tf";
import { dense, gate, rowsOf } from "./layers.ts";
import type { Weights } from "./parameters.ts";

/** Gated linear unit. x [B, N, C] → [B, N, C]. @source Shazeer, arXiv 2002.05202 (SwiGLU) */
export function glu(x: tf.Tensor, weights: Weights): tf.Tensor {
  const rows = rowsOf(x); // [B·N, C]
  const hidden = gate(dense(rows, weights("w1")), dense(rows, weights("w2")), "silu"); // [B·N, gluWidth]
  return tf.reshape(dense(hidden, weights("w3")), x.shape);
}
