import { textOf, utf8 } from "#base/bytes";
import type { Tokeniser } from "./tokeniser.ts";

/** The bytes of the text in UTF-8: 256 tokens, and nothing is unknown. */
export const byteTokeniser: Tokeniser = {
  id: "byte",
  vocabulary: 256,
  encode: (text) => Int32Array.from(utf8(text)),
  decode: (ids) => textOf(Uint8Array.from(ids)),
};
