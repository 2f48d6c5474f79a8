// Any text of one's own: a folder of .txt files.

import { join } from "node:path";
import { DataError } from "#base/errors";
import { namesIn } from "./content.ts";
import type { TextDataset } from "./dataset.ts";
import { readText } from "./text-content.ts";

const ID = "plain-text";
const LIMIT = 500_000_000;

/** train, validation and test by file name; or every .txt in the order of the names, the last tenth to test. */
export const plainText: TextDataset = {
  id: ID,
  kind: "text",
  title: "plain text",
  synthetic: false,
  provenance: "the user's own files: train.txt, test.txt and perhaps validation.txt, or any .txt files (.gz too)",
  licence: "the files' own",
  files: [],

  find(dataDir) {
    if (dataDir === undefined) return { available: false, label: ID, reason: "no data folder given (--data-dir)" };
    const names = textsIn(join(dataDir, ID));
    return names.length === 0
      ? { available: false, label: ID, reason: `no .txt file, plain or .gz (looked in ${join(dataDir, ID)})` }
      : { available: true, label: labelOf(names) };
  },

  load(dataDir) {
    const folder = join(dataDir ?? ".", ID);
    const names = textsIn(folder);
    if (names.length === 0) throw new DataError(folder, "plain text is not here: no .txt file, plain or .gz");
    const read = (name: string) => readText({ path: join(folder, name), limit: LIMIT }).text;
    const label = labelOf(names);
    const [train, validation, test] = ["train", "validation", "test"].map((split) =>
      names.find((name) => stem(name) === split),
    );
    if (train !== undefined && test !== undefined) {
      return {
        label,
        synthetic: false,
        train: read(train),
        validation: validation === undefined ? "" : read(validation),
        test: read(test),
      };
    }
    const text = names.map(read).join("\n");
    const boundary = Math.floor(0.9 * text.length);
    return { label, synthetic: false, train: text.slice(0, boundary), validation: "", test: text.slice(boundary) };
  },
};

function textsIn(folder: string): readonly string[] {
  return namesIn(folder).filter((name) => /\.txt(?:\.gz)?$/.test(name));
}

function stem(name: string): string {
  return name.replace(/\.txt(?:\.gz)?$/, "");
}

function labelOf(names: readonly string[]): string {
  const shown = names.length <= 3 ? names.join(", ") : `${names.slice(0, 2).join(", ")} and ${names.length - 2} more`;
  return `plain text (${shown})`;
}
