// Text files: UTF-8, plain or gzipped, of a limited size.

import { DataError } from "#base/errors";
import type { Bytes } from "#base/units";
import { checkSha256, readContent } from "./content.ts";

/** V8's strings end at 2^29 − 24 characters; a file with more bytes is cut at the last line end before this. */
const LONGEST = 2 ** 29 - 1024;

/**
 * @param limit largest size of the content in bytes
 * @param sha256 of the content after gunzip
 * @throws {DataError} unreadable, too large, cut off, another file than its name says, empty, or not UTF-8
 */
export function readText(path: string, limit: Bytes, sha256?: string): string {
  const { bytes, truncated } = readContent(path, limit);
  if (truncated)
    throw new DataError(path, `its gzip stream ends early, after ${bytes.length} bytes of text; fetch it again`, {
      found: bytes.length,
    });
  checkSha256(path, bytes, sha256);
  if (bytes.length === 0) throw new DataError(path, "holds no text");
  return decodeUtf8(path, bytes.length <= LONGEST ? bytes : bytes.subarray(0, bytes.lastIndexOf(0x0a, LONGEST) + 1));
}

/** @throws {DataError} bytes that are not UTF-8, with the place of the first */
export function decodeUtf8(path: string, bytes: Uint8Array): string {
  try {
    return utf8(bytes);
  } catch (error) {
    const offset = firstInvalid(bytes);
    throw new DataError(
      path,
      `is not UTF-8: byte ${offset} (0x${bytes[offset]?.toString(16) ?? "end"}) begins no character; convert the file`,
      { offset },
      { cause: error },
    );
  }
}

function utf8(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** The longest valid prefix, by halving; a prefix that ends within a character counts as valid up to that character. */
function firstInvalid(bytes: Uint8Array): number {
  let [valid, invalid] = [0, bytes.length];
  while (invalid - valid > 4) {
    const middle = (valid + invalid) >> 1;
    if (isPrefixOfUtf8(bytes.subarray(0, middle))) valid = middle;
    else invalid = middle;
  }
  while (valid < bytes.length && isPrefixOfUtf8(bytes.subarray(0, valid + 1))) valid++;
  return wholeCharacters(bytes.subarray(0, valid));
}

function isPrefixOfUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** The largest offset ≤ `offset` that is not within a character: 0b10…… bytes continue one. */
export function characterStart(bytes: Uint8Array, offset: number): number {
  let start = offset;
  while (start > 0 && start < bytes.length && offset - start < 3 && (bytes[start]! & 0xc0) === 0x80) start--;
  return start;
}

/** Length without a last character that is not whole: one that starts within the last three bytes and needs more. */
export function wholeCharacters(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const lead = bytes[bytes.length - back]!;
    if ((lead & 0xc0) === 0x80) continue;
    const needs = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    return needs > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
