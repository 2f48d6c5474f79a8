// Sizes of the bidirectional language models, which judge sentences as well. The vocabulary, special tokens included, is
// what parameters are listed for; a model takes that of its tokeniser.

import type { ModelSize } from "./model-size.ts";

const masked = { task: "bidirectional-lm" } as const;

export const maskedSizes: readonly ModelSize[] = [
  {
    ...masked,
    id: "mlm-nano",
    title: "for smoke runs",
    width: 48,
    depth: 2,
    heads: 2,
    input: { kind: "text", tokens: 16, vocabulary: 21 },
    gluWidth: 128,
  },
  {
    ...masked,
    id: "mlm-mini",
    title: "for small runs on a CPU",
    width: 128,
    depth: 4,
    heads: 4,
    input: { kind: "text", tokens: 128, vocabulary: 1028 },
    gluWidth: 344,
  },
  {
    ...masked,
    id: "mlm-midi",
    title: "for small runs on a GPU",
    width: 256,
    depth: 6,
    heads: 4,
    input: { kind: "text", tokens: 128, vocabulary: 1028 },
    gluWidth: 680,
  },
  // Cramming's GLU of 3072 counts both of its halves: 1536 here, where the width is that of one.
  {
    ...masked,
    id: "mlm-120m",
    title: "120M class: width, depth, heads and GLU of the 24-hour masked language model",
    width: 768,
    depth: 16,
    heads: 12,
    input: { kind: "text", tokens: 128, vocabulary: 32_772 },
    gluWidth: 1536,
  },
];
