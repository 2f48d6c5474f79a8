// Safetensors from files.

import { DataError } from "#base/errors";
import {
  parseIndex,
  parseSafetensors,
  type ByteSource,
  type SafetensorsFile,
  type SafetensorsIndex,
} from "#base/safetensors";
import { host } from "./current.ts";
import { FileError } from "./host.ts";

/**
 * Reads a safetensors file of float32 tensors.
 *
 * @throws {DataError} missing, no regular file, truncated, malformed, overlapping offsets, or another dtype than F32
 */
export function readSafetensors(path: string): SafetensorsFile {
  return withSource(path, parseSafetensors);
}

/** As `readSafetensors` for where tensors lie: files that do not fit into memory. */
export function indexSafetensors(path: string): SafetensorsIndex {
  return withSource(path, parseIndex);
}

/** Bytes of a file from a position on. @throws {DataError} it ends before */
export function readBytes(path: string, position: number, length: number): Buffer {
  return Buffer.from(withSource(path, (source) => source.read(position, length)).buffer);
}

function withSource<T>(path: string, use: (source: ByteSource) => T): T {
  try {
    return host.files.open(path, (file) =>
      use({ path, size: file.size, read: (from, length) => file.read(from, length) }),
    );
  } catch (error) {
    throw error instanceof FileError ? new DataError(path, error.message, {}, { cause: error }) : error;
  }
}
