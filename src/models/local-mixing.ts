// Mixing of neighbours, once after the embedding: none, the Toeplitz encoding MD-TPE, or a depthwise convolution.

import { toeplitzFilter } from "#encodings/toeplitz";
import * as tf from "#engine/tf";
import type { ModelSpec } from "#suite/case";
import type { TokenGrid } from "./backbone-weights.ts";
import { dense, normalise } from "./layers.ts";
import type { Weights } from "./parameters.ts";

/** Tokens [B, N, C] → [B, N, C]; prefix tokens pass through. */
export function createLocalMixing({ localMixing, heads }: ModelSpec, { grid, prefix }: TokenGrid, own: Weights): (x: tf.Tensor) => tf.Tensor {
  if (localMixing === "none") return (x) => x;
  const mix = localMixing === "depthwise" ? depthwise : mdTpe;
  return (x) => {
    const [B, N, C] = x.shape as [number, number, number];
    const cells = tf.reshape(tf.slice(x, [0, prefix, 0], [B, N - prefix, C]), [B, ...grid, C]);
    const mixed = tf.reshape(mix(cells, own, heads), [B, N - prefix, C]);
    return prefix === 0 ? mixed : tf.concat([tf.slice(x, [0, 0, 0], [B, prefix, C]), mixed], 1);
  };
}

/** Toeplitz filter over every axis, RMSNorm in each head, projection; in place of the embedding, without a residual. */
function mdTpe(cells: tf.Tensor, own: Weights, heads: number): tf.Tensor {
  const filtered = toeplitzFilter(cells, { q: own("q"), k: own("k"), logDecay: tf.neg(tf.softplus(tf.neg(own("decay")))) });
  const C = cells.shape.at(-1)!;
  const normed = normalise(tf.reshape(filtered, [-1, heads, C / heads]), "rms");
  return dense(tf.reshape(normed, cells.shape), own("wo"));
}

/**
 * x plus a filter of 3 taps along every axis and per channel, zeros outside: as shifted sums, since not every
 * engine has the gradient of a convolution.
 */
function depthwise(cells: tf.Tensor, own: Weights): tf.Tensor {
  const [B, ...rest] = cells.shape as [number, ...number[]];
  const grid = rest.slice(0, -1);
  const C = rest.at(-1)!;
  const padded = tf.pad(cells, [[0, 0], ...grid.map((): [number, number] => [1, 1]), [0, 0]]);
  const filter = own("filter"); // [3^m, C]
  let sum = cells;
  for (let tap = 0; tap < 3 ** grid.length; tap++) {
    const shift = grid.map((_, axis) => Math.floor(tap / 3 ** axis) % 3);
    const moved = tf.slice(padded, [0, ...shift, 0], [B, ...grid, C]);
    sum = tf.add(sum, tf.mul(moved, tf.slice(filter, [tap, 0], [1, C])));
  }
  return sum;
}
