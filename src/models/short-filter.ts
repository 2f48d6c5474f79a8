// The short depthwise filter of a mixer on its projected queries, keys and values, as Mamba has it.

import * as tf from "#engine/tf";
import { filterTaps } from "#weights/mixer";
import type { Layer } from "#weights/layer";
import { createDepthwise } from "./depthwise.ts";
import type { LayerPlace } from "./place.ts";

/** x [B, N, C], filter [taps, C] → [B, N, C]; prefix tokens on a grid pass by. */
export type ShortFilter = (x: tf.Tensor, filter: tf.Tensor) => tf.Tensor;

/**
 * On a line that is read forwards y_t = Σ_s filter_s ∘ x_{t − taps + 1 + s}; else the neighbours on both sides along every
 * axis, the same for all directions.
 */
export function shortFilter(layer: Layer, { grid, prefix }: LayerPlace, causal: boolean): ShortFilter {
  const taps = filterTaps(layer, grid, causal);
  if (causal && grid.length === 1) return (x, filter) => causalFilter(x, filter, taps);
  return (x, filter) => {
    const [B, N, C] = x.shape as [number, number, number];
    const cells = createDepthwise(grid, C, causal)(tf.slice(x, [0, prefix, 0], [B, N - prefix, C]), filter);
    return prefix === 0 ? cells : tf.concat([tf.slice(x, [0, 0, 0], [B, prefix, C]), cells], 1);
  };
}

function causalFilter(x: tf.Tensor, filter: tf.Tensor, taps: number): tf.Tensor {
  const [B, N, C] = x.shape as [number, number, number];
  const padded = tf.pad(x, [
    [0, 0],
    [taps - 1, 0],
    [0, 0],
  ]);
  const rows = tf.split(filter, taps, 0); // [1, C] each
  return tf.addN(rows.map((row, tap) => tf.mul(tf.slice(padded, [0, tap, 0], [B, N, C]), row)));
}
