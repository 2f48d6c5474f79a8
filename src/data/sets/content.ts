// Contents of data files, plain or gzipped: sizes are limited before memory is taken, checksums compared.

import { createHash } from "node:crypto";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { constants, gunzipSync } from "node:zlib";
import { DataError, describeError } from "#base/errors";

export interface Content {
  readonly bytes: Uint8Array;
  /** the gzip stream ends early: `bytes` is what could be recovered */
  readonly truncated: boolean;
}

/**
 * Reads a file; names ending in `.gz` are gunzipped.
 *
 * @param limit largest size of the content in bytes; a larger one is refused before it is held
 * @throws {DataError} unreadable, not gzip, or larger than `limit`
 */
export function readContent(path: string, limit: number): Content {
  try {
    const { size } = statSync(path);
    if (size > limit)
      throw new DataError(path, `holds ${size} bytes; at most ${limit} expected`, { expected: limit, found: size });
    const stored = readFileSync(path);
    return path.endsWith(".gz") ? gunzip(path, stored, limit) : { bytes: stored, truncated: false };
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(path, `cannot be read (${describeError(error)})`, {}, { cause: error });
  }
}

function gunzip(path: string, stored: Buffer, limit: number): Content {
  const options = { maxOutputLength: limit };
  try {
    return { bytes: gunzipSync(stored, options), truncated: false };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ERR_BUFFER_TOO_LARGE") {
      throw new DataError(path, `expands to more than ${limit} bytes`, { expected: limit }, { cause: error });
    }
    if (code !== "Z_BUF_ERROR") {
      throw new DataError(path, `is not a sound gzip file (${describeError(error)})`, {}, { cause: error });
    }
    return { bytes: gunzipSync(stored, { ...options, finishFlush: constants.Z_SYNC_FLUSH }), truncated: true };
  }
}

/** @throws {DataError} the content is another than the one known under this name */
export function checkSha256(path: string, bytes: Uint8Array, expected: string | undefined): void {
  if (expected === undefined) return;
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found === expected) return;
  throw new DataError(
    path,
    `sha256 of its content is ${found}, the official file has ${expected}; fetch it again, or rename it if it is a subset`,
    {
      expected,
      found,
    },
  );
}

/** File names of a folder, sorted; none when the folder cannot be read. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
