// Pictures in a run folder: only PNG files of a modest size are taken for some.

import type { Bytes } from "#base/units";
import { host } from "#host/current";
import { FileError } from "#host/host";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const MOST_BYTES: Bytes = 2 * 2 ** 20;

/** A PNG file of a run; undefined where its folder has none of at most 2 MiB: a run may be published without its pictures. */
export function readPicture(folder: string, name: string): Buffer | undefined {
  if (!host.files.isInside(folder, name)) return undefined;
  try {
    const content = host.files.readBytes(host.files.join(folder, name), MOST_BYTES);
    return SIGNATURE.every((byte, index) => content[index] === byte) ? Buffer.from(content) : undefined;
  } catch (error) {
    if (error instanceof FileError) return undefined;
    throw error;
  }
}
