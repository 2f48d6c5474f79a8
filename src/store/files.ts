// Writing files so that a reader never sees half of one, and a full disk or a forbidden folder says its name.

import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { EnvironmentError, describeError } from "#base/errors";
import { makeFolder } from "#base/folder";

/** Writes beside the target, syncs, renames: the file is the old one or the whole new one. */
export function writeFileAtomic(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    makeFolder(dirname(path));
    const file = openSync(temporary, "w");
    try {
      writeAll(file, typeof content === "string" ? Buffer.from(content) : content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new EnvironmentError(
      `${path} cannot be written (${describeError(error)}). Check the folder's rights and the room on the disk.`,
      { path },
      { cause: error },
    );
  }
}

/** Writes all bytes: a single write may take fewer. */
export function writeAll(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
}
