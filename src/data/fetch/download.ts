// Downloads one file: resumed where it was cut, checked against its declared size and checksum, and only then put in
// its place. Until that moment the target is untouched.

import { existsSync, renameSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DataError, describeError, EnvironmentError } from "#base/errors";
import { formatBytes, type Bytes } from "#base/units";
import { host } from "#host/current";
import type { RemoteFile } from "../source.ts";
import { connect, DownloadError, reasonOf, type Connection } from "./connection.ts";
import { checkRoom, freeBytesOnDisk, type FreeBytes } from "./free-space.ts";
import { sha256OfFile } from "./hash-file.ts";
import { PartFile } from "./part-file.ts";

export interface DownloadOptions {
  readonly onProgress?: ((received: Bytes, total: Bytes) => void) | undefined;
  readonly freeBytes?: FreeBytes | undefined;
  /** room needed beside the file itself, for what is unpacked from it */
  readonly extraBytes?: Bytes | undefined;
  readonly signal?: AbortSignal | undefined;
  /** silence after which a connection counts as lost */
  readonly timeoutMs?: number | undefined;
  /** wait before a lost connection is taken up again */
  readonly retryDelayMs?: number | undefined;
}

/** Connections in a row that may be lost without a byte gained. */
const FRUITLESS_ATTEMPTS = 3;
const TIMEOUT_MS = 60_000;
const RETRY_DELAY_MS = 1000;

/**
 * Fetches a file to `target`, unless the very file is there already. A part left by an earlier call is gone on with when
 * the server still has the same file.
 *
 * @throws {DownloadError} every address refused, cut, or had another file; all of them are named
 * @throws {DataError} there is one address, and the checksum of what came is wrong; it is deleted
 * @throws {EnvironmentError} no room on the disk
 */
export async function download(file: RemoteFile, target: string, options: DownloadOptions = {}): Promise<void> {
  if (existsSync(target)) {
    if ((await problemOf(target, file)) === undefined) return;
    rmSync(target, { recursive: true });
  }
  host.files.makeFolder(dirname(target));
  const part = new PartFile(target);
  const failures: Error[] = [];
  for (const url of file.urls) {
    try {
      await fetchFrom(url, file, part, options);
      await verify(url, file, part);
      part.forgetNote();
      renameSync(part.path, target);
      return;
    } catch (error) {
      if (!(error instanceof DownloadError || error instanceof DataError)) throw error;
      failures.push(error);
    }
  }
  if (failures.length === 1) throw failures[0]!;
  const all = failures.map(({ message }) => message).join("; ");
  throw new DownloadError(target, `none of its ${failures.length} addresses gave it: ${all}`, { urls: file.urls });
}

/** What tells a file from the declared one; undefined where it is the same. */
async function problemOf(path: string, { bytes, isRounded, sha256 }: RemoteFile): Promise<string | undefined> {
  const stat = statSync(path);
  if (!stat.isFile()) return "it is no regular file";
  if (isRounded !== true && stat.size !== bytes) return `it holds ${stat.size} bytes, ${bytes} are declared`;
  const found = await sha256OfFile(path);
  return found === sha256 ? undefined : `sha256 of what came is ${found}, expected ${sha256}`;
}

async function verify(url: string, file: RemoteFile, part: PartFile): Promise<void> {
  const problem = await problemOf(part.path, file);
  if (problem === undefined) return;
  part.discard();
  throw new DataError(url, `${problem}; it was deleted`, { expected: file.sha256 });
}

async function fetchFrom(url: string, file: RemoteFile, part: PartFile, options: DownloadOptions): Promise<void> {
  for (let fruitless = 0; ;) {
    const before = part.size();
    try {
      await transfer(url, file, part, options);
      return;
    } catch (error) {
      if (!(error instanceof DownloadError) || error.facts["isTransient"] !== true) throw error;
      fruitless = part.size() > before ? 0 : fruitless + 1;
      if (fruitless >= FRUITLESS_ATTEMPTS) throw error;
      const { signal, retryDelayMs = RETRY_DELAY_MS } = options;
      await sleep(retryDelayMs, undefined, signal === undefined ? {} : { signal });
    }
  }
}

