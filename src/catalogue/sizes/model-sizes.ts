// Sizes of the models, as plain data that suites declare cases with. They are this project's own configurations, at
// widths comparable to DeiT's: the paper's size tables could not be read. The hidden width of the GLU makes up for
// what a mixer has more or less than LightNet's; src/catalogue/variants.test.ts checks that parameters agree within 2 %.

import { Registry } from "#base/registry";
import type { MixerSpec, ModelSpec, OperatorSpec } from "#case/case";
import { denoiserSizes } from "./denoisers.ts";
import { languageModelSizes } from "./language-models.ts";
import { maskedSizes } from "./masked-language-models.ts";
import { recallSizes, volumeSizes } from "./probes.ts";

/** Which weights a mixer has: gated linear layers alike, softmax without the gate, decays with projections of their own. */
export type MixerWeightsKind = "gated" | "softmax" | "scalar" | "vector";

/** What goes into a model and what comes out. */
export type ModelInput = ImageInput | DenoiserInput | TextInput;

/** Images or volumes into one of several classes. */
export interface ImageInput {
  readonly kind: "images";
  /** extents along the axes, then channels */
  readonly imageShape: readonly number[];
  readonly classes: number;
}

/** Noisy images or latents, with a time step and a class, into their noise. */
export interface DenoiserInput extends Omit<ImageInput, "kind"> {
  readonly kind: "denoiser";
}

/** Token ids, and logits over the vocabulary at every position. */
export interface TextInput {
  readonly kind: "text";
  readonly tokens: number;
  readonly vocabulary: number;
  /** how the tokens stand, where they are not one line */
  readonly grid?: readonly number[];
}

export interface ModelSize {
  readonly id: string;
  readonly title: string;
  readonly task: string;
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
  /** edges of a patch along each axis, in pixels; absent for text */
  readonly patch?: readonly number[];
  /** what the parameters are matched and listed for */
  readonly input: ModelInput;
  readonly gluWidths: Readonly<Record<MixerWeightsKind, number>>;
}

const classification = { task: "image-classification" } as const;
const imagenet = {
  ...classification,
  patch: [16, 16],
  depth: 12,
  input: { kind: "images", imageShape: [224, 224, 3], classes: 1000 },
} as const;

export const modelSizes = new Registry<ModelSize>("model", [
  {
    ...classification,
    id: "pico",
    title: "below nano, for growth with model size",
    width: 32,
    depth: 2,
    heads: 2,
    patch: [4, 4],
    input: { kind: "images", imageShape: [24, 24, 1], classes: 8 },
    gluWidths: { gated: 84, softmax: 96, scalar: 84, vector: 72 },
  },
  {
    ...classification,
    id: "nano",
    title: "for smoke runs",
    width: 48,
    depth: 2,
    heads: 2,
    patch: [4, 4],
    input: { kind: "images", imageShape: [24, 24, 1], classes: 8 },
    gluWidths: { gated: 128, softmax: 144, scalar: 128, vector: 116 },
  },
  {
    ...classification,
    id: "micro",
    title: "above nano, for growth with model size",
    width: 96,
    depth: 2,
    heads: 2,
    patch: [4, 4],
    input: { kind: "images", imageShape: [24, 24, 1], classes: 8 },
    gluWidths: { gated: 256, softmax: 288, scalar: 256, vector: 244 },
  },
  {
    ...classification,
    id: "mini",
    title: "for small runs on a CPU",
    width: 64,
    depth: 4,
    heads: 2,
    patch: [4, 4],
    input: { kind: "images", imageShape: [28, 28, 1], classes: 10 },
    gluWidths: { gated: 172, softmax: 192, scalar: 172, vector: 160 },
  },
  {
    ...classification,
    id: "midi",
    title: "for small runs on a GPU",
    width: 128,
    depth: 6,
    heads: 4,
    patch: [2, 2],
    input: { kind: "images", imageShape: [28, 28, 1], classes: 10 },
    gluWidths: { gated: 340, softmax: 360, scalar: 340, vector: 328 },
  },
  {
    ...imagenet,
    id: "T",
    title: "tiny, DeiT-T width",
    width: 192,
    heads: 3,
    gluWidths: { gated: 512, softmax: 556, scalar: 512, vector: 500 },
  },
  {
    ...imagenet,
    id: "S",
    title: "small, DeiT-S width",
    width: 384,
    heads: 6,
    gluWidths: { gated: 1024, softmax: 1068, scalar: 1020, vector: 1012 },
  },
  {
    ...imagenet,
    id: "B",
    title: "base, DeiT-B width",
    width: 768,
    heads: 12,
    gluWidths: { gated: 2048, softmax: 2092, scalar: 2044, vector: 2036 },
  },
  ...denoiserSizes,
  ...maskedSizes,
  ...volumeSizes,
  ...recallSizes,
  ...languageModelSizes,
]);

/** Which column of a size's GLU widths belongs to an operator. */
export function weightsKindOf({ op, decay, tiedKey }: OperatorSpec): MixerWeightsKind {
  if (op === "softmax") return "softmax";
  if (decay === "scalar") return "scalar";
  return decay === "vector" && tiedKey !== true ? "vector" : "gated";
}

/** A model of this size around a mixer. */
export function modelOf(size: ModelSize, mixer: MixerSpec, localMixing: ModelSpec["localMixing"] = "none"): ModelSpec {
  const { id, width, depth, heads, patch, gluWidths } = size;
  return {
    variant: id,
    width,
    depth,
    heads,
    gluWidth: gluWidths[weightsKindOf(mixer.operator)],
    mixer,
    localMixing,
    ...(patch === undefined ? {} : { patch: [...patch] }),
  };
}
