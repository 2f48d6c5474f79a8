// Sizes of the language models. The vocabulary is what parameters are listed for; a model takes that of its tokeniser.

import type { ModelSize } from "./model-sizes.ts";

const autoregressive = { task: "autoregressive-lm" } as const;

export const languageModelSizes: readonly ModelSize[] = [
  {
    ...autoregressive,
    id: "lm-nano",
    title: "for smoke runs",
    width: 32,
    depth: 2,
    heads: 2,
    input: { kind: "text", tokens: 32, vocabulary: 17 },
    gluWidths: { gated: 88, softmax: 100, scalar: 88, vector: 76 },
  },
  {
    ...autoregressive,
    id: "lm-mini",
    title: "nanoGPT's configuration for a CPU; its MLP of 4 C as a GLU of equal size",
    width: 128,
    depth: 4,
    heads: 4,
    input: { kind: "text", tokens: 64, vocabulary: 66 },
    gluWidths: { gated: 320, softmax: 340, scalar: 320, vector: 308 },
  },
  {
    ...autoregressive,
    id: "lm-midi",
    title: "for small runs on a GPU",
    width: 256,
    depth: 6,
    heads: 4,
    input: { kind: "text", tokens: 256, vocabulary: 66 },
    gluWidths: { gated: 640, softmax: 684, scalar: 640, vector: 628 },
  },
  {
    ...autoregressive,
    id: "lm-44m",
    title: "44M class: width, depth and vocabulary of HGRN2's WikiText-103 models",
    width: 512,
    depth: 6,
    heads: 4,
    input: { kind: "text", tokens: 512, vocabulary: 50_265 },
    gluWidths: { gated: 1280, softmax: 1364, scalar: 1280, vector: 1268 },
  },
  {
    ...autoregressive,
    id: "lm-120m",
    title: "120M class: width, depth and vocabulary of the 24-hour masked language model",
    width: 768,
    depth: 16,
    heads: 12,
    input: { kind: "text", tokens: 128, vocabulary: 32_768 },
    gluWidths: { gated: 1536, softmax: 1580, scalar: 1532, vector: 1524 },
  },
];
