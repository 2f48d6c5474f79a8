// What surrounds the operator in every mixer: projections into heads before it; norm, gate and projection after.

import * as tf from "#engine/tf";
import type { MixerSpec, OperatorSpec } from "#case/case";
import { layerOf, type Layer } from "#weights/layer";
import { copiesOf, directed, type DirectedInput } from "#weights/mixer";
import { dense, gate, mergeHeadsToRows, normalise, rowsOf, silu, splitHeads } from "../layers.ts";
import type { Weights } from "../parameters.ts";
import type { LayerPlace } from "../place.ts";
import { untimed, type AsSegment } from "../segments.ts";
import { shortFilter, type ShortFilter } from "../short-filter.ts";

/** `map` for every direction that has this input for itself: one result, or the results stacked on a leading axis. */
export function overDirections(
  input: DirectedInput,
  operator: OperatorSpec,
  map: (direction: number) => tf.Tensor,
): tf.Tensor {
  const copies = copiesOf(input, operator);
  return copies === 1 ? map(0) : tf.stack(Array.from({ length: copies }, (_, direction) => map(direction)));
}

export type Projected = "q" | "k" | "v";

/** The way into the operator and out of it, by what a mixer's spec says about its layer. */
export interface Surroundings {
  readonly layer: Layer;
  /** act(filter(x W)) split into heads, for each direction that owns the input: [B, H, N, D] or [scans, B, H, N, D] */
  project(x: tf.Tensor, name: Projected): tf.Tensor;
  /**
   * Skip, heads merged, norm and gate, times Wo: [B, N, C].
   *
   * @param out [B, H, N, E]
   * @param v the values that `out` was made of, as `project` gives them
   */
  finish(x: tf.Tensor, out: tf.Tensor, v: tf.Tensor): tf.Tensor;
}

export function surroundingsOf(
  spec: MixerSpec,
  place: LayerPlace,
  { own, asSegment = untimed }: { readonly own: Weights; readonly asSegment?: AsSegment | undefined },
): Surroundings {
  const { operator } = spec;
  const layer = layerOf(spec);
  const { heads } = place;
  const activations = { q: layer.queryActivation, k: layer.keyActivation, v: layer.valueActivation };
  const filter: ShortFilter = layer.convolution === undefined ? (x) => x : shortFilter(layer, place, operator.causal);
  const filterOf = (name: Projected): tf.Tensor | undefined =>
    layer.convolution === undefined ? undefined : own(`filter.${name}`);
  // Flattened once per call: its projections and its gate share it.
  let flat: { readonly x: tf.Tensor; readonly rows: tf.Tensor } | undefined;
  const flatten = (x: tf.Tensor): tf.Tensor => {
    if (flat?.x !== x) flat = { x, rows: rowsOf(x) };
    return flat.rows;
  };
  return {
    layer,
    project: (x, name) =>
      asSegment("projections", () => {
        const taps = filterOf(name);
        const heard = overDirections(name, operator, (direction) => {
          const weight = own(directed(`w${name}`, direction));
          return taps === undefined
            ? splitHeads(dense(flatten(x), weight), heads, x.shape[1]!)
            : splitHeads(filter(dense(x, weight), taps), heads);
        });
        return activations[name] === "silu" ? silu(heard) : heard;
      }),
    finish(x, out, v) {
      const ready = asSegment("norm and gate", () => {
        const whole = layer.skip ? tf.add(out, tf.mul(v, tf.reshape(own("skip"), [1, heads, 1, 1]))) : out;
        const ready = gated(flatten(x), whole, layer, own);
        flat = undefined; // the tensors of another call, or of another tape, are not these
        return ready;
      });
      return asSegment("projections", () => tf.reshape(dense(ready, own("wo")), x.shape));
    },
  };
}

/** Norm of the output and its gate, in the layer's order: x [B·N, C], out [B, H, N, E] → [B·N, C]. */
function gated(x: tf.Tensor, out: tf.Tensor, layer: Layer, own: Weights): tf.Tensor {
  if (layer.gate === "none") return normed(out, layer, own);
  const through = gateOf(x, layer.gate, own);
  if (layer.gateOrder === "gate-first") {
    const [, heads, N] = out.shape as [number, number, number];
    return normed(splitHeads(through(mergeHeadsToRows(out)), heads, N), layer, own);
  }
  return through(normed(out, layer, own));
}

/** [B·N, C] → the same, times a gate made of x. */
function gateOf(x: tf.Tensor, kind: Exclude<Layer["gate"], "none">, own: Weights): (out: tf.Tensor) => tf.Tensor {
  const logits = kind === "silu" ? dense(x, own("wg")) : dense(dense(x, own("wu1")), own("wu2")); // [B·N, C]
  return (out) => gate(logits, out, kind === "silu" ? "silu" : "sigmoid");
}

/** [B, H, N, E] → [B·N, C], normed over each head or over all channels. */
function normed(out: tf.Tensor, { norm, normOver, normGain }: Layer, own: Weights): tf.Tensor {
  if (norm === "none") return mergeHeadsToRows(out);
  const scaled = (x: tf.Tensor) => (normGain ? tf.mul(x, own("gain")) : x);
  return normOver === "head"
    ? mergeHeadsToRows(scaled(normalise(out, norm)))
    : scaled(normalise(mergeHeadsToRows(out), norm));
}
