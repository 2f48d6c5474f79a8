// Words as WikiText's files have them: separated by spaces, with one <eos> a line.

import { UsageError } from "#base/errors";
import { IdList } from "./id-list.ts";
import type { Tokeniser } from "./tokeniser.ts";

export const UNKNOWN_WORD = "<unk>";
export const END_OF_LINE = "<eos>";

/** The words of each line, then <eos>: the counting by which WikiText's sizes and perplexities are published. */
export function* wordsOf(text: string): Generator<string> {
  let start = 0;
  while (start < text.length) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    for (const word of text.slice(start, end).split(/\s+/)) if (word !== "") yield word;
    yield END_OF_LINE;
    start = end + 1;
  }
}

/**
 * <unk>, <eos> and the words of the train text, most frequent first, ties in the order of their characters.
 *
 * @param limit most tokens there may be, the two included; all words where absent
 * @throws {UsageError} a limit that leaves no word
 */
export function trainWordTokeniser(trainText: string, limit?: number): Tokeniser {
  if (limit !== undefined && limit < 3)
    throw new UsageError(`A word tokeniser of ${limit} tokens has no word beside <unk> and <eos>; give 3 or more.`);
  const counts = new Map<string, number>();
  for (const word of wordsOf(trainText)) counts.set(word, (counts.get(word) ?? 0) + 1);
  counts.delete(UNKNOWN_WORD);
  counts.delete(END_OF_LINE);
  const byFrequency = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([word]) => word);
  const words = [UNKNOWN_WORD, END_OF_LINE, ...byFrequency].slice(0, limit);
  const ids = new Map(words.map((word, id) => [word, id]));
  return {
    id: "word",
    vocabulary: words.length,
    encode(text) {
      const encoded = new IdList();
      for (const word of wordsOf(text)) encoded.push(ids.get(word) ?? 0);
      return encoded.toArray();
    },
    decode: (tokens) =>
      Array.from(tokens, (id) => words[id] ?? UNKNOWN_WORD)
        .join(" ")
        .replaceAll(/ ?<eos>( |$)/g, "\n"),
  };
}
