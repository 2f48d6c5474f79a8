// What is known of a file on another machine before it is asked for: where it is, how large, and which content.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { DataError, EXIT, HarnessError, type Facts } from "#base/errors";
import type { Bytes } from "#base/units";

export interface Checksum {
  readonly algorithm: "sha256" | "md5";
  /** lower-case hexadecimal digits */
  readonly hex: string;
}

export interface RemoteFile {
  /** the same file at each of them, tried in this order; plain http only where a checksum is known */
  readonly urls: readonly [string, ...string[]];
  readonly bytes: Bytes;
  /** `bytes` is a rounded figure: up to a tenth more is taken */
  readonly isRounded?: boolean;
  readonly checksum?: Checksum;
}

/** A download that did not come about: refused, cut, missing, or of another size than declared. */
export class DownloadError extends HarnessError {
  override readonly name = "DownloadError";
  override readonly exitCode = EXIT.environment;

  constructor(url: string, message: string, facts: Facts = {}, options?: ErrorOptions) {
    super("E_DOWNLOAD", `${url}: ${message}`, { url, ...facts }, options);
  }
}

/** The largest size a file may have. */
export function mostBytes({ bytes, isRounded }: RemoteFile): Bytes {
  return isRounded === true ? Math.ceil(1.1 * bytes) : bytes;
}

/** Checksum of a file's bytes as they are stored, read piece by piece. */
export async function hashFile(path: string, algorithm: Checksum["algorithm"]): Promise<string> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** @throws {DataError} the file is another than the declared one */
export async function checkFile(path: string, expected: Checksum | undefined): Promise<void> {
  if (expected === undefined) return;
  const found = await hashFile(path, expected.algorithm);
  if (found === expected.hex) return;
  throw new DataError(path, `${expected.algorithm} is ${found}, the declared file has ${expected.hex}`, {
    expected: expected.hex,
    found,
  });
}
