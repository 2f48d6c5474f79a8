// The models that every task compares: LightNet, softmax attention and the rivals, as their authors build them.

import type { Scale } from "#case/case";

/** Of HGRN2, the strongest rival, also the form that costs one scan a layer. */
const ALL = [
  "lightnet",
  "lightnet-cosine",
  "lightnet-no-tpe",
  "softmax-rope",
  "softmax-cosine",
  "hgrn2-2scan",
  "hgrn2-2scan-alternate",
  "gla-2scan",
  "retnet-2scan",
  "mamba2-2scan",
  "linear-attention",
  "efficient-attention-full",
];

/** Where every token sees all. */
export const TASK_MODELS: Readonly<Record<Scale, readonly string[]>> = {
  smoke: ["lightnet", "softmax-rope", "hgrn2-2scan"],
  small: ALL,
  paper: ALL,
};

const ALL_CAUSAL = [
  "lightnet-causal",
  "lightnet-cosine-causal",
  "lightnet-no-tpe-causal",
  "softmax-rope-causal",
  "softmax-cosine-causal",
  "hgrn2-causal",
  "gla-causal",
  "retnet-causal",
  "mamba2-causal",
  "linear-attention-causal",
];

/** Where a token sees those before it. */
export const CAUSAL_MODELS: Readonly<Record<Scale, readonly string[]>> = {
  smoke: ["lightnet-causal", "softmax-rope-causal", "hgrn2-causal"],
  small: ALL_CAUSAL,
  paper: ALL_CAUSAL,
};
