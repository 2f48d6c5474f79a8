import type { TextData, TextDataset } from "./dataset.ts";
import { fileSet } from "./file-set.ts";
import { readText } from "./text-content.ts";

const SHA256 = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed";
const BYTES = 1_115_394;
const NAMES = { id: "tinyshakespeare", title: "tinyshakespeare" };

/** tinyshakespeare: 1 115 394 characters, 65 distinct; the first 90 % to train and the rest to test, as nanoGPT splits it. */
export const tinyshakespeare: TextDataset = {
  ...NAMES,
  kind: "text",
  synthetic: false,
  provenance:
    "Andrej Karpathy: char-rnn, data/tinyshakespeare/input.txt (github.com/karpathy/char-rnn); split as in nanoGPT's data/shakespeare_char",
  licence: "public domain",
  ...fileSet<string, TextData>({
    ...NAMES,
    folders: ["tinyshakespeare"],
    files: [{ stem: "input", ending: ".txt", split: "text", sha256: SHA256 }],
    official: { text: BYTES },
    unit: "characters",
    downloads: [
      {
        file: {
          urls: ["https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"],
          bytes: BYTES,
          sha256: SHA256,
        },
        gives: ["input.txt"],
      },
    ],
    read: (path, _file, sha256) => readText(path, BYTES, sha256),
    count: (text) => text.length,
    assemble(splits, label) {
      const text = splits.get("text")![0]!.content;
      const boundary = Math.floor(0.9 * text.length);
      return {
        label,
        synthetic: false,
        train: text.slice(0, boundary),
        validation: "",
        test: text.slice(boundary),
      };
    },
  }),
};
