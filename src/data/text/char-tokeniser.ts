import type { Tokeniser } from "./tokeniser.ts";

const UNKNOWN = "\u{FFFD}";

/** The characters (code points) of the train text in their order, then one token for every other: distinct + 1 tokens. */
export function trainCharTokeniser(trainText: string): Tokeniser {
  const characters = [...new Set(trainText)].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!);
  const ids = new Map(characters.map((character, id) => [character, id]));
  const unknown = characters.length;
  return {
    id: "char",
    vocabulary: characters.length + 1,
    encode(text) {
      const encoded = new Int32Array(text.length); // code points are no more than UTF-16 units
      let count = 0;
      for (const character of text) encoded[count++] = ids.get(character) ?? unknown;
      return encoded.slice(0, count);
    },
    decode: (tokens) => Array.from(tokens, (id) => characters[id] ?? UNKNOWN).join(""),
  };
}
