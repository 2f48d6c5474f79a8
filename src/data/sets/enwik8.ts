import { existsSync } from "node:fs";
import { join } from "node:path";
import { DataError } from "#base/errors";
import { readContent } from "./content.ts";
import type { TextDataset } from "./dataset.ts";
import { characterStart, decodeUtf8, wholeCharacters } from "./text-content.ts";

const ID = "enwik8";
const BYTES = 100_000_000;

/**
 * enwik8: the first 10^8 bytes of the English Wikipedia of 3 March 2006; 90, 5 and 5 million bytes to train, validate and
 * test. A split begins with the character that its first byte belongs to, so that splits are text; what an incomplete last
 * character leaves is not used.
 */
export const enwik8: TextDataset = {
  id: ID,
  kind: "text",
  title: "enwik8",
  synthetic: false,
  provenance:
    "Matt Mahoney: Large Text Compression Benchmark (mattmahoney.net/dc/textdata.html); split as usual for this benchmark",
  licence: "GFDL / CC BY-SA (Wikipedia)",
  files: [{ name: "enwik8" }],

  find(dataDir) {
    if (dataDir === undefined) return { available: false, label: ID, reason: "no data folder given (--data-dir)" };
    return fileIn(dataDir) === undefined
      ? { available: false, label: ID, reason: `no file enwik8, plain or .gz (looked in ${join(dataDir, ID)})` }
      : { available: true, label: ID };
  },

  load(dataDir) {
    const path = fileIn(dataDir ?? ".");
    if (path === undefined)
      throw new DataError(join(dataDir ?? ".", ID), "enwik8 is not here: no file enwik8, plain or .gz");
    const { bytes, truncated } = readContent(path, BYTES);
    if (truncated || bytes.length !== BYTES)
      throw new DataError(path, `holds ${bytes.length} bytes, enwik8 has ${BYTES}; fetch it again`, {
        expected: BYTES,
        found: bytes.length,
      });
    const part = (from: number, to: number) =>
      decodeUtf8(path, bytes.subarray(characterStart(bytes, from), characterStart(bytes, to)));
    const end = wholeCharacters(bytes);
    return {
      label: ID,
      synthetic: false,
      train: part(0, 90_000_000),
      validation: part(90_000_000, 95_000_000),
      test: part(95_000_000, end),
    };
  },
};

function fileIn(dataDir: string): string | undefined {
  return [ID, `${ID}.gz`].map((name) => join(dataDir, ID, name)).find((path) => existsSync(path));
}
