// Mixing of neighbours, once after the embedding: none, the Toeplitz encoding MD-TPE, or a depthwise convolution.

import { mdTpe } from "#encodings/md-tpe";
import { mdTpePerAxis, type AxisTpeWeights } from "#encodings/md-tpe-per-axis";
import * as tf from "#engine/tf";
import type { ModelSpec } from "#case/case";
import type { TokenGrid } from "#weights/backbone";
import { createDepthwise } from "./depthwise.ts";
import type { Weights } from "./parameters.ts";

/** Tokens [B, N, C] → [B, N, C]. */
export function createLocalMixing(
  { localMixing, mixer }: ModelSpec,
  tokens: TokenGrid,
  own: Weights,
): (x: tf.Tensor) => tf.Tensor {
  switch (localMixing) {
    case "none":
      return (x) => x;
    case "md-tpe":
      return (x) =>
        mdTpe(
          x as tf.Tensor3D,
          { q: own("q"), k: own("k"), decay: own("decay"), projection: own("projection") },
          { place: tokens },
        );
    case "md-tpe-per-axis":
      return (x) =>
        mdTpePerAxis(
          x as tf.Tensor3D,
          tokens.grid.map((_, axis) => axisWeights((name) => own(`axis${axis}.${name}`))),
          { place: tokens },
        );
    case "depthwise":
      return (x) => filtered(x, own("filter"), { tokens, causal: mixer.operator.causal });
  }
}

function axisWeights(own: Weights): AxisTpeWeights {
  return { q: own("q"), k: own("k"), decay: own("decay"), gain: own("gain"), projection: own("projection") };
}

/** x plus a filter of three taps along every axis; prefix tokens pass by. @param filter [3^m, C] */
function filtered(
  x: tf.Tensor,
  filter: tf.Tensor,
  { tokens: { grid, prefix }, causal }: { readonly tokens: TokenGrid; readonly causal: boolean },
): tf.Tensor {
  const [B, N, C] = x.shape as [number, number, number];
  const cells = tf.slice(x, [0, prefix, 0], [B, N - prefix, C]);
  const mixed = tf.add(cells, createDepthwise(grid, C, causal)(cells, filter));
  return prefix === 0 ? mixed : tf.concat([tf.slice(x, [0, 0, 0], [B, prefix, C]), mixed], 1);
}
