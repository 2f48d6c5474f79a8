// The contenders of the comparison: one list, plain data. The id is the name in suites, on the command
// line, in records and in reports. `family` groups colours; `varies` says which factor sets it apart.

import { Registry } from "#base/registry";
import { FEATURE_MAPS, SHARINGS, type FeatureMap, type OperatorSpec } from "#case/case";

export interface Contender {
  readonly id: string;
  readonly label: string;
  readonly family: "additive" | "order-free" | "multiplicative" | "softmax" | "product";
  readonly spec: OperatorSpec;
  /** a strategy's id, or "default" */
  readonly strategy: string;
  readonly varies: string;
}

type Decay = "constant" | "scalar" | "vector";
type Layout = "parallel" | "head-split" | "alternate";

const DECAY_LABELS: Readonly<Record<Decay, string>> = {
  constant: "constant decay (RetNet-like)",
  scalar: "scalar decay (Mamba-2-like)",
  vector: "vector decay (GLA-like)",
};

function causalDecay(decay: Decay): Contender {
  return {
    id: `${decay}-causal`,
    label: `${DECAY_LABELS[decay]}, causal`,
    family: "multiplicative",
    spec: { op: "multiplicative", causal: true, decay },
    strategy: "default",
    varies: "decay kind",
  };
}

const FEATURE_LABELS: Readonly<Record<FeatureMap, string>> = {
  identity: "k",
  relu: "ReLU(k)",
  "elu+1": "elu(k) + 1",
  exp: "exp(k)",
};

/** Plain linear attention in which φ(k) stands where LightNet has the softmax of k over the tokens. */
function featureMap(feature: FeatureMap, normalised: boolean, causal = false): Contender {
  const name = feature === "elu+1" ? "elu" : feature;
  return {
    id: `linear-${name}${normalised ? "-normalised" : ""}-${causal ? "causal" : "global"}`,
    label: `linear attention, φ = ${FEATURE_LABELS[feature]}${normalised ? ", with denominator" : ""}${causal ? ", causal" : ""}`,
    family: causal ? "multiplicative" : "order-free",
    spec: { op: "multiplicative", causal, decay: "none", feature, ...(normalised ? { normalised } : {}) },
    strategy: "default",
    varies: "feature map of the keys",
  };
}

function multiScan(decay: Decay, scans: number, layout: Layout = "parallel"): Contender {
  const arranged = layout === "parallel" ? "" : `-${layout}`;
  return {
    id: `${decay}-${scans}scan${arranged}`,
    label: `${DECAY_LABELS[decay]}, ${scans} ${scans === 1 ? "scan" : "scans"}${layout === "parallel" ? "" : ` ${layout}`}`,
    family: "multiplicative",
    spec: { op: "multiplicative", causal: false, decay, scans, ...(layout === "parallel" ? {} : { layout }) },
    strategy: "default",
    varies: "number and layout of scans",
  };
}

/** HGRN2's operator: the key is 1 − decay. */
function tiedKeys(name: string): Contender[] {
  const tied = { op: "multiplicative", decay: "vector", tiedKey: true } as const;
  const common = { family: "multiplicative", strategy: "default", varies: "tied key" } as const;
  const label = "vector decay, tied key (HGRN2-like)";
  return [
    { ...common, id: `${name}-causal`, label: `${label}, causal`, spec: { ...tied, causal: true } },
    { ...common, id: `${name}-2scan`, label: `${label}, 2 scans`, spec: { ...tied, causal: false, scans: 2 } },
  ];
}

type OwnWeights = Exclude<(typeof SHARINGS)[number], "all">;

const OWN_WEIGHTS: Readonly<Record<OwnWeights, { readonly id: string; readonly label: string }>> = {
  decay: { id: "own-decay", label: "decay of their own" },
  "k+decay": { id: "own-k-decay", label: "k and decay of their own" },
  none: { id: "own-all", label: "q, k, v and decay of their own" },
};

