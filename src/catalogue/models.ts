// The models that trainings and mixer layers are made of: an operator with the encoding, local mixing, activations and start
// that its authors give it. The id is the name in suites, in records and in reports; fidelity.ts says what still differs.
// A model that reads a line forwards has "-causal" in its name.

import { Registry } from "#base/registry";
import type { MixerSpec, ModelSpec, OperatorSpec } from "#case/case";

/** The method that a model is an instance of. */
export type Method = "lightnet" | "softmax" | "hgrn2" | "gla" | "retnet" | "mamba2" | "linear" | "efficient-attention";

/** What a model is, whatever its size. */
export interface Model {
  readonly id: string;
  /** with encoding and local mixing, which two models of one operator may differ in */
  readonly label: string;
  readonly method: Method;
  readonly mixer: MixerSpec;
  readonly localMixing: ModelSpec["localMixing"];
  readonly localMixingStart?: number;
}

export const ENCODING_LABELS: Readonly<Record<MixerSpec["encoding"], string>> = {
  none: "no position",
  lrpe: "cosine LRPE",
  "md-lrpe": "cosine LRPE",
  "md-lrpe-half": "half LRPE",
  "md-lrpe-rotating": "rotating LRPE",
  rope: "RoPE",
  sinusoidal: "sinusoidal",
  learned: "learned positions",
};

export const LOCAL_MIXING_LABELS: Readonly<Record<ModelSpec["localMixing"], string>> = {
  none: "",
  "md-tpe": "shared MD-TPE",
  "md-tpe-per-axis": "MD-TPE",
  depthwise: "depthwise filter",
};

/** `LightNet (rotating LRPE, MD-TPE)`: what a row is called. */
export function labelWith(
  name: string,
  encoding: MixerSpec["encoding"],
  localMixing: ModelSpec["localMixing"],
): string {
  const parts = [ENCODING_LABELS[encoding], LOCAL_MIXING_LABELS[localMixing]].filter((part) => part !== "");
  return `${name} (${parts.join(", ")})`;
}

interface Described extends Omit<Model, "label" | "localMixing"> {
  readonly name: string;
  readonly localMixing?: ModelSpec["localMixing"];
}

function model({ name, localMixing = "none", ...rest }: Described): Model {
  return { ...rest, localMixing, label: labelWith(name, rest.mixer.encoding, localMixing) };
}

/** What LightNet has around its operator, and rivals in the suites that ask what single elements do. */
export const LIGHTNET_PLACES = { encoding: "md-lrpe-rotating", angles: "learned" } as const;
export const LIGHTNET_LOCAL = { localMixing: "md-tpe-per-axis", localMixingStart: 0.5 } as const;

type Form = "" | "-causal";
const named = (name: string, form: Form) => (form === "" ? name : `${name}, causal`);

function lightNets(form: Form): Model[] {
  const operator = { op: "additive", causal: form !== "" } as const;
  const common = { method: "lightnet", ...LIGHTNET_LOCAL } as const;
  const name = named("LightNet", form);
  return [
    model({ ...common, id: `lightnet${form}`, name, mixer: { operator, ...LIGHTNET_PLACES } }),
    model({ ...common, id: `lightnet-cosine${form}`, name, mixer: { operator, encoding: "md-lrpe" } }),
    model({ ...common, id: `lightnet-half${form}`, name, mixer: { operator, encoding: "md-lrpe-half" } }),
    model({ id: `lightnet-no-tpe${form}`, name, method: "lightnet", mixer: { operator, ...LIGHTNET_PLACES } }),
  ];
}

function attentions(form: Form): Model[] {
  const operator = { op: "softmax", causal: form !== "" } as const;
  const name = named("softmax attention", form);
  return (
    [
      ["rope", "rope"],
      ["cosine", "md-lrpe"],
      ["learned", "learned"],
    ] as const
  ).map(([suffix, encoding]) =>
    model({ id: `softmax-${suffix}${form}`, name, method: "softmax", mixer: { operator, encoding } }),
  );
}

