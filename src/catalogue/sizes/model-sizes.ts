// Sizes of the models, as plain data that suites declare cases with. They are this project's own configurations, at
// widths comparable to DeiT's: the paper's size tables could not be read. A size gives the hidden width of LightNet's GLU;
// those of the others are computed, so that all have as many parameters.

import { Registry } from "#base/registry";
import type { MixerSpec, ModelSpec } from "#case/case";
import { matchGluWidth, parametersOf } from "#weights/model";
import { models, subjectModel } from "../models.ts";
import { denoiserSizes } from "./denoisers.ts";
import { languageModelSizes } from "./language-models.ts";
import { maskedSizes } from "./masked-language-models.ts";
import { recallSizes, volumeSizes } from "./probes.ts";
import type { ModelSize } from "./model-size.ts";

const classification = { task: "image-classification" } as const;
const imagenet = {
  ...classification,
  patch: [16, 16],
  depth: 12,
  input: { kind: "images", imageShape: [224, 224, 3], classes: 1000 },
} as const;

export const modelSizes = new Registry<ModelSize>("size", [
  {
    ...classification,
    id: "pico",
    title: "below nano, for growth with model size",
    width: 32,
    depth: 2,
    heads: 2,
    patch: [4, 4],
    input: { kind: "images", imageShape: [24, 24, 1], classes: 8 },
    gluWidth: 84,
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
    gluWidth: 128,
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
    gluWidth: 256,
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
    gluWidth: 172,
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
    gluWidth: 340,
  },
  {
    ...imagenet,
    id: "T",
    title: "tiny, DeiT-T width",
    width: 192,
    heads: 3,
    gluWidth: 512,
  },
  {
    ...imagenet,
    id: "S",
    title: "small, DeiT-S width",
    width: 384,
    heads: 6,
    gluWidth: 1024,
  },
  {
    ...imagenet,
    id: "B",
    title: "base, DeiT-B width",
    width: 768,
    heads: 12,
    gluWidth: 2048,
  },
  ...denoiserSizes,
  ...maskedSizes,
  ...volumeSizes,
  ...recallSizes,
  ...languageModelSizes,
]);

/** A combination of LightNet's layer with any operator: with or without a name in the list of models. */
export type ModelParts = Pick<ModelSpec, "mixer" | "localMixing" | "localMixingStart" | "id">;

/** LightNet's operator, which every unnamed combination of a size is made as large as. */
const SUBJECT = { op: "additive", causal: false } as const;

/** A model of this size around a mixer, its GLU as wide as parameters equal to those of LightNet's operator allow. */
export function modelOf(size: ModelSize, mixer: MixerSpec, localMixing: ModelSpec["localMixing"] = "none"): ModelSpec {
  return matched(size, { mixer, localMixing }, { mixer: { ...mixer, operator: SUBJECT }, localMixing });
}

/** A named model of this size, with as many parameters as LightNet. */
export function namedModel(size: ModelSize, id: string): ModelSpec {
  const { mixer, localMixing, localMixingStart } = models.get(id);
  const start = localMixingStart === undefined ? {} : { localMixingStart };
  return matched(size, { id, mixer, localMixing, ...start }, subjectModel(mixer.operator));
}

function matched(size: ModelSize, parts: ModelParts, subject: Omit<ModelParts, "id">): ModelSpec {
  const { width, depth, heads, patch, gluWidth, input } = size;
  const stack = {
    variant: size.id,
    width,
    depth,
    heads,
    gluWidth,
    ...(patch === undefined ? {} : { patch: [...patch] }),
  };
  const model = { ...stack, ...parts };
  const parameters = parametersOf({ ...stack, mixer: subject.mixer, localMixing: subject.localMixing }, input);
  return { ...model, gluWidth: matchGluWidth(model, input, parameters) };
}
