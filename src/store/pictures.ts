// Pictures in a run folder: only PNG files of a modest size are taken for some.

import { existsSync, readFileSync, statSync } from "node:fs";
import type { Bytes } from "#base/units";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const MOST_BYTES: Bytes = 2 * 2 ** 20;

/** A PNG file; undefined where there is none of at most 2 MiB: a run may be published without its pictures. */
export function readPicture(path: string): Buffer | undefined {
  if (!existsSync(path) || statSync(path).size > MOST_BYTES) return undefined;
  const content = readFileSync(path);
  return content.subarray(0, SIGNATURE.length).equals(SIGNATURE) ? content : undefined;
}
