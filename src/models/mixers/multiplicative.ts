// Linear attention with multiplicative decay, in the layer that LightNet has: its rivals.

import { widenChannels } from "#encodings/widen";
import * as tf from "#engine/tf";
import { withFeatures } from "#ops/multiplicative/features";
import type { Inputs } from "#ops/operator";
import type { MixerSpec, OperatorSpec } from "#case/case";
import { decayGate } from "../decay-gate.ts";
import { dense, splitHeads } from "../layers.ts";
import { untimed } from "../segments.ts";
import type { MixerTools, TokenMixer } from "../token-mixer.ts";
import type { LayerPlace } from "../place.ts";
import { directed } from "#weights/mixer";
import type { Weights } from "../parameters.ts";
import { relativeEncoding, type RelativeEncoding } from "../positions.ts";
import { loadOperator } from "./operator.ts";
import { overDirections, surroundingsOf } from "./surroundings.ts";

/** Divisor of GLA's log decays: with logits near 0 a token is remembered for about 23 others. */
const GLA_TEMPERATURE = 16;

interface Layer {
  readonly operator: OperatorSpec;
  readonly place: LayerPlace;
  readonly own: Weights;
  readonly stack: Weights;
}

/**
 * q, k, v and the log decays by kind; then the operator over its directions, norm, gate, projection.
 *
 * @source decays: constant RetNet (arXiv 2307.08621), scalar Mamba-2 (2405.21060),
 * vector GLA (2312.06635), vector with tied key HGRN2 (2404.07904)
 */
export async function multiplicativeMixer(
  spec: MixerSpec,
  place: LayerPlace,
  { own, stack, tables, engine, asSegment = untimed }: MixerTools,
): Promise<TokenMixer> {
  const scans = spec.operator.scans ?? 1;
  const alternates = spec.operator.layout === "alternate" && spec.operator.direction === undefined;
  const operator = alternates ? { ...spec.operator, direction: place.layer % scans } : spec.operator;
  const relative = await relativeEncoding(spec, place, { own, tables });
  const D = place.width / place.heads;
  // An encoded key is no longer φ of anything, so it becomes an input, as is the one that the decays' gate gives with them.
  const run = relative.isIdentity && operator.tiedKey !== true ? operator : withPlainKey(operator);
  const mix = await loadOperator(run, place, D * relative.widening, engine);
  const layer: Layer = { operator, place, own, stack };
  const { project, finish } = surroundingsOf({ ...spec, operator }, place, { own, asSegment });
  return (x) => {
    const q = project(x, "q"); // [(scans,) B, H, N, D]
    const v = project(x, "v"); // [(scans,) B, H, N, E]
    const decays = asSegment("decay gate", () => logDecays(x, layer));
    const free = operator.tiedKey === true ? undefined : project(x, "k");
    const keys = free === undefined ? decays!.tiedKey! : asSegment("decay gate", () => scaledKeys(free, layer, decays));
    // The denominator is that of the features without encoding, which keeps it positive (Su et al., arXiv 2104.09864, eq. 19).
    const given =
      run === operator
        ? { q, k: keys }
        : asSegment("normaliser", () => withFeatures({ q, k: keys }, operator) as { q: tf.Tensor; k: tf.Tensor });
    const inputs = asSegment("encoding", (): Inputs<tf.Tensor> => ({
      q: relative.encode(given.q),
      k: relative.encode(given.k),
      v,
      ...(decays === undefined ? {} : { logDecay: widened(decays.logDecay, operator, relative.widening) }),
    }));
    return finish(
      x,
      asSegment("operator", () => mix(inputs)),
      v,
    );
  };
}

function widened(logDecay: tf.Tensor, { decay }: OperatorSpec, widening: RelativeEncoding["widening"]): tf.Tensor {
  return decay === "vector" ? widenChannels(logDecay, widening) : logDecay;
}

/** Keys as an input; tied ones are each direction's own where its decays are. */
function withPlainKey({
  tiedKey = false,
  feature: _feature,
  normalised: _normalised,
  ...operator
}: OperatorSpec): OperatorSpec {
  return tiedKey && operator.sharing === "decay" ? { ...operator, sharing: "k+decay" } : operator;
}

interface Decays {
  readonly logDecay: tf.Tensor;
  /** HGRN2's keys, of the log decays' shape */
  readonly tiedKey?: tf.Tensor;
  /** Mamba-2's step sizes, which its keys are multiplied by: [(scans,) B, H, N] */
  readonly stepSizes?: tf.Tensor;
}

function logDecays(x: tf.Tensor, layer: Layer): Decays | undefined {
  const { operator, place, own } = layer;
  const { heads: H } = place;
  switch (operator.decay ?? "none") {
    case "none":
      return undefined;
    case "constant": {
      const values = Array.from({ length: H }, (_, h) => Math.log(1 - 2 ** (-5 - h)));
      return { logDecay: overDirections("decay", operator, () => tf.tensor1d(values)) }; // [(scans,) H]
    }
    case "scalar": {
      const stepSizes = overDirections("decay", operator, (direction) => {
        const logits = dense(x, own(directed("wdt", direction)), own(directed("dtBias", direction))); // [B, N, H]
        return tf.transpose(tf.softplus(logits), [0, 2, 1]);
      });
      const rates = overDirections("decay", operator, (direction) =>
        tf.reshape(tf.exp(own(directed("aLog", direction))), [1, H, 1]),
      );
      return { logDecay: tf.neg(tf.mul(stepSizes, rates)), stepSizes };
    }
    case "vector": {
      const logits = overDirections("decay", operator, (direction) => splitHeads(vectorLogits(x, direction, layer), H));
      if (operator.tiedKey !== true) return decayGate({ x: logits, temperature: GLA_TEMPERATURE, tied: false });
      const { logDecay, key } = decayGate({ x: logits, ...boundOf(layer), temperature: 1, tied: true });
      return { logDecay, tiedKey: key! };
    }
  }
}

/** [B, N, C] */
function vectorLogits(x: tf.Tensor, direction: number, { operator, own }: Layer): tf.Tensor {
  if (operator.tiedKey === true) return dense(x, own(directed("wf", direction)));
  return dense(
    dense(x, own(directed("wd1", direction))),
    own(directed("wd2", direction)),
    own(directed("bd", direction)),
  );
}

/**
 * HGRN2: layer l forgets no faster than Σ_{1 ≤ j ≤ l} softmax over the layers of its logits, per channel; the first layer has
 * no bound.
 */
function boundOf({ place: { width, heads, layer }, stack }: Layer): { readonly bound?: tf.Tensor2D } {
  if (layer === 0) return {};
  const shares = tf.softmax(stack("lowerBounds") as tf.Tensor2D); // [C, depth]
  return { bound: tf.reshape(tf.sum(tf.slice(shares, [0, 1], [width, layer]), 1), [heads, width / heads]) };
}

/** RetNet's and GLA's keys are scaled by 1/√D, Mamba-2's by its step sizes. */
function scaledKeys(keys: tf.Tensor, { operator, place }: Layer, decays: Decays | undefined): tf.Tensor {
  switch (operator.decay ?? "none") {
    case "constant":
    case "vector":
      return tf.div(keys, Math.sqrt(place.width / place.heads));
    case "scalar":
      return tf.mul(keys, tf.expandDims(decays!.stepSizes!, -1));
    case "none":
      return keys;
  }
}
