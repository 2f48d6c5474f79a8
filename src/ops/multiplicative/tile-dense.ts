// The tile where all channels decay alike (none, constant, scalar): one k·qᵀ times one matrix of weights.
// Stored transposed, [key j, query i], so that sums of log decays run along the last axis.

import * as tf from "#engine/tf";
import type { Tile, TileInputs } from "./tile.ts";

/** o_i = Σ_{j≤i} (q_i·k_j) e^{Σ_{j<t≤i} log λ_t} v_j; with `both` also j ≥ i, with e^{Σ_{i≤t<j} log λ_t}. */
export const denseTile: Tile = {
  forward(inputs, both) {
    return tf.matMul<tf.Tensor3D>(
      weighted(tf.matMul<tf.Tensor3D>(inputs.k, inputs.q, false, true), weights(inputs, both)),
      inputs.v,
      true,
    );
  },

  backward(inputs, dOut, both) {
    const { q, k, v, logDecay, constant } = inputs;
    const factor = weights(inputs, both);
    const scores = weighted(tf.matMul<tf.Tensor3D>(k, q, false, true), factor); // [X, C, C]
    const dScores = tf.matMul<tf.Tensor3D>(v, dOut, false, true); // [X, C, C]
    const dProducts = weighted(dScores, factor);
    return {
      q: tf.matMul<tf.Tensor3D>(dProducts, k, true),
      k: tf.matMul<tf.Tensor3D>(dProducts, q),
      v: tf.matMul<tf.Tensor3D>(scores, dOut),
      logDecay:
        logDecay === undefined ? undefined : logDecayGradient(tf.mul(dScores, scores), constant !== undefined, both),
    };
  },
};

/** Factor on k_j·q_i: [C, C] without decay, [G, 1, C, C] constant, [X, C, C] scalar. */
function weights({ q, logDecay, constant }: TileInputs, both: boolean): tf.Tensor {
  const [X, C] = q.shape;
  const visible = both ? tf.add(tf.ones([C, C]), tf.eye(C)) : triangle(C, (j, i) => j <= i);
  if (constant !== undefined) {
    const distance = triangle(C, (j, i) => (both ? Math.abs(i - j) : Math.max(0, i - j)));
    return tf.mul(tf.exp(tf.mul(distance, constant.reshape([-1, 1, 1, 1]))), visible);
  }
  if (logDecay === undefined) return visible;
  const row = logDecay.reshape([X, 1, C]);
  const later = tf.cumsum(
    tf.mul(
      row,
      triangle(C, (j, i) => j < i),
    ),
    2,
  );
  const sums = both
    ? tf.add(
        later,
        tf.cumsum(
          tf.mul(
            row,
            triangle(C, (j, i) => j > i),
          ),
          2,
          false,
          true,
        ),
      )
    : later;
  // Outside the triangle the sums are 0 and the weights 1, so that this product only selects.
  return tf.mul(tf.exp(sums), visible);
}

function weighted(products: tf.Tensor3D, factor: tf.Tensor): tf.Tensor3D {
  const [X, C] = products.shape;
  if (factor.rank !== 4) return tf.mul(products, factor);
  const G = factor.shape[0]!;
  return tf.mul(products.reshape([G, X / G, C, C]), factor).reshape([X, C, C]);
}

/** Every weight on the way from j to i gets the pair's share P: summed one side, then the other, so nothing cancels. */
function logDecayGradient(pairs: tf.Tensor3D, constant: boolean, both: boolean): tf.Tensor3D {
  const [X, C] = pairs.shape;
  if (constant) {
    const distance = triangle(C, (j, i) => (both ? Math.abs(i - j) : Math.max(0, i - j)));
    return tf.sum(tf.mul(pairs, distance), 2, true);
  }
  const rows = pairs.reshape<tf.Tensor2D>([X * C, C]);
  const side = (inclusive: (i: number, t: number) => boolean, strict: (j: number, t: number) => boolean) =>
    tf.sum(tf.mul(tf.matMul<tf.Tensor>(rows, triangle(C, inclusive)).reshape([X, C, C]), triangle(C, strict)), 1);
  const forward = side(
    (i, t) => i >= t,
    (j, t) => j < t,
  );
  const total = both
    ? tf.add(
        forward,
        side(
          (i, t) => i <= t,
          (j, t) => j > t,
        ),
      )
    : forward;
  return total.reshape([X, C, 1]);
}

function triangle(C: number, entry: (row: number, column: number) => number | boolean): tf.Tensor2D {
  const values = Float32Array.from({ length: C * C }, (_, at) => Number(entry(Math.floor(at / C), at % C)));
  return tf.tensor2d(values, [C, C]);
}
