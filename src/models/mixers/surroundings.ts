// What surrounds the operator in every linear mixer: projections into heads before it, norm, gate and projection after.

import * as tf from "#engine/tf";
import type { MixerSpec, OperatorSpec } from "#case/case";
import { dense, mergeHeads, normalise, splitHeads } from "../layers.ts";
import { copiesOf, directed, type DirectedInput } from "#weights/mixer";
import type { Weights } from "../parameters.ts";

/** `map` for every direction that has this input for itself: one result, or the results stacked on a leading axis. */
export function overDirections(
  input: DirectedInput,
  operator: OperatorSpec,
  map: (direction: number) => tf.Tensor,
): tf.Tensor {
  const copies = copiesOf(input, operator);
  return copies === 1 ? map(0) : tf.stack(Array.from({ length: copies }, (_, direction) => map(direction)));
}

/** x W split into heads, for each direction that owns the input: [B, H, N, D] or [scans, B, H, N, D]. */
export function projectHeads(
  x: tf.Tensor,
  name: string,
  input: DirectedInput,
  { own, operator, heads }: { readonly own: Weights; readonly operator: OperatorSpec; readonly heads: number },
): tf.Tensor {
  return overDirections(input, operator, (direction) => splitHeads(dense(x, own(directed(name, direction))), heads));
}

/** Heads merged, normed over all channels, times sigmoid(x Wu1 Wu2), times Wo: the same for LightNet and its linear rivals. */
export function gatedOutput(x: tf.Tensor, out: tf.Tensor, own: Weights, norm: MixerSpec["norm"]): tf.Tensor {
  const gate = tf.sigmoid(dense(dense(x, own("wu1")), own("wu2"))); // [B, N, C]
  return dense(tf.mul(normalise(mergeHeads(out), norm ?? "layer"), gate), own("wo"));
}
