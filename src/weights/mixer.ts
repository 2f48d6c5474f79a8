// What each token mixer trains, and how it starts: LightNet and its rivals on one layer, of which only the operator
// and its decay change. Decays start as their authors start them, since a raw sigmoid(xW) ≈ 0.5 remembers two tokens.

import type { Random } from "#base/random";
import type { MixerSpec, OperatorSpec } from "#case/case";
import { ANGLE_FORMS, axesSeen, frequencyCount, startFrequencies } from "./angle-forms.ts";
import { declaredMixer } from "./declared-mixers.ts";
import { layerOf, type Layer } from "./layer.ts";
import type { MixerPlace } from "./place.ts";
import { constantWeight, drawnWeight, projection, type WeightDeclaration } from "./weights.ts";

export type { MixerPlace };

/** Rank of GLA's decay projection. @source Yang et al., arXiv 2312.06635, §4.4 */
export const GLA_DECAY_RANK = 16;

/** What every direction has for itself, where directions do not share all. */
export type DirectedInput = "q" | "k" | "v" | "decay";

/** Number of copies of an input's weights: one a direction where the spec says that directions do not share it. */
export function copiesOf(input: DirectedInput, operator: OperatorSpec): number {
  const owned: Readonly<Record<string, readonly DirectedInput[]>> = {
    all: [],
    decay: ["decay"],
    "k+decay": ["k", "decay"],
    none: ["q", "k", "v", "decay"],
  };
  const parallel = (operator.layout ?? "parallel") === "parallel";
  return parallel && owned[operator.sharing ?? "all"]!.includes(input) ? (operator.scans ?? 1) : 1;
}

/** "wk" for shared weights and the first direction, "wk.1" and so on for the others. */
export function directed(name: string, direction: number): string {
  return direction === 0 ? name : `${name}.${direction}`;
}

/** The weights of one mixer. Layouts [in, out]; C = width, H = heads. */
export function mixerWeights(spec: MixerSpec, place: MixerPlace): WeightDeclaration[] {
  const { operator } = spec;
  if (operator.op === "module") return [...declaredMixer(operator.module).weights(place)];
  const { width: C, depth } = place;
  const layer = layerOf(spec);
  const square = (name: string, input: DirectedInput, gain = 1) =>
    Array.from({ length: copiesOf(input, operator) }, (_, direction) =>
      projection(directed(name, direction), C, C, gain),
    );
  // The tied key is 1 − decay and has no projection of its own.
  const keys = operator.tiedKey === true ? [] : square("wk", "k", layer.keyStart);
  const decays = Array.from({ length: copiesOf("decay", operator) }, (_, direction) =>
    decayWeights(operator, place).map((weight) => ({ ...weight, name: directed(weight.name, direction) })),
  );
  const out = projection("wo", C, C, 1 / Math.sqrt(2 * depth));
  return [
    ...square("wq", "q"),
    ...keys,
    ...square("wv", "v"),
    ...decays.flat(),
    ...surroundingWeights(layer, operator, place),
    ...angleWeights(spec, place),
    out,
  ];
}

/** What a layer trains beside its projections and decays: gate, gain of the norm, filter and skip. */
function surroundingWeights(
  layer: Layer,
  { causal, tiedKey = false }: OperatorSpec,
  { width: C, heads: H, grid }: MixerPlace,
): WeightDeclaration[] {
  const gates = {
    none: [],
    "sigmoid-low-rank": [projection("wu1", C, C / H), projection("wu2", C / H, C)],
    silu: [projection("wg", C, C)],
  };
  const gain = layer.normGain ? [constantWeight("gain", [layer.normOver === "head" ? C / H : C], 1)] : [];
  const taps = filterTaps(layer, grid, causal);
  const filters =
    taps === 0
      ? []
      : ["q", ...(tiedKey ? [] : ["k"]), "v"].map((name) =>
          drawnWeight(`filter.${name}`, [taps, C], (random) => (2 * random.uniform() - 1) / Math.sqrt(taps)),
        );
  return [...gates[layer.gate], ...gain, ...filters, ...(layer.skip ? [constantWeight("skip", [H], 1)] : [])];
}

/** Frequencies of a relative encoding, where they are trained: θ [heads, angles], started where fixed ones stand. */
function angleWeights({ encoding, angles }: MixerSpec, { width: C, heads: H, grid }: MixerPlace): WeightDeclaration[] {
  const form = ANGLE_FORMS[encoding];
  if (angles !== "learned" || form === undefined) return [];
  const count = frequencyCount(form, C / H, axesSeen(encoding, grid));
  const initial = () => Float32Array.from(startFrequencies(form, H, count));
  return [{ name: "theta", shape: [H, count], initial, decays: false }];
}

/** Taps of the short filter: as many as asked for on a line that is read forwards, three along every axis otherwise; 0 without. */
export function filterTaps({ convolution }: Layer, grid: readonly number[], causal: boolean): number {
  if (convolution === undefined) return 0;
  return causal && grid.length === 1 ? convolution : 3 ** grid.length;
}

function decayWeights({ decay, tiedKey }: OperatorSpec, { width: C, heads: H }: MixerPlace): WeightDeclaration[] {
  if (decay === "scalar") {
    return [
      projection("wdt", C, H, 1 / Math.sqrt(3)), // the deviation of PyTorch's default, which Mamba-2 starts with
      drawnWeight("dtBias", [H], mambaStepBias),
      drawnWeight("aLog", [H], (random) => Math.log(1 + 15 * random.uniform())),
    ];
  }
  if (decay === "vector" && tiedKey === true) return [projection("wf", C, C)];
  if (decay === "vector") {
    return [projection("wd1", C, GLA_DECAY_RANK), projection("wd2", GLA_DECAY_RANK, C), constantWeight("bd", [C], 0)];
  }
  return []; // constant decay is fixed, and the others have none
}

/**
 * Inverse softplus of a step size drawn log-uniformly from [1e-3, 0.1].
 * @source Dao and Gu, arXiv 2405.21060, and the authors' code (A in [1, 16] as well)
 */
function mambaStepBias(random: Random): number {
  const step = Math.exp(Math.log(1e-3) + random.uniform() * Math.log(0.1 / 1e-3));
  return step + Math.log(-Math.expm1(-step));
}

/** Weights that the mixers of all layers share: HGRN2's lower bounds, one logit a channel and layer; a single layer has the bound 0. */
export function stackWeights({ operator }: MixerSpec, width: number, depth: number): WeightDeclaration[] {
  return operator.tiedKey === true && depth > 1 ? [constantWeight("lowerBounds", [width, depth], 0)] : [];
}
