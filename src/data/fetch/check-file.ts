// One file of a data folder: is it what its name says?

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { PassThrough, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type { Bytes } from "#base/units";
import { createInspector } from "./formats.ts";
import { hashFile } from "./remote.ts";
import type { KnownFile } from "./source.ts";

export interface FileFinding {
  /** under the data folder */
  readonly path: string;
  readonly verdict: "ok" | "subset" | "damaged";
  /** what it holds and how that is known, or what is wrong */
  readonly detail: string;
}

/** More than any file of any data set holds: a gzip file that expands beyond it is not read on. */
const MOST_CONTENT: Bytes = 4 * 2 ** 30;

export interface FileToCheck {
  /** under the data folder, for the finding */
  readonly path: string;
  readonly absolutePath: string;
  readonly known: KnownFile;
  /** the word that names a subset */
  readonly subset?: string | undefined;
  /** sha256 of the stored file in the folder's own SHA256SUMS */
  readonly listed?: string | undefined;
}

/** Reads a file to its end; a damaged one is a finding, not an error. */
export async function checkDataFile(file: FileToCheck): Promise<FileFinding> {
  const { path, known, subset, listed } = file;
  const damaged = (detail: string): FileFinding => ({ path, verdict: "damaged", detail });
  let content: { readonly holds: string; readonly sha256: string };
  try {
    if (listed !== undefined && (await hashFile(file.absolutePath, "sha256")) !== listed)
      return damaged("its sha256 is not the one in SHA256SUMS");
    content = await readThrough(file.absolutePath, known);
  } catch (error) {
    return damaged(error instanceof Error ? error.message : String(error));
  }
  const inSums = listed === undefined ? "" : ", as in SHA256SUMS";
  if (subset !== undefined) return { path, verdict: "subset", detail: `${subset}: ${content.holds}${inSums}` };
  if (known.sha256 === undefined)
    return { path, verdict: "ok", detail: `${content.holds}${inSums}; no checksum of the official file is known` };
  if (content.sha256 !== known.sha256)
    return damaged(
      `sha256 of its content is ${content.sha256}, the official file has ${known.sha256} (${content.holds}); rename it if it is a subset`,
    );
  return { path, verdict: "ok", detail: `${content.holds}, sha256 of the official file` };
}

async function readThrough(path: string, { format }: KnownFile): Promise<{ holds: string; sha256: string }> {
  const inspector = createInspector(format);
  const hash = createHash("sha256");
  let size = 0;
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size > MOST_CONTENT) return done(new Error(`holds more than ${MOST_CONTENT} bytes`));
      hash.update(chunk);
      inspector.update(chunk);
      done();
    },
  });
  await pipeline(createReadStream(path), path.endsWith(".gz") ? createGunzip() : new PassThrough(), sink);
  return { holds: inspector.end(), sha256: hash.digest("hex") };
}