/** One connection, from its request to its last byte. */
async function transfer(url: string, file: RemoteFile, part: PartFile, options: DownloadOptions): Promise<void> {
  const note = part.note();
  const start = note?.url === url ? part.size() : 0;
  if (start > 0 && start === file.bytes && file.isRounded !== true) return;
  const range = start === 0 ? {} : { range: `bytes=${start}-` };
  const headers = start === 0 || note?.validator === undefined ? range : { ...range, "if-range": note.validator };
  const { timeoutMs = TIMEOUT_MS, signal } = options;
  const connection = await connect(url, { headers: headers as Record<string, string>, timeoutMs, signal });
  const { response } = connection;
  try {
    const from = beginning(url, response, start);
    const total = checkedTotal(url, response, file, from);
    await checkRoom(dirname(part.path), total - from + (options.extraBytes ?? 0), options.freeBytes ?? freeBytesOnDisk);
    if (from === 0) part.begin({ url, ...validatorOf(response) });
    await receive(url, connection, part, { from, total, options });
  } catch (error) {
    if (response.status === 416) part.discard();
    throw error;
  } finally {
    connection.close();
  }
}

/** Where in the file the answer's body begins. */
function beginning(url: string, { status, statusText, headers }: Response, asked: Bytes): Bytes {
  const coding = headers.get("content-encoding") ?? "identity";
  if (coding !== "identity")
    throw new DownloadError(url, `comes with Content-Encoding ${coding}, so that its bytes are not the file's`);
  if (status === 200) return 0; // also the answer of a server that knows no ranges, or whose file has changed
  if (status === 206) {
    const range = headers.get("content-range") ?? "";
    if (asked > 0 && Number(/^bytes (\d+)-/.exec(range)?.[1] ?? Number.NaN) === asked) return asked;
    throw new DownloadError(url, `answers bytes from ${asked} on with Content-Range "${range}"`);
  }
  const isTransient = status === 416 || status === 429 || status >= 500;
  throw new DownloadError(url, `the server answers ${status} ${statusText}`.trimEnd(), { status, isTransient });
}

/** Size of the whole file, from the answer where it tells. */
function checkedTotal(url: string, { headers }: Response, file: RemoteFile, from: Bytes): Bytes {
  const length = headers.get("content-length");
  if (length === null && file.isRounded === true)
    throw new DownloadError(url, "the server does not tell the size of the file, and only a rounded one is known");
  const total = length === null ? file.bytes : from + Number(length);
  const fits = file.isRounded === true ? total <= Math.ceil(1.1 * file.bytes) : total === file.bytes;
  if (fits) return total;
  const facts = { expected: file.bytes, found: total };
  throw new DownloadError(url, `holds ${total} bytes, ${file.bytes} are declared; it is another file`, facts);
}

function validatorOf({ headers }: Response): { validator?: string } {
  const etag = headers.get("etag");
  const validator = etag !== null && !etag.startsWith("W/") ? etag : headers.get("last-modified");
  return validator === null ? {} : { validator };
}

interface Transfer {
  readonly from: Bytes;
  readonly total: Bytes;
  readonly options: DownloadOptions;
}

/** Writes each piece before it asks for the next, so that a cut loses nothing that was counted. */
async function receive(
  url: string,
  { pieces }: Connection,
  part: PartFile,
  { from, total, options }: Transfer,
): Promise<void> {
  let received = from;
  try {
    const file = await open(part.path, from === 0 ? "w" : "a");
    try {
      for await (const piece of pieces) {
        if (received + piece.length > total)
          throw new DownloadError(url, `sends more than its ${total} bytes`, { expected: total });
        await file.writeFile(piece);
        received += piece.length;
        options.onProgress?.(received, total);
      }
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    throw describeCut(url, part, error);
  }
  if (received < total) throw describeCut(url, part, new Error(`${received} of ${total} bytes came`));
}

function describeCut(url: string, part: PartFile, error: unknown): Error {
  if (error instanceof DownloadError) return error;
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EACCES" || code === "EROFS") {
    return new EnvironmentError(
      `${part.path} cannot be written (${describeError(error)}). Make room; the next fetch goes on from here.`,
      { path: part.path },
      { cause: error },
    );
  }
  const kept = `${formatBytes(part.size())} are kept, and the next fetch goes on from there`;
  const message = `the connection was cut (${reasonOf(error)}); ${kept}`;
  return new DownloadError(url, message, { isTransient: true }, { cause: error });
}
