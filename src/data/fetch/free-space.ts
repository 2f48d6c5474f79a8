// Room on the disk, asked for before anything is written.

import { statfs } from "node:fs/promises";
import { EnvironmentError } from "#base/errors";
import { formatBytes, type Bytes } from "#base/units";

/** Bytes that an ordinary user may still write in a folder. */
export type FreeBytes = (folder: string) => Promise<Bytes>;

export const freeBytesOnDisk: FreeBytes = async (folder) => {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
};

/** Left over for everybody else on the disk. */
const RESERVE: Bytes = 64 * 2 ** 20;

/** @throws {EnvironmentError} fewer than `needed` bytes and a small reserve are free */
export async function checkRoom(folder: string, needed: Bytes, freeBytes: FreeBytes): Promise<void> {
  const free = await freeBytes(folder);
  if (free >= needed + RESERVE) return;
  throw new EnvironmentError(
    `${folder}: ${formatBytes(needed)} and ${formatBytes(RESERVE)} in reserve are needed, ${formatBytes(free)} are free. Make room, or give another --data-dir.`,
    { folder, needed, free },
  );
}