/** A rival with multiplicative decay: its decay, and the layer that its authors put around it. */
interface Rival {
  readonly method: Method;
  readonly name: string;
  readonly decay: Pick<OperatorSpec, "decay" | "tiedKey">;
  readonly layer: Omit<MixerSpec, "operator">;
}

const RIVALS: readonly Rival[] = [
  {
    method: "hgrn2",
    name: "HGRN2",
    decay: { decay: "vector", tiedKey: true },
    layer: { encoding: "none", norm: "rms", normGain: true, gate: "none" },
  },
  {
    method: "gla",
    name: "GLA",
    decay: { decay: "vector" },
    layer: {
      encoding: "none",
      queryActivation: "identity",
      norm: "rms",
      normOver: "head",
      normGain: true,
      gate: "silu",
    },
  },
  {
    method: "retnet",
    name: "RetNet",
    decay: { decay: "constant" },
    layer: { encoding: "rope", queryActivation: "identity", normOver: "head", gate: "silu" },
  },
  {
    method: "mamba2",
    name: "Mamba-2",
    decay: { decay: "scalar" },
    layer: {
      encoding: "none",
      valueActivation: "silu",
      convolution: 4,
      skip: true,
      norm: "rms",
      normGain: true,
      gate: "silu",
      gateOrder: "gate-first",
    },
  },
];

/** Two directions in every layer, alternating from layer to layer, and each in half of the heads. */
const ARRANGEMENTS = [
  { suffix: "-2scan", label: "2 scans", layout: {} },
  { suffix: "-2scan-alternate", label: "2 scans, alternating", layout: { layout: "alternate" } },
  { suffix: "-2scan-head-split", label: "2 scans, by heads", layout: { layout: "head-split" } },
] as const;

function rivals({ method, name, decay, layer }: Rival): Model[] {
  const both = ARRANGEMENTS.map(({ suffix, label, layout }) =>
    model({
      id: `${method}${suffix}`,
      name: `${name}, ${label}`,
      method,
      mixer: { operator: { op: "multiplicative", causal: false, ...decay, scans: 2, ...layout }, ...layer },
    }),
  );
  const causal = model({
    id: `${method}-causal`,
    name: named(name, "-causal"),
    method,
    mixer: { operator: { op: "multiplicative", causal: true, ...decay }, ...layer },
  });
  return [...both, causal];
}

/** Linear attention as Katharopoulos et al. have it; the causal form, whose denominator is not there, has a norm instead. */
const LINEAR: readonly Model[] = [
  model({
    id: "linear-attention",
    name: "linear attention",
    method: "linear",
    mixer: {
      operator: { op: "multiplicative", causal: false, decay: "none", feature: "elu+1", normalised: true },
      encoding: "learned",
      norm: "none",
      gate: "none",
    },
  }),
  model({
    id: "linear-attention-causal",
    name: named("linear attention", "-causal"),
    method: "linear",
    mixer: {
      operator: { op: "multiplicative", causal: true, decay: "none", feature: "elu+1" },
      encoding: "learned",
      queryActivation: "identity",
      norm: "rms",
      normOver: "head",
      gate: "none",
    },
  }),
  model({
    id: "efficient-attention-full",
    name: "Efficient Attention",
    method: "efficient-attention",
    mixer: { operator: { op: "efficient-attention", causal: false }, encoding: "learned", norm: "none", gate: "none" },
  }),
];

export const models = new Registry<Model>("model", [
  ...lightNets(""),
  ...lightNets("-causal"),
  ...attentions(""),
  ...attentions("-causal"),
  ...RIVALS.flatMap(rivals),
  ...LINEAR,
]);

/** The subject of the comparison among models of either form. */
export function subjectModel({ causal }: Pick<OperatorSpec, "causal">): Model {
  return models.get(causal ? "lightnet-causal" : "lightnet");
}

/** What the paper is about: its model in trainings, its operator in kernels; forms that see all tokens first. */
export const SUBJECT_IDS = ["lightnet", "additive-global", "lightnet-causal", "additive-causal"] as const;
