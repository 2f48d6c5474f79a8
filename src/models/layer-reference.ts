// A token mixer's layer in float64 as the definition, for every model of the list: projections, filter, encoding, operator,
// skip, norm, gate; attention with an encoding as a sum over all pairs of tokens. Plain loops, no tensor library.

import type { FeatureMap, MixerSpec, OperatorSpec, Shape } from "#case/case";
import { cosineReference, halfCosineReference, rotaryReference } from "#encodings/angles-reference";
import { operators } from "#ops/registry";
import type { Inputs } from "#ops/operator";
import {
  ANGLE_FORMS,
  axesSeen,
  COSINE,
  frequencyCount,
  HALF_COSINE,
  startFrequencies,
  wideningOf,
} from "#weights/angle-forms";
import { layerOf } from "#weights/layer";
import { copiesOf, directed, filterTaps, type DirectedInput } from "#weights/mixer";
import { sizeOf } from "#weights/weights";
import { activated, added, fromHeads, logSigmoid, matMul, normRows, sigmoid, toHeads } from "./float64.ts";
import { filteredReference } from "./filter-reference.ts";
import type { LayerPlace } from "./place.ts";

/** Weights of the layer by their names within it, and those of the stack. */
export interface LayerWeights {
  readonly own: (name: string) => Float64Array;
  readonly stack: (name: string) => Float64Array;
}

/** x [B, N, C] → [B, N, C]. */
export function layerReference(
  spec: MixerSpec,
  place: LayerPlace,
  { own, stack }: LayerWeights,
  x: Float64Array,
): Float64Array {
  const { width: C, heads: H, grid, prefix } = place;
  const N = prefix + sizeOf(grid);
  const B = x.length / (N * C);
  const D = C / H;
  const operator = directedOperator(spec.operator, place);
  const layer = layerOf(spec);
  const split = (y: Float64Array) => toHeads(y, { B, N, C, H });
  const dense = (y: Float64Array, name: string, m = C) => matMul(y, own(name), { n: y.length / (B * N), m });
  /** one array for all directions that share it, else one after the other */
  const overDirections = (input: DirectedInput, map: (direction: number) => Float64Array) =>
    concat(Array.from({ length: copiesOf(input, operator) }, (_, direction) => map(direction)));
  const taps = filterTaps(layer, grid, operator.causal);
  const activations = { q: layer.queryActivation, k: layer.keyActivation, v: layer.valueActivation };
  const project = (name: "q" | "k" | "v") =>
    overDirections(name, (direction) => {
      const projected = dense(x, directed(`w${name}`, direction));
      const filter = taps === 0 ? undefined : { filter: own(`filter.${name}`), taps };
      const heard = filter ? filteredReference(projected, { ...filter, C, place, causal: operator.causal }) : projected;
      return activated(split(heard), activations[name]);
    });

  const encode = encoderOf(spec, place, own);
  const keyWidth = D * wideningOf(spec.encoding);
  const shape: Shape = { B, H, N, D: keyWidth, E: D, grid: [...grid], prefix };
  const [q, v] = [project("q"), project("v")];
  const run = (op: OperatorSpec, inputs: Inputs<Float64Array>) =>
    operators.get(op.op).reference.forward(inputs, op, shape).out;
  const attend = (): Float64Array => {
    switch (operator.op) {
      case "additive":
        return encode === undefined
          ? run(operator, { q, g: project("k"), v })
          : byPairs({ q, g: project("k"), v }, encode, { shape, width: D, causal: operator.causal });
      case "efficient-attention": {
        if (encode === undefined) return run(operator, { q, k: project("k"), v });
        const parts = { q: encode(softmaxRows(q, D)), k: encode(softmaxOverTokens(project("k"), { N, D })), v };
        return run({ op: "multiplicative", causal: false, decay: "none" }, parts);
      }
      case "softmax": {
        const scaled = { ...operator, scoreScale: operator.scoreScale ?? 1 / Math.sqrt(D) };
        return run(scaled, { q: encode?.(q) ?? q, k: encode ? encode(project("k")) : project("k"), v });
      }
      default:
        return multiplicative();
    }
  };
  const multiplicative = (): Float64Array => {
    const { logDecay, steps } = decaysOf(operator, place, { own, stack, dense, split, overDirections, x });
    const tied = operator.tiedKey === true;
    const keys = tied ? logDecay!.map((value) => -Math.expm1(value)) : scaledKeys(project("k"), operator, { D, steps });
    const decay = logDecay === undefined ? {} : { logDecay };
    if (encode === undefined) return run(operator, { q, v, ...(tied ? {} : { k: keys }), ...decay });
    const { feature, normalised = false } = operator;
    const given = withFeature({ q, k: keys }, { feature, normalised, N, D });
    const wide = operator.decay === "vector" && logDecay ? { logDecay: widened(logDecay, D, keyWidth) } : decay;
    return run(withPlainKey(operator), { q: encode(given.q), k: encode(given.k), v, ...wide });
  };

  const out = attend();
  const skip = layer.skip ? own("skip") : undefined;
  const whole = skip ? out.map((value, i) => value + v[i]! * skip[Math.floor(i / (N * D)) % H]!) : out;
  const gain = layer.normGain ? own("gain") : undefined;
  const group = layer.normOver === "head" ? D : C;
  const merged = fromHeads(whole, { B, N, C, H });
  const norm = (y: Float64Array) => {
    if (layer.norm === "none") return y;
    const normed = normRows(y, group, layer.norm);
    return gain ? normed.map((value, i) => value * gain[i % group]!) : normed;
  };
  const gates = {
    none: () => undefined,
    "sigmoid-low-rank": () => dense(dense(x, "wu1", D), "wu2").map(sigmoid),
    silu: () => activated(dense(x, "wg"), "silu"),
  };
  const gate = gates[layer.gate]();
  const gated = (y: Float64Array) => (gate ? y.map((value, i) => value * gate[i]!) : y);
  return dense(layer.gateOrder === "gate-first" ? norm(gated(merged)) : gated(norm(merged)), "wo");
}

