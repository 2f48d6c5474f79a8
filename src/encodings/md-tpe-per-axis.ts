// MD-TPE with a whole encoding for each axis, as the first author's code has it: filter, norm and projection of its own, summed.

import * as tf from "#engine/tf";
import type { Place } from "./place.ts";
import { toeplitzAxes } from "./toeplitz.ts";

const NORM_EPSILON = 1e-6; // a part of the definition, as in every RMSNorm, not a tolerance

/** One axis. The authors start q, k and gain at 1 and λ at 0.5. */
export interface AxisTpeWeights {
  readonly q: tf.Tensor; // [C]
  readonly k: tf.Tensor; // [C]
  /** λ = sigmoid(decay) */
  readonly decay: tf.Tensor; // [heads]
  readonly gain: tf.Tensor; // [C]
  readonly projection: tf.Tensor; // [C, C]
}

export interface AxisTpeOptions {
  readonly place: Place;
}

/**
 * Σ over axes of (RMSNorm over C of y ∘ gain) W with y_t = (q·k per head) Σ_{s≤t} λ^{t−s} x_s along the axis: [B, N, C] → [B, N, C].
 * It replaces the embedding. Prefix tokens are on no axis: they pass by the filters and share norms and projections.
 *
 * @source Qin et al., arXiv 2405.21022; xmixers (Tpe, MdTpe)
 */
export function mdTpePerAxis(x: tf.Tensor3D, axes: readonly AxisTpeWeights[], { place }: AxisTpeOptions): tf.Tensor3D {
  const [B, N, C] = x.shape;
  const prefix = place.prefix ?? 0;
  const grid = tf.reshape(tf.slice(x, [0, prefix, 0], [B, N - prefix, C]), [B, ...place.grid, C]);
  const stacked = (name: "q" | "k" | "decay") => tf.stack(axes.map((weights) => weights[name]));
  const logDecay = tf.neg(tf.softplus(tf.neg(stacked("decay")))); // log sigmoid, [axes, heads]
  const parts = toeplitzAxes(grid, { q: stacked("q"), k: stacked("k"), logDecay }).map((filtered, axis) => {
    const { gain, projection } = axes[axis]!;
    const cells = tf.reshape(filtered, [B, N - prefix, C]);
    const all = prefix === 0 ? cells : tf.concat([tf.slice(x, [0, 0, 0], [B, prefix, C]), cells], 1);
    const rows = tf.reshape(all, [B * N, C]);
    const scale = tf.rsqrt(tf.add(tf.mean(tf.square(rows), 1, true), NORM_EPSILON));
    return tf.matMul(tf.mul(tf.mul(rows, scale), gain) as tf.Tensor2D, projection as tf.Tensor2D);
  });
  return tf.reshape(parts.length === 1 ? parts[0]! : tf.addN(parts), [B, N, C]);
}
