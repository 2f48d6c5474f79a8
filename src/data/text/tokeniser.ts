// Tokenisers: text into token numbers and back. What a tokeniser knows, it has from the train split alone.

import { UsageError } from "#base/errors";
import type { TokeniserKind } from "#case/case";
import { trainBpe } from "./bpe.ts";
import { byteTokeniser } from "./byte-tokeniser.ts";
import { trainCharTokeniser } from "./char-tokeniser.ts";
import { trainWordTokeniser } from "./word-tokeniser.ts";

/** The target of a position that is not scored. */
export const NOT_SCORED = -1;

export interface Tokeniser {
  /** "char", "byte", "word", "bpe-1000" */
  readonly id: string;
  /** number of tokens; ids are 0 to vocabulary − 1, and a task's own special tokens may follow from there */
  readonly vocabulary: number;
  encode(text: string): Int32Array<ArrayBuffer>;
  /** The text again; what the tokeniser does not know comes back as its mark for unknown. */
  decode(ids: ArrayLike<number>): string;
}

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