/** An encoded key is no longer 1 − decay, nor φ of anything. */
function withPlainKey({ tiedKey: _tied, feature: _feature, normalised: _normalised, ...plain }: OperatorSpec) {
  return plain;
}

/** Layers whose directions alternate run one of them. */
function directedOperator(operator: OperatorSpec, { layer }: LayerPlace): OperatorSpec {
  const alternates = operator.layout === "alternate" && operator.direction === undefined;
  return alternates ? { ...operator, direction: layer % (operator.scans ?? 1) } : operator;
}

type Encode = (x: Float64Array) => Float64Array;

/** The encoding of [(scans,) B, H, N, D]; undefined where there is none within the layer. */
function encoderOf({ encoding, angles }: MixerSpec, place: LayerPlace, own: LayerWeights["own"]): Encode | undefined {
  const form = ANGLE_FORMS[encoding];
  if (form === undefined) return undefined;
  const { width, heads, prefix } = place;
  const D = width / heads;
  const grid = axesSeen(encoding, place.grid);
  const theta = angles === "learned" ? own("theta") : startFrequencies(form, heads, frequencyCount(form, D, grid));
  const layout = { heads, width: form.width(D), place: { grid, prefix } };
  const reference = form === COSINE ? cosineReference : form === HALF_COSINE ? halfCosineReference : rotaryReference;
  return (x) => reference.forward(x, theta, layout);
}

interface Pairs {
  readonly shape: Shape;
  /** of a head before the encoding */
  readonly width: number;
  readonly causal: boolean;
}

