// Weights of the language model; no tensor library.

import { UsageError } from "#base/errors";
import type { ModelSpec } from "#case/case";
import type { TextInput } from "./model-input.ts";
import { backboneWeights, tokenCount, type TokenGrid } from "./backbone.ts";
import type { WeightDeclaration } from "./weights.ts";

export type LanguageModelInput = Omit<TextInput, "kind">;

/** Deviation of the token embedding at the start: GPT-2's and nanoGPT's. */
const EMBEDDING_SCALE = 0.02;

/**
 * How the tokens stand: one line, unless the input names a grid.
 *
 * @throws {UsageError} a grid with another number of cells
 */
export function textGrid({ tokens, grid = [tokens] }: LanguageModelInput): TokenGrid {
  const place = { grid, prefix: 0 };
  if (tokenCount(place) !== tokens) throw new UsageError(`A grid of ${grid.join("×")} does not hold ${tokens} tokens.`);
  return place;
}

/**
 * Token embedding and stack. The embedding is the output projection as well (Press and Wolf, arXiv 1608.05859), for every
 * contender: one table, counted once in the parameters and, as the projection it is at the output, once in the operations.
 * There is no output bias. Logits start within about ±0.02·√C of 0, so that training starts near ln(vocabulary) nats.
 */
export function languageModelWeights(model: ModelSpec, input: LanguageModelInput): WeightDeclaration[] {
  const { width: C } = model;
  return [
    {
      name: "embedding",
      shape: [input.vocabulary, C],
      initial: (random, count) => random.normals(count, EMBEDDING_SCALE),
      decays: true,
      appliedPer: "token",
    },
    ...backboneWeights(model, textGrid(input)),
  ];
}
