// Linear attention with multiplicative decay, in the layer that LightNet has: its rivals.

import { widenChannels } from "#encodings/widen";
import * as tf from "#engine/tf";
import { withFeatures } from "#ops/multiplicative/features";
import type { Inputs } from "#ops/operator";
import type { MixerSpec, OperatorSpec } from "#case/case";
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
  // An encoded key is no longer 1 − decay, nor φ of anything, so it becomes an input.
  const run = relative.isIdentity ? operator : withPlainKey(operator);
  const mix = await loadOperator(run, place, D * relative.widening, engine);
  const layer: Layer = { operator, place, own, stack };
  const { project, finish } = surroundingsOf({ ...spec, operator }, place, { own, asSegment });
  return (x) => {
    const q = project(x, "q"); // [(scans,) B, H, N, D]
    const v = project(x, "v"); // [(scans,) B, H, N, E]
    const decays = asSegment("decay gate", () => logDecays(x, layer));
    const free = operator.tiedKey === true ? undefined : project(x, "k");
    const keys = asSegment("decay gate", () =>
      free === undefined ? tf.neg(tf.expm1(decays!.logDecay)) : scaledKeys(free, layer, decays),
    );
    const isTied = run.tiedKey === true;
    // The denominator is that of the features without encoding, which keeps it positive (Su et al., arXiv 2104.09864, eq. 19).
    const given =
      run === operator
        ? { q, k: keys }
        : asSegment("normaliser", () => withFeatures({ q, k: keys }, operator) as { q: tf.Tensor; k: tf.Tensor });
    const inputs = asSegment("encoding", (): Inputs<tf.Tensor> => ({
      q: relative.encode(given.q),
      v,
      ...(isTied ? {} : { k: relative.encode(given.k) }),
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

function withPlainKey({
  tiedKey: _tied,
  feature: _feature,
  normalised: _normalised,
  ...operator
}: OperatorSpec): OperatorSpec {
  return operator;
}

interface Decays {
  readonly logDecay: tf.Tensor;
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
    case "vector":
      return {
        logDecay: overDirections("decay", operator, (direction) => splitHeads(vectorLogDecay(x, direction, layer), H)),
      };
  }
}

/** [B, N, C], below 0. */
function vectorLogDecay(x: tf.Tensor, direction: number, { operator, place, own, stack }: Layer): tf.Tensor {
  if (operator.tiedKey !== true) {
    const logits = dense(
      dense(x, own(directed("wd1", direction))),
      own(directed("wd2", direction)),
      own(directed("bd", direction)),
    );
    return tf.div(logSigmoid(logits), GLA_TEMPERATURE);
  }
  const logits = dense(x, own(directed("wf", direction)));
  // The first layer's bound is 0; there the logarithm of a sigmoid must not go through the sigmoid.
  if (place.layer === 0) return logSigmoid(logits);
  const bound = lowerBound(stack("lowerBounds"), place); // [C]
  return tf.log(tf.add(bound, tf.mul(tf.sub(1, bound), tf.sigmoid(logits))));
}

/** HGRN2: layer l forgets no faster than Σ_{1 ≤ j ≤ l} softmax over the layers of its logits, per channel. */
function lowerBound(logits: tf.Tensor, { width, layer }: LayerPlace): tf.Tensor {
  return tf.sum(tf.slice(tf.softmax(logits as tf.Tensor2D), [0, 1], [width, layer]), 1);
}

/** log σ(x) = −softplus(−x) */
function logSigmoid(x: tf.Tensor): tf.Tensor {
  return tf.neg(tf.softplus(tf.neg(x)));
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
