// Sentences as sequences of one length: [START] first [SEP], and second [SEP] for pairs, cut and filled up.

import type { LabelledSentences } from "#data/sets/dataset";
import { specialTokens } from "../bidirectional-lm/masking.ts";
import type { Tokeniser } from "#data/text/tokeniser";

export interface Sequences {
  /** [count, length] */
  readonly ids: Int32Array<ArrayBuffer>;
  /** [count], tokens before the padding */
  readonly lengths: Int32Array<ArrayBuffer>;
  readonly length: number;
  readonly labels: Float32Array;
}

/**
 * Encodes every item. What does not fit is cut from the end of the longer sentence, token by token, as BERT does.
 *
 * @param length of a sequence, special tokens included
 */
export function encodeSentences(
  { first, second, labels }: LabelledSentences,
  tokeniser: Tokeniser,
  length: number,
): Sequences {
  const { pad, start, separator } = specialTokens(tokeniser.vocabulary);
  const ids = new Int32Array(labels.length * length).fill(pad);
  const lengths = new Int32Array(labels.length);
  for (let item = 0; item < labels.length; item++) {
    const pieces = [first[item]!, ...(second === undefined ? [] : [second[item]!])].map((text) =>
      tokeniser.encode(text),
    );
    const room = length - 1 - pieces.length;
    const sequence = [start, ...fitted(pieces, room).flatMap((piece) => [...piece, separator])];
    ids.set(sequence, item * length);
    lengths[item] = sequence.length;
  }
  return { ids, lengths, length, labels };
}

function fitted(pieces: readonly Int32Array[], room: number): Int32Array[] {
  const kept = pieces.map((piece) => piece.length);
  for (let total = kept.reduce((sum, part) => sum + part, 0); total > room; total--)
    kept[kept.indexOf(Math.max(...kept))]!--;
  return pieces.map((piece, i) => piece.subarray(0, kept[i]));
}

/** Some of the items, gathered: ids [count, length], and weights [count, length] of a mean over the tokens before the padding. */
export interface SequenceRows {
  readonly ids: Int32Array<ArrayBuffer>;
  readonly weights: Float32Array<ArrayBuffer>;
  readonly labels: readonly number[];
}

export function gatherRows({ ids, lengths, length, labels }: Sequences, numbers: Int32Array): SequenceRows {
  const gathered = new Int32Array(numbers.length * length);
  const weights = new Float32Array(numbers.length * length);
  numbers.forEach((number, row) => {
    gathered.set(ids.subarray(number * length, (number + 1) * length), row * length);
    weights.fill(1 / lengths[number]!, row * length, row * length + lengths[number]!);
  });
  return { ids: gathered, weights, labels: Array.from(numbers, (number) => labels[number]!) };
}
