// The sequence tasks there are, by size: the smallest for smoke runs, 64 tokens for small ones, 512 for the paper's scale.

import type { SequenceDataset } from "../dataset.ts";
import { causalRecall, scatteredRecall, type RecallOptions } from "./associative-recall.ts";
import { inductionHead, selectiveCopy } from "./copying.ts";
import { sequenceDataset } from "./sequence.ts";

type Size = Pick<RecallOptions, "pairs" | "vocabulary" | "filler"> & {
  readonly tokens: number;
  readonly grid: readonly number[];
};

const SIZES: readonly Size[] = [
  { tokens: 16, grid: [4, 4], pairs: [2], vocabulary: 16, filler: "blank" },
  { tokens: 64, grid: [8, 8], pairs: [2, 4, 8], vocabulary: 256, filler: "random" },
  { tokens: 512, grid: [16, 32], pairs: [16, 32, 64], vocabulary: 8192, filler: "random" },
];

const recalls = SIZES.flatMap(({ tokens, grid, ...size }) => {
  const asked = `${Math.max(...size.pairs)} pairs, vocabulary ${size.vocabulary}`;
  return [
    causalRecall({
      ...size,
      id: `mqar-${tokens}`,
      title: `multi-query associative recall, ${tokens} tokens, ${asked}`,
      grid: [tokens],
    }),
    scatteredRecall({
      ...size,
      id: `mqar-any-${tokens}`,
      title: `associative recall in any order, ${tokens} tokens, ${asked}`,
      grid: [tokens],
    }),
    scatteredRecall({
      ...size,
      id: `mqar-${grid.join("x")}`,
      title: `associative recall on a ${grid.join("×")} grid, ${asked}`,
      grid,
    }),
  ];
});

const probes = [
  inductionHead({ id: "induction-64", title: "induction head, 64 tokens of 16", tokens: 64, vocabulary: 16 }),
  inductionHead({ id: "induction-512", title: "induction head, 512 tokens of 16", tokens: 512, vocabulary: 16 }),
  selectiveCopy({
    id: "selective-copy-64",
    title: "selective copying, 8 of 56 tokens",
    tokens: 64,
    vocabulary: 18,
    items: 8,
  }),
  selectiveCopy({
    id: "selective-copy-512",
    title: "selective copying, 16 of 496 tokens",
    tokens: 512,
    vocabulary: 18,
    items: 16,
  }),
];

export const sequenceDatasets: readonly SequenceDataset[] = [...recalls, ...probes].map(sequenceDataset);