/** o_t = Σ_s ⟨enc(q_t), enc(p_ts)⟩ v_s with p_ts = e^{g_s} / Σ_j e^{g_j} per channel, j over all tokens or those up to t. */
function byPairs(
  { q, g, v }: Readonly<Record<"q" | "g" | "v", Float64Array>>,
  encode: Encode,
  { shape: { B, H, N, D, E }, width, causal }: Pairs,
): Float64Array {
  const queries = encode(q);
  const out = new Float64Array(B * H * N * E);
  let weights = new Float64Array();
  for (let t = 0; t < N; t++) {
    const seen = causal ? t + 1 : N;
    if (causal || t === 0) weights = new Float64Array(encode(softmaxOverTokens(g, { N, D: width, seen })));
    for (let head = 0; head < B * H; head++)
      for (let s = 0; s < seen; s++) {
        let weight = 0;
        for (let d = 0; d < D; d++) weight += queries[(head * N + t) * D + d]! * weights[(head * N + s) * D + d]!;
        for (let e = 0; e < E; e++) out[(head * N + t) * E + e]! += weight * v[(head * N + s) * E + e]!;
      }
  }
  return out;
}

/** Softmax over the first `seen` tokens, per head and channel: [.., N, D]; 0 for the others. */
function softmaxOverTokens(g: Float64Array, { N, D, seen = N }: { N: number; D: number; seen?: number }): Float64Array {
  const p = new Float64Array(g.length);
  for (let head = 0; head < g.length / (N * D); head++)
    for (let d = 0; d < D; d++) {
      const at = (t: number) => (head * N + t) * D + d;
      let sum = 0;
      for (let t = 0; t < seen; t++) sum += p[at(t)] = Math.exp(g[at(t)]!);
      for (let t = 0; t < seen; t++) p[at(t)]! /= sum;
    }
  return p;
}

function softmaxRows(x: Float64Array, D: number): Float64Array {
  const sums = Float64Array.from({ length: x.length / D }, (_, row) =>
    x.subarray(row * D, (row + 1) * D).reduce((sum, value) => sum + Math.exp(value), 0),
  );
  return x.map((value, i) => Math.exp(value) / sums[Math.floor(i / D)]!);
}

const FEATURES: Readonly<Record<FeatureMap, (x: number) => number>> = {
  identity: (x) => x,
  relu: (x) => Math.max(x, 0),
  "elu+1": (x) => (x > 0 ? x + 1 : Math.exp(x)),
  exp: Math.exp,
};

/**
 * φ on the keys. With a denominator φ(q_t) / φ(q_t)·Σ_s φ(k_s), and of the maps that are never 0 the sum over the tokens is shared
 * out: k̃ = φ(k) / z, q̃ = φ(q) z / φ(q)·z with z = Σ_s φ(k_s) per channel. An encoding by cosines makes the same products of both;
 * a rotation, which mixes channels, turns k̃ and not φ(k), as LightNet's turns normalised weights.
 */
function withFeature(
  { q, k }: Readonly<Record<"q" | "k", Float64Array>>,
  { feature, normalised, N, D }: { feature: FeatureMap | undefined; normalised: boolean; N: number; D: number },
): Readonly<Record<"q" | "k", Float64Array>> {
  if (feature === undefined) return { q, k };
  const keys = k.map(FEATURES[feature]);
  if (!normalised) return { q, k: keys };
  const queries = q.map(FEATURES[feature]);
  const sumOf = (head: number, d: number) => {
    let sum = 0;
    for (let s = 0; s < N; s++) sum += keys[(head * N + s) * D + d]!;
    return sum;
  };
  const sums = Float64Array.from({ length: k.length / N }, (_, i) => sumOf(Math.floor(i / D), i % D));
  const sumAt = (i: number) => sums[Math.floor(i / (N * D)) * D + (i % D)]!;
  const isShared = feature === "elu+1" || feature === "exp";
  const divided = queries.map((value, i) => {
    const row = Math.floor(i / D) * D;
    let denominator = 0;
    for (let d = 0; d < D; d++) denominator += queries[row + d]! * sumAt(row + d);
    return (value * (isShared ? sumAt(i) : 1)) / (denominator === 0 ? 1 : denominator);
  });
  return { q: divided, k: isShared ? keys.map((value, i) => value / sumAt(i)) : keys };
}

