// The list of tokenisers, by kind.

import { UsageError } from "#base/errors";
import type { TokeniserKind } from "#case/recipe";
import { trainBpe } from "./bpe.ts";
import { byteTokeniser } from "./byte-tokeniser.ts";
import { trainCharTokeniser } from "./char-tokeniser.ts";
import type { Tokeniser } from "./tokeniser.ts";
import { trainWordTokeniser } from "./word-tokeniser.ts";

export interface TokeniserSpec {
  readonly kind: TokeniserKind;
  /** most tokens there may be: needed for bpe, a limit for word, not for the others */
  readonly vocabulary?: number | undefined;
}

/** @throws {UsageError} a vocabulary where none is chosen, none where one is, or one too small */
export function trainTokeniser({ kind, vocabulary }: TokeniserSpec, trainText: string): Tokeniser {
  switch (kind) {
    case "char":
    case "byte":
      if (vocabulary !== undefined)
        throw new UsageError(`A ${kind} tokeniser has the vocabulary that it has; leave out vocabulary ${vocabulary}.`);
      return kind === "char" ? trainCharTokeniser(trainText) : byteTokeniser;
    case "word":
      return trainWordTokeniser(trainText, vocabulary);
    case "bpe":
      if (vocabulary === undefined)
        throw new UsageError("A bpe tokeniser needs a vocabulary: the number of tokens, 257 or more.");
      return trainBpe(trainText, vocabulary);
  }
}
