import type { Tokeniser } from "./tokeniser.ts";

/** The bytes of the text in UTF-8: 256 tokens, and nothing is unknown. */
export const byteTokeniser: Tokeniser = {
  id: "byte",
  vocabulary: 256,
  encode: (text) => Int32Array.from(Buffer.from(text, "utf8")),
  decode: (ids) => Buffer.from(Uint8Array.from(ids)).toString("utf8"),
};