/** Two directions, each with weights of its own for what they do not share. */
function ownWeights(sharing: OwnWeights): Contender {
  const { id, label } = OWN_WEIGHTS[sharing];
  const shared = multiScan("vector", 2);
  return {
    ...shared,
    id: `${shared.id}-${id}`,
    label: `${shared.label}, ${label}`,
    spec: { ...shared.spec, sharing },
    varies: "what the directions share",
  };
}

export const contenders = new Registry<Contender>("contender", [
  {
    id: "additive-global",
    label: "additive, 1 scan (LightNet)",
    family: "additive",
    spec: { op: "additive", causal: false },
    strategy: "default",
    varies: "the subject",
  },
  {
    id: "additive-causal",
    label: "additive, causal",
    family: "additive",
    spec: { op: "additive", causal: true },
    strategy: "default",
    varies: "order-dependence",
  },
  {
    id: "linear-global",
    label: "plain linear attention, order-free",
    family: "order-free",
    spec: { op: "multiplicative", causal: false, decay: "none" },
    strategy: "default",
    varies: "no decay, order-free",
  },
  {
    id: "linear-causal",
    label: "plain linear attention, causal",
    family: "multiplicative",
    spec: { op: "multiplicative", causal: true, decay: "none" },
    strategy: "default",
    varies: "no decay",
  },
  {
    id: "efficient-attention",
    label: "Efficient Attention (Shen et al.)",
    family: "order-free",
    spec: { op: "efficient-attention", causal: false },
    strategy: "default",
    varies: "softmax on q over channels",
  },
  ...FEATURE_MAPS.map((feature) => featureMap(feature, false)),
  ...(["relu", "elu+1", "exp"] as const).map((feature) => featureMap(feature, true)),
  featureMap("elu+1", false, true),
  ...(["constant", "scalar", "vector"] as const).map(causalDecay),
  ...tiedKeys("tied"),
  // Names of these in trainings of schema 1; models have them now.
  ...tiedKeys("hgrn2"),
  ...(["constant", "scalar", "vector"] as const).flatMap((decay) =>
    [1, 2, 4, 6].map((scans) => multiScan(decay, scans)),
  ),
  {
    ...multiScan("vector", 2),
    id: "vector-2scan-joint",
    label: "vector decay (GLA-like), 2 directions jointly",
    strategy: "joint",
    varies: "fusion of two directions",
  },
  {
    ...multiScan("vector", 2),
    id: "vector-2scan-fused-joint",
    label: "vector decay (GLA-like), 2 directions in one kernel",
    strategy: "fused-joint",
    varies: "fusion of two directions",
  },
  ...[2, 4, 6].flatMap((scans) =>
    (["head-split", "alternate"] as const).map((layout) => multiScan("vector", scans, layout)),
  ),
  ...SHARINGS.flatMap((sharing) => (sharing === "all" ? [] : [ownWeights(sharing)])),
  {
    ...multiScan("vector", 2),
    id: "vector-2scan-mean",
    label: "vector decay (GLA-like), mean of 2 scans",
    spec: { ...multiScan("vector", 2).spec, merge: "mean" },
    varies: "merge of the directions",
  },
  {
    id: "softmax-full",
    label: "softmax attention",
    family: "softmax",
    spec: { op: "softmax", causal: false },
    strategy: "default",
    varies: "attention",
  },
  {
    id: "softmax-full-materialised",
    label: "softmax attention, N×N in memory",
    family: "softmax",
    spec: { op: "softmax", causal: false },
    strategy: "materialised",
    varies: "attention, not tiled",
  },
  {
    id: "softmax-causal",
    label: "softmax attention, causal",
    family: "softmax",
    spec: { op: "softmax", causal: true },
    strategy: "default",
    varies: "attention",
  },
  {
    id: "matmul",
    label: "product of matrices",
    family: "product",
    spec: { op: "matmul", causal: false },
    strategy: "default",
    varies: "no mixer: what all are made of",
  },
]);
