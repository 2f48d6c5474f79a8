// What decides the results of a program: its manifest, the files of its folder and those it names, and the protocol.

import { createHash } from "node:crypto";
import { lstatSync, readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { DataError } from "#base/errors";
import type { Program } from "./manifest.ts";
import { PROTOCOL } from "./protocol.ts";

/** Far above the sources of any kernel; what a set-up makes lies elsewhere. */
const MOST_FILES = 2000;
const MOST_BYTES = 64 * 2 ** 20;
const LEFT_OUT = /(^|\/)(\.git|__pycache__|node_modules|\.venv|venv|build)(\/|$)/;

/**
 * Hash of the program's identity, 16 hexadecimal digits; the version that it reports is recorded beside it.
 *
 * @throws {DataError} more files or bytes than sources have
 */
export function digestOf({ manifest, folder }: Program): string {
  const own = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => !LEFT_OUT.test(path));
  const files = [...own, ...manifest.files].sort();
  if (files.length > MOST_FILES)
    throw new DataError(folder, `holds ${files.length} files; the folder of a contender has at most ${MOST_FILES}`);
  const hash = createHash("sha256").update(`protocol ${PROTOCOL}\n`);
  let bytes = 0;
  for (const path of files) {
    const file = join(folder, path);
    const stats = lstatSync(file);
    if (!stats.isFile()) continue;
    bytes += stats.size;
    if (bytes > MOST_BYTES) throw new DataError(folder, `holds more than ${MOST_BYTES} bytes; sources only, please`);
    hash.update(`${relative(folder, file)} ${stats.size}\n`).update(readFileSync(file));
  }
  return hash.digest("hex").slice(0, 16);
}
