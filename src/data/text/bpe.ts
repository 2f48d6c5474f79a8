// Byte pair encoding over the bytes of UTF-8 (Sennrich et al., arXiv 1508.07909; byte-level as GPT-2).

import { joinedBytes, textOf, utf8 } from "#base/bytes";
import { UsageError } from "#base/errors";
import { learnMerges, pairKey, withMerged, type Pair } from "./bpe-training.ts";
import { IdList } from "./id-list.ts";
import type { Tokeniser } from "./tokeniser.ts";

const BYTES = 256;

/**
 * Words stay apart, a space belongs to the word behind it. Longer runs than 256 are cut: merging takes the square of a
 * word's length, and no text has such words but by accident. @source GPT-2's encoder.py, which does not cut
 */
const WORD = /'(?:s|t|re|ve|m|ll|d)| ?\p{L}{1,256}| ?\p{N}{1,256}| ?[^\s\p{L}\p{N}]{1,256}|\s{1,256}(?!\S)|\s{1,256}/gu;

/** Words that have been cut once are kept, up to this many. */
const CACHE = 200_000;

/**
 * The 256 bytes and the merges learned from the train text. Fewer tokens than asked for where no pair comes twice any more.
 *
 * @param vocabulary number of tokens, 257 or more
 * @throws {UsageError} a vocabulary without room for a merge
 */
export function trainBpe(trainText: string, vocabulary: number): Tokeniser {
  if (vocabulary <= BYTES)
    throw new UsageError(`A bpe tokeniser of ${vocabulary} tokens has no room for a merge; give 257 or more.`);
  const counts = new Map<string, number>();
  for (const [word] of trainText.matchAll(WORD)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const words = [...counts].map(([word, count]) => ({ symbols: bytesOf(word), count }));
  return bpeTokeniser(learnMerges(words, vocabulary - BYTES));
}

/** The tokeniser of a list of merges: merge i makes token 256 + i of two earlier ones. */
export function bpeTokeniser(merges: readonly Pair[]): Tokeniser {
  const rank = new Map(merges.map(([left, right], i) => [pairKey(left, right), BYTES + i]));
  const cache = new Map<string, readonly number[]>();
  const pieces: Uint8Array[] = Array.from({ length: BYTES }, (_, byte) => Uint8Array.of(byte));
  for (const [left, right] of merges) pieces.push(joinedBytes([pieces[left]!, pieces[right]!]));
  const cut = (word: string): readonly number[] => {
    const known = cache.get(word);
    if (known !== undefined) return known;
    const symbols = merged(bytesOf(word), merges, rank);
    if (cache.size < CACHE) cache.set(word, symbols);
    return symbols;
  };
  return {
    id: `bpe-${BYTES + merges.length}`,
    vocabulary: BYTES + merges.length,
    encode(text) {
      const encoded = new IdList();
      for (const [word] of text.matchAll(WORD)) for (const id of cut(word)) encoded.push(id);
      return encoded.toArray();
    },
    decode: (ids) => textOf(joinedBytes(Array.from(ids, (id) => pieces[id] ?? new Uint8Array()))),
  };
}

function bytesOf(word: string): number[] {
  return [...utf8(word)];
}

/** Merges the pair that was learned first, wherever it stands, until none is left. */
function merged(
  symbols: readonly number[],
  merges: readonly Pair[],
  rank: ReadonlyMap<number, number>,
): readonly number[] {
  for (;;) {
    let first = Infinity;
    for (let i = 0; i + 1 < symbols.length; i++)
      first = Math.min(first, rank.get(pairKey(symbols[i]!, symbols[i + 1]!)) ?? Infinity);
    if (first === Infinity) return symbols;
    symbols = withMerged(symbols, merges[first - BYTES]!, first);
  }
}
