// Pictures in a run folder: only PNG files of a modest size are taken for some.

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { isInside } from "#base/file-name";
import type { Bytes } from "#base/units";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const MOST_BYTES: Bytes = 2 * 2 ** 20;

/** A PNG file of a run; undefined where its folder has none of at most 2 MiB: a run may be published without its pictures. */
export function readPicture(folder: string, name: string): Buffer | undefined {
  if (!isInside(folder, name)) return undefined;
  const path = join(folder, name);
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? Infinity;
  if (size > MOST_BYTES) return undefined;
  const content = readFileSync(path);
  return content.subarray(0, SIGNATURE.length).equals(SIGNATURE) ? content : undefined;
}