interface DecayTools extends LayerWeights {
  readonly dense: (x: Float64Array, name: string, m?: number) => Float64Array;
  readonly split: (x: Float64Array) => Float64Array;
  readonly overDirections: (input: DirectedInput, map: (direction: number) => Float64Array) => Float64Array;
  readonly x: Float64Array;
}

interface Decays {
  readonly logDecay?: Float64Array;
  /** Mamba-2's step sizes [(scans,) B, H, N] */
  readonly steps?: Float64Array;
}

function decaysOf(operator: OperatorSpec, place: LayerPlace, tools: DecayTools): Decays {
  const { own, dense, split, overDirections, x } = tools;
  const { heads: H, width: C, grid, prefix, layer } = place;
  const N = prefix + sizeOf(grid);
  switch (operator.decay ?? "none") {
    case "none":
      return {};
    case "constant":
      return {
        logDecay: overDirections("decay", () =>
          Float64Array.from({ length: H }, (_, h) => Math.log(1 - 2 ** (-5 - h))),
        ),
      };
    case "scalar": {
      const byHead = (direction: number) => {
        const logits = added(dense(x, directed("wdt", direction), H), own(directed("dtBias", direction)));
        return logits.map((_, i) => {
          const [b, h, t] = [Math.floor(i / (H * N)), Math.floor(i / N) % H, i % N];
          return -logSigmoid(-logits[(b * N + t) * H + h]!); // softplus
        });
      };
      const steps = overDirections("decay", byHead);
      const logDecay = overDirections("decay", (direction) =>
        byHead(direction).map((step, i) => -step * Math.exp(own(directed("aLog", direction))[Math.floor(i / N) % H]!)),
      );
      return { logDecay, steps };
    }
    case "vector": {
      const logDecay = overDirections("decay", (direction) => {
        if (operator.tiedKey !== true) {
          const rank = own(directed("wd1", direction)).length / C;
          const low = dense(x, directed("wd1", direction), rank);
          const logits = added(dense(low, directed("wd2", direction)), own(directed("bd", direction)));
          return split(logits.map((value) => logSigmoid(value) / 16));
        }
        const bounds = layer === 0 ? new Float64Array(C) : lowerBounds(tools.stack("lowerBounds"), place);
        return split(
          dense(x, directed("wf", direction)).map((value, i) =>
            Math.log(bounds[i % C]! + (1 - bounds[i % C]!) * sigmoid(value)),
          ),
        );
      });
      return { logDecay };
    }
  }
}

/** Σ_{1 ≤ j ≤ layer} softmax over the layers, per channel, of logits [C, depth]. */
function lowerBounds(logits: Float64Array, { width, depth, layer }: LayerPlace): Float64Array {
  return Float64Array.from({ length: width }, (_, c) => {
    const weights = logits.subarray(c * depth, (c + 1) * depth).map(Math.exp);
    const sum = weights.reduce((a, b) => a + b, 0);
    return weights.subarray(1, layer + 1).reduce((a, b) => a + b, 0) / sum;
  });
}

function scaledKeys(
  keys: Float64Array,
  { decay = "none" }: OperatorSpec,
  { D, steps }: { readonly D: number; readonly steps: Float64Array | undefined },
): Float64Array {
  if (decay === "none") return keys;
  if (decay !== "scalar") return keys.map((value) => value / Math.sqrt(D));
  return keys.map((value, i) => value * steps![Math.floor(i / D) % steps!.length]!);
}

/** As encoded channels follow each other: [x ; x], or with half of them encoded [x₁ ; x₁ ; x₂]. */
function widened(x: Float64Array, D: number, width: number): Float64Array {
  const from = (at: number) => (width === 2 * D ? at % D : at < D / 2 ? at : at - D / 2);
  const channel = (at: number) => (width === D ? at : from(at));
  return Float64Array.from(
    { length: (x.length / D) * width },
    (_, i) => x[Math.floor(i / width) * D + channel(i % width)]!,
  );
}

function concat(parts: readonly Float64Array[]): Float64Array {
  return parts.length === 1 ? parts[0]! : Float64Array.from(parts.flatMap((part) => [...part]));
}
