import { existsSync } from "node:fs";
import { join } from "node:path";
import { DataError } from "#base/errors";
import type { TextDataset } from "./dataset.ts";
import { readText } from "./text-content.ts";

const ID = "tinyshakespeare";
const FILE = "input.txt";
const SHA256 = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed";
const LABEL = "tinyshakespeare";

/** tinyshakespeare: 1 115 394 characters, 65 distinct; the first 90 % to train and the rest to test, as nanoGPT splits it. */
export const tinyshakespeare: TextDataset = {
  id: ID,
  kind: "text",
  title: "tinyshakespeare",
  synthetic: false,
  provenance:
    "Andrej Karpathy: char-rnn, data/tinyshakespeare/input.txt (github.com/karpathy/char-rnn); split as in nanoGPT's data/shakespeare_char",
  licence: "public domain",
  files: [{ name: FILE, sha256: SHA256 }],

  find(dataDir) {
    if (dataDir === undefined) return { available: false, label: LABEL, reason: "no data folder given (--data-dir)" };
    return fileIn(dataDir) === undefined
      ? { available: false, label: LABEL, reason: `no ${FILE}, plain or .gz (looked in ${join(dataDir, ID)})` }
      : { available: true, label: LABEL };
  },

  load(dataDir) {
    const path = fileIn(dataDir ?? ".");
    if (path === undefined)
      throw new DataError(join(dataDir ?? ".", ID), `${LABEL} is not here: no ${FILE}, plain or .gz`);
    const { text } = readText({ path, limit: 2_000_000, sha256: SHA256 });
    const boundary = Math.floor(0.9 * text.length);
    return {
      label: LABEL,
      synthetic: false,
      train: text.slice(0, boundary),
      validation: "",
      test: text.slice(boundary),
    };
  },
};

function fileIn(dataDir: string): string | undefined {
  return [FILE, `${FILE}.gz`].map((name) => join(dataDir, ID, name)).find((path) => existsSync(path));
}
