// Contents of data files, plain or gzipped. Only regular files are read; what is read is limited, whatever the file system
// says of its size; gzip is known by its first bytes and must agree with the name.

import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { constants as zlib, gunzipSync } from "node:zlib";
import { DataError, describeError } from "#base/errors";
import type { Bytes } from "#base/units";

export interface Content {
  readonly bytes: Uint8Array;
  /** the gzip stream ends early: `bytes` is what could be recovered */
  readonly truncated: boolean;
}

/**
 * The bytes of a regular file.
 *
 * @param limit most bytes it may hold; reading stops behind them
 * @throws {DataError} unreadable, no regular file (a pipe, a device, a folder), or larger than `limit`
 */
export function readStored(path: string, limit: Bytes): Buffer<ArrayBuffer> {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK); // opening a pipe must not wait for its writer
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new DataError(path, "is no regular file; only regular files are read as data");
    if (stat.size > limit) throw tooLarge(path, stat.size, limit);
    const bytes = Buffer.alloc(stat.size);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(file, bytes, length, bytes.length - length, length);
    if (length === bytes.length && readSync(file, Buffer.alloc(1), 0, 1, length) > 0)
      throw new DataError(path, `grows while it is read, or holds more than the ${length} bytes it says`);
    return bytes.subarray(0, length);
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(path, `cannot be read (${describeError(error)})`, {}, { cause: error });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/**
 * Reads a data file; names ending in `.gz` are gunzipped.
 *
 * @param limit largest size of the content in bytes; a larger one is refused before it is held
 * @throws {DataError} as `readStored`; gzip under a plain name or the reverse; not sound gzip
 */
export function readContent(path: string, limit: Bytes): Content {
  const stored = readStored(path, limit);
  const isGzip = stored[0] === 0x1f && stored[1] === 0x8b;
  if (path.endsWith(".gz")) {
    if (!isGzip && stored.length > 0)
      throw new DataError(path, `is a plain file under a gzip name; rename it to end without .gz`);
    return gunzip(path, stored, limit);
  }
  if (isGzip) throw new DataError(path, "is a gzip file under a plain name; rename it to end in .gz");
  return { bytes: stored, truncated: false };
}

function gunzip(path: string, stored: Buffer, limit: Bytes): Content {
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
    return { bytes: gunzipSync(stored, { ...options, finishFlush: zlib.Z_SYNC_FLUSH }), truncated: true };
  }
}

function tooLarge(path: string, found: Bytes, expected: Bytes): DataError {
  return new DataError(path, `holds ${found} bytes; at most ${expected} expected`, { expected, found });
}

/** @throws {DataError} the content is another than the one known under this name */
export function checkSha256(path: string, bytes: Uint8Array, expected: string | undefined): void {
  if (expected === undefined) return;
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found === expected) return;
  throw new DataError(
    path,
    `sha256 of its content is ${found}, the official file has ${expected}; fetch it again, or rename it if it is a subset`,
    { expected, found },
  );
}

/** File names of a folder, sorted; none when the folder cannot be read. Names that begin with a dot are no data. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith("."))
      .sort();
  } catch {
    return [];
  }
}
