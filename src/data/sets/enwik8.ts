import { DataError } from "#base/errors";
import { checkSha256, readContent } from "./content.ts";
import type { TextData, TextDataset } from "./dataset.ts";
import { fileSet } from "./file-set.ts";
import { characterStart, decodeUtf8, wholeCharacters } from "./text-content.ts";

const NAMES = { id: "enwik8", title: "enwik8" };
const BYTES = 100_000_000;

/**
 * enwik8: the first 10^8 bytes of the English Wikipedia of 3 March 2006; 90, 5 and 5 million bytes to train, validate and
 * test. A split begins with the character that its first byte belongs to, so that splits are text; what an incomplete last
 * character leaves is not used.
 */
export const enwik8: TextDataset = {
  ...NAMES,
  kind: "text",
  synthetic: false,
  provenance:
    "Matt Mahoney: Large Text Compression Benchmark (mattmahoney.net/dc/textdata.html); split as usual for this benchmark",
  licence: "GFDL / CC BY-SA (Wikipedia)",
  ...fileSet<Uint8Array, TextData>({
    ...NAMES,
    folders: ["enwik8"],
    files: [
      {
        stem: "enwik8",
        ending: "",
        split: "text",
        sha256: "2b49720ec4d78c3c9fabaee6e4179a5e997302b3a70029f30f2d582218c024a8",
      },
    ],
    official: { text: BYTES },
    unit: "bytes",
    downloads: [
      {
        file: {
          urls: ["https://mattmahoney.net/dc/enwik8.zip", "http://mattmahoney.net/dc/enwik8.zip"],
          bytes: 36_445_475,
          sha256: "547994d9980ebed1288380d652999f38a14fe291a6247c157c3d33d4932534bc",
        },
        unpacking: { format: "zip", mostBytes: 110e6, prefix: "", keep: /^enwik8$/ },
        gives: ["enwik8"],
      },
    ],
    read(path, _file, sha256) {
      const { bytes, truncated } = readContent(path, BYTES);
      const [found, expected] = [bytes.length, BYTES];
      if (truncated || found !== expected)
        throw new DataError(path, `holds ${found} bytes, enwik8 has ${expected}; fetch it again`, { expected, found });
      checkSha256(path, bytes, sha256);
      return bytes;
    },
    count: (bytes) => bytes.length,
    assemble(splits, label) {
      const { path, content: bytes } = splits.get("text")![0]!;
      const part = (from: number, to: number) =>
        decodeUtf8(path, bytes.subarray(characterStart(bytes, from), characterStart(bytes, to)));
      return {
        label,
        synthetic: false,
        train: part(0, 90_000_000),
        validation: part(90_000_000, 95_000_000),
        test: part(95_000_000, wholeCharacters(bytes)),
      };
    },
  }),
};
