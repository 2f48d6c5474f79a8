// Mixing of neighbours, once after the embedding: none, the Toeplitz encoding MD-TPE, or a depthwise convolution.

import { mdTpe } from "#encodings/md-tpe";
import * as tf from "#engine/tf";
import type { ModelSpec } from "#suite/case";
import type { TokenGrid } from "./backbone-weights.ts";
import type { Weights } from "./parameters.ts";

/** Tokens [B, N, C] → [B, N, C]. */
export function createLocalMixing({ localMixing, mixer }: ModelSpec, tokens: TokenGrid, own: Weights): (x: tf.Tensor) => tf.Tensor {
  switch (localMixing) {
    case "none":
      return (x) => x;
    case "md-tpe":
      return (x) =>
        mdTpe(x as tf.Tensor3D, { q: own("q"), k: own("k"), decay: own("decay"), projection: own("projection") }, { place: tokens });
    case "depthwise":
      return (x) => depthwise(x, own("filter"), { tokens, causal: mixer.operator.causal });
  }
}

interface DepthwiseOptions {
  readonly tokens: TokenGrid;
  /** taps on a token and the two before it, instead of one to either side */
  readonly causal: boolean;
}

/**
 * x plus a filter of 3 taps along every axis and per channel, zeros outside; prefix tokens pass by. Written as shifted
 * sums, since not every engine has the gradient of a convolution.
 *
 * @param filter [3^m, C]
 */
function depthwise(x: tf.Tensor, filter: tf.Tensor, { tokens: { grid, prefix }, causal }: DepthwiseOptions): tf.Tensor {
  const [B, N, C] = x.shape as [number, number, number];
  const cells = tf.reshape(tf.slice(x, [0, prefix, 0], [B, N - prefix, C]), [B, ...grid, C]);
  const padded = tf.pad(cells, [[0, 0], ...grid.map((): [number, number] => (causal ? [2, 0] : [1, 1])), [0, 0]]);
  let sum = cells;
  for (let tap = 0; tap < 3 ** grid.length; tap++) {
    const shift = grid.map((_, axis) => Math.floor(tap / 3 ** axis) % 3);
    const moved = tf.slice(padded, [0, ...shift, 0], [B, ...grid, C]);
    sum = tf.add(sum, tf.mul(moved, tf.slice(filter, [tap, 0], [1, C])));
  }
  const mixed = tf.reshape(sum, [B, N - prefix, C]);
  return prefix === 0 ? mixed : tf.concat([tf.slice(x, [0, 0, 0], [B, prefix, C]), mixed], 1);
}
