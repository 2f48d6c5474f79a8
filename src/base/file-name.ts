// Names that become files, and paths that stay in their folder. Suites, contenders and data sets are named by files of
// other people: their names decide no place on the disk.

import { lstatSync, realpathSync } from "node:fs";
import { dirname, resolve, sep } from "node:path";
import { StoreError } from "./errors.ts";
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

/** Whether a path, links followed, lies in a folder. What does not exist yet is judged by where it would be made. */
export function isInside(folder: string, path: string): boolean {
  const [root, target] = [resolve(folder), resolve(folder, path)];
  if (!isBelow(root, target)) return false;
  try {
    const existing = nearest(root, target);
    return existing === root || isBelow(realpathSync(root), realpathSync(existing));
  } catch (error) {
    // A link to nowhere or in a circle is none of ours. Whatever else stands in the way is told by who opens the file.
    return !["ENOENT", "ELOOP"].includes((error as NodeJS.ErrnoException).code ?? "");
  }
}

/** The path itself, or the nearest folder above it that exists. */
function nearest(root: string, path: string): string {
  let existing = path;
  while (existing !== root && lstatSync(existing, { throwIfNoEntry: false }) === undefined)
    existing = dirname(existing);
  return existing;
}

/**
 * The path of a file in a folder.
 *
 * @throws {StoreError} it leads out of the folder, by its name or by a link
 */
export function pathInside(folder: string, path: string): string {
  const target = resolve(folder, path);
  if (!isInside(folder, path))
    throw new StoreError(target, `leads out of ${folder}. Remove the link, or choose another folder.`, { folder });
  return target;
}

function isBelow(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}
