// Sizes of the models for probes: volumes in three dimensions, and recall with states of several sizes. A head of width
// D keeps a state of D·D values, so that C/D heads keep C·D: the recall sizes differ in D alone.

import type { ModelSize } from "./model-size.ts";

const volumes = { task: "image-classification", patch: [2, 4, 4] } as const;

export const volumeSizes: readonly ModelSize[] = [
  {
    ...volumes,
    id: "nano-3d",
    title: "volumes, for smoke runs",
    width: 48,
    depth: 2,
    heads: 2,
    input: { kind: "images", imageShape: [8, 16, 16, 1], classes: 8 },
    gluWidth: 128,
  },
  {
    ...volumes,
    id: "mini-3d",
    title: "volumes, for small runs on a CPU",
    width: 64,
    depth: 4,
    heads: 2,
    input: { kind: "images", imageShape: [8, 28, 28, 1], classes: 10 },
    gluWidth: 172,
  },
  {
    ...volumes,
    id: "midi-3d",
    title: "volumes, for runs on a GPU",
    width: 128,
    depth: 6,
    heads: 4,
    input: { kind: "images", imageShape: [8, 28, 28, 1], classes: 10 },
    gluWidth: 340,
  },
];

const recall = { task: "recall", depth: 2 } as const;
const small = { ...recall, width: 64, input: { kind: "text", tokens: 64, vocabulary: 256 } } as const;
const large = { ...recall, width: 128, input: { kind: "text", tokens: 512, vocabulary: 8192 } } as const;

export const recallSizes: readonly ModelSize[] = [
  {
    ...recall,
    id: "recall-nano",
    title: "recall, for smoke runs",
    width: 32,
    heads: 2,
    input: { kind: "text", tokens: 16, vocabulary: 16 },
    gluWidth: 64,
  },
  {
    ...small,
    id: "recall-d8",
    title: "recall, heads of width 8",
    heads: 8,
    gluWidth: 172,
  },
  {
    ...small,
    id: "recall-d16",
    title: "recall, heads of width 16",
    heads: 4,
    gluWidth: 172,
  },
  {
    ...small,
    id: "recall-d32",
    title: "recall, heads of width 32",
    heads: 2,
    gluWidth: 172,
  },
  {
    ...small,
    id: "recall-d64",
    title: "recall, one head of width 64",
    heads: 1,
    gluWidth: 172,
  },
  {
    ...large,
    id: "recall-512-d16",
    title: "recall over 512 tokens, heads of width 16",
    heads: 8,
    gluWidth: 340,
  },
  {
    ...large,
    id: "recall-512-d32",
    title: "recall over 512 tokens, heads of width 32",
    heads: 4,
    gluWidth: 340,
  },
  {
    ...large,
    id: "recall-512-d64",
    title: "recall over 512 tokens, heads of width 64",
    heads: 2,
    gluWidth: 340,
  },
  {
    ...large,
    id: "recall-512-d128",
    title: "recall over 512 tokens, one head of width 128",
    heads: 1,
    gluWidth: 340,
  },
];
