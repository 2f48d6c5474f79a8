// Makes a folder and those above it.

import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Like mkdirSync with `recursive`, which never returns on some file systems: /proc answers ENOENT for a folder whose parent is there,
 * and Node 20 asks again without end.
 *
 * @throws {Error} of node:fs
 */
export function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST" || !statSync(path).isDirectory()) throw error; // another process may have been faster
  }
}
