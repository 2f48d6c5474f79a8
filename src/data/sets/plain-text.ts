// Any text of one's own: a folder of .txt files.

import { join } from "node:path";
import { DataError } from "#base/errors";
import type { DataSource, Finding } from "../source.ts";
import { namesIn } from "./content.ts";
import type { TextDataset } from "./dataset.ts";
import { damaged, notHere } from "./file-set.ts";
import { readText } from "./text-content.ts";

const ID = "plain-text";
const LIMIT = 500_000_000;

const source: DataSource = {
  id: ID,
  folders: [ID],
  layout: `${ID}/train.txt and ${ID}/test.txt, perhaps ${ID}/validation.txt; or any ${ID}/*.txt; each plain or .gz`,
  downloads: [],
  byHand: `it is a text of your own; put it into ${ID}/`,
  check: (dataDir) =>
    Promise.resolve(
      textsIn(join(dataDir, ID)).map((name): Finding => {
        const path = `${ID}/${name}`;
        try {
          return { path, verdict: "ok", detail: `${read(dataDir, name).length} characters` };
        } catch (error) {
          return damaged(path, error);
        }
      }),
    ),
};

/** train, validation and test by file name; or every .txt in the order of the names, the last tenth to test. */
export const plainText: TextDataset = {
  id: ID,
  kind: "text",
  title: "plain text",
  synthetic: false,
  provenance: "the user's own files: train.txt, test.txt and perhaps validation.txt, or any .txt files (.gz too)",
  licence: "the files' own",
  source,

  find(dataDir) {
    if (dataDir === undefined) return notHere(ID, "no data folder given (--data-dir)");
    const names = textsIn(join(dataDir, ID));
    if (names.length > 0) return { available: true, label: labelOf(names) };
    return notHere(ID, `no .txt file in ${join(dataDir, ID)}; expected: ${source.layout}`);
  },

  load(dataDir) {
    const found = plainText.find(dataDir);
    if (!found.available) throw new DataError(join(dataDir ?? ".", ID), `plain text is not here: ${found.reason}`);
    const names = textsIn(join(dataDir!, ID));
    const [train, validation, test] = ["train", "validation", "test"].map((split) =>
      names.find((name) => name.replace(/\.txt(?:\.gz)?$/, "") === split),
    );
    const facts = { label: found.label, synthetic: false };
    if (train !== undefined && test !== undefined) {
      const held = validation === undefined ? "" : read(dataDir!, validation);
      return { ...facts, train: read(dataDir!, train), validation: held, test: read(dataDir!, test) };
    }
    const text = names.map((name) => read(dataDir!, name)).join("\n");
    const boundary = Math.floor(0.9 * text.length);
    return { ...facts, train: text.slice(0, boundary), validation: "", test: text.slice(boundary) };
  },
};

function read(dataDir: string, name: string): string {
  return readText(join(dataDir, ID, name), LIMIT);
}

function textsIn(folder: string): readonly string[] {
  return namesIn(folder).filter((name) => /\.txt(?:\.gz)?$/.test(name));
}

function labelOf(names: readonly string[]): string {
  const shown = names.length <= 3 ? names.join(", ") : `${names.slice(0, 2).join(", ")} and ${names.length - 2} more`;
  return `plain text (${shown})`;
}
