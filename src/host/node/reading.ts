// Reading files that nobody vouches for: regular files only, and never more bytes than the reader allows. Sizes that
// the file system states are not believed: /dev/zero has none, and a file may grow while it is read.

import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import type { Bytes } from "#base/units";
import { formatBytes } from "#base/units";
import { FileError, type OpenFile } from "../host.ts";
import { inWords } from "./errors.ts";

/** Opens a regular file. Without O_NONBLOCK a pipe that nobody writes to would hold the program up. */
export function openRegular(path: string): number {
  const file = inWords(() => openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)));
  try {
    assertRegular(file);
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

function withDescriptor<T>(path: string, use: (file: number) => T): T {
  const file = openRegular(path);
  try {
    return use(file);
  } finally {
    closeSync(file);
  }
}

export function assertRegular(file: number): void {
  const stats = fstatSync(file);
  if (stats.isDirectory()) throw new FileError("is a folder, not a file");
  if (!stats.isFile()) throw new FileError("is no regular file (a pipe, a device or a socket)");
}

export function openFile<T>(path: string, use: (file: OpenFile) => T): T {
  return withDescriptor(path, (file) =>
    use({
      size: fstatSync(file).size,
      read: (position, length) => {
        const buffer = new Uint8Array(length);
        const found = fill(file, buffer, position);
        if (found === length) return buffer;
        throw new FileError(`is truncated: ${length} bytes expected at ${position}, ${found} found`);
      },
    }),
  );
}

export function readBytes(path: string, most: Bytes): Uint8Array<ArrayBuffer> {
  return withDescriptor(path, (file) => {
    const buffer = new Uint8Array(Math.min(fstatSync(file).size, most) + 1); // one more shows whether there is more
    const found = fill(file, buffer, 0);
    if (found > most) throw new FileError(`is larger than ${formatBytes(most)}, the most that is read of it`);
    return buffer.subarray(0, found);
  });
}

export function readText(path: string, most: Bytes): string {
  return decode(readBytes(path, most));
}

/** @throws {FileError} not UTF-8 */
export function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new FileError("is not UTF-8 text", { cause: error });
  }
}

/** By its first bytes, whatever its name. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

const CHUNK: Bytes = 256 * 1024;

/** The bytes of a file, part by part. */
export function* chunksOf(file: number): Generator<Buffer> {
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK);
    const found = inWords(() => readSync(file, chunk, 0, CHUNK, null));
    if (found === 0) return;
    yield chunk.subarray(0, found);
  }
}

/** Reads until the buffer is full or the file ends: a single read may give fewer bytes. */
function fill(file: number, buffer: Uint8Array, position: number): number {
  let filled = 0;
  while (filled < buffer.length) {
    const found = inWords(() => readSync(file, buffer, filled, buffer.length - filled, position + filled));
    if (found === 0) break;
    filled += found;
  }
  return filled;
}
