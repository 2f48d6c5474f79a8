// Names that become files. Suites, contenders and data sets are named by files of other people: their names decide no
// place on the disk.

import { shortHash } from "./json.ts";

/** Leaves room for an extension and a temporary suffix in the 255 bytes that file systems allow. */
const MOST_LETTERS = 160;
/** Lower case only: "A" and "a" are one file on macOS and Windows. */
const SAFE = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/;
/** Devices of Windows, whatever their extension. */
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/;
const HASH_LETTERS = 8;

/**
 * A file's name for any text: itself where that is a plain short name in lower case, else what is plain in it with a hash of
 * the text, so that two texts never get one file.
 */
export function safeFileName(name: string): string {
  if (name.length <= MOST_LETTERS && SAFE.test(name) && !name.includes("..") && !RESERVED.test(name)) return name;
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, MOST_LETTERS - HASH_LETTERS - 1)
    .replace(/^-|-$/g, "");
  // A lone surrogate is written as U+FFFD in UTF-8: JSON tells such names apart.
  const hash = shortHash(JSON.stringify(name)).slice(0, HASH_LETTERS);
  return [plain, hash].filter((part) => part !== "").join("-");
}
