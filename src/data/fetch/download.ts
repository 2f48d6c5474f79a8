// Downloads one file: resumed where it was cut, checked against its declared size and checksum, and only then put in
// its place. Until that moment the target is untouched.

import { renameSync } from "node:fs";
import { open } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DataError, describeError, EnvironmentError } from "#base/errors";
import { makeFolder } from "#base/folder";
import { formatBytes, type Bytes } from "#base/units";
import { checkRoom, freeBytesOnDisk, type FreeBytes } from "./free-space.ts";
import { openUrl } from "./open-url.ts";
import { PartFile } from "./part-file.ts";
import { checkFile, DownloadError, mostBytes, type RemoteFile } from "./remote.ts";

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
 * Fetches a file to `target`. A part left by an earlier call is gone on with when the server still has the same file.
 *
 * @throws {DownloadError} every address refused, cut, or had another size
 * @throws {DataError} the checksum of what came is wrong; it is deleted
 * @throws {EnvironmentError} no room on the disk
 */
export async function download(file: RemoteFile, target: string, options: DownloadOptions = {}): Promise<void> {
  makeFolder(dirname(target));
  const part = new PartFile(target);
  for (const [index, url] of file.urls.entries()) {
    try {
      await fetchFrom(url, file, part, options);
      await verify(url, file, part);
      part.forgetNote();
      renameSync(part.path, target);
      return;
    } catch (error) {
      const isLast = index === file.urls.length - 1;
      if (isLast || !(error instanceof DownloadError || error instanceof DataError)) throw error;
    }
  }
}

async function verify(url: string, file: RemoteFile, part: PartFile): Promise<void> {
  try {
    await checkFile(part.path, file.checksum);
  } catch (error) {
    part.discard();
    if (!(error instanceof DataError)) throw error;
    throw new DataError(
      url,
      `${file.checksum!.algorithm} of what came is ${String(error.facts["found"])}, expected ${file.checksum!.hex}; it was deleted`,
      error.facts,
      { cause: error },
    );
  }
}

async function fetchFrom(url: string, file: RemoteFile, part: PartFile, options: DownloadOptions): Promise<void> {
  if (url.startsWith("http:") && file.checksum === undefined)
    throw new DownloadError(url, "plain http is used only for files with a known checksum");
  for (let fruitless = 0; ;) {
    const before = part.size();
    try {
      await transfer(url, file, part, options);
      return;
    } catch (error) {
      if (!(error instanceof DownloadError) || error.facts["isTransient"] !== true) throw error;
      fruitless = part.size() > before ? 0 : fruitless + 1;
      if (fruitless >= FRUITLESS_ATTEMPTS) throw error;
      await sleep(
        options.retryDelayMs ?? RETRY_DELAY_MS,
        undefined,
        options.signal === undefined ? {} : { signal: options.signal },
      );
    }
  }
}

/** One connection, from its request to its last byte. */
async function transfer(url: string, file: RemoteFile, part: PartFile, options: DownloadOptions): Promise<void> {
  const note = part.note();
  const start = note?.url === url && (note.validator !== undefined || file.checksum !== undefined) ? part.size() : 0;
  if (start > 0 && start === file.bytes && file.isRounded !== true) return;
  const headers =
    start === 0
      ? {}
      : { range: `bytes=${start}-`, ...(note?.validator === undefined ? {} : { "if-range": note.validator }) };
  const response = await openUrl(url, { headers, timeoutMs: options.timeoutMs ?? TIMEOUT_MS, signal: options.signal });
  try {
    const from = beginning(url, response, start);
    const total = checkedTotal(url, response, file, from);
    await checkRoom(dirname(part.path), total - from + (options.extraBytes ?? 0), options.freeBytes ?? freeBytesOnDisk);
    if (from === 0) part.begin({ url, ...validatorOf(response) });
    await receive(url, response, part, { from, total, options });
  } catch (error) {
    if (response.statusCode === 416) part.discard();
    throw error;
  } finally {
    response.destroy();
  }
}

/** Where in the file the answer's body begins. */
function beginning(url: string, response: IncomingMessage, asked: Bytes): Bytes {
  const { statusCode, headers } = response;
  const coding = headers["content-encoding"] ?? "identity";
  if (coding !== "identity")
    throw new DownloadError(url, `comes with Content-Encoding ${coding}, so that its bytes are not the file's`);
  if (statusCode === 200) return 0; // also the answer of a server that knows no ranges, or whose file has changed
  if (statusCode === 206) {
    const first = Number(/^bytes (\d+)-/.exec(headers["content-range"] ?? "")?.[1] ?? Number.NaN);
    if (asked > 0 && first === asked) return asked;
    throw new DownloadError(
      url,
      `answers bytes from ${asked} on with Content-Range "${headers["content-range"] ?? ""}"`,
    );
  }
  const isTransient = statusCode === 416 || statusCode === 429 || (statusCode ?? 0) >= 500;
  throw new DownloadError(url, `the server answers ${statusCode} ${response.statusMessage ?? ""}`.trimEnd(), {
    status: statusCode,
    isTransient,
  });
}

/** Size of the whole file, from the answer where it tells. */
function checkedTotal(url: string, { headers }: IncomingMessage, file: RemoteFile, from: Bytes): Bytes {
  const length = headers["content-length"];
  if (length === undefined && file.isRounded === true)
    throw new DownloadError(url, "the server does not tell the size of the file, and only a rounded one is known");
  const total = length === undefined ? file.bytes : from + Number(length);
  const fits = file.isRounded === true ? total <= mostBytes(file) : total === file.bytes;
  if (!fits)
    throw new DownloadError(url, `holds ${total} bytes, ${file.bytes} are declared; it is another file`, {
      expected: file.bytes,
      found: total,
    });
  return total;
}

function validatorOf({ headers }: IncomingMessage): { validator?: string } {
  const etag = headers.etag !== undefined && !headers.etag.startsWith("W/") ? headers.etag : undefined;
  const validator = etag ?? headers["last-modified"];
  return validator === undefined ? {} : { validator };
}

interface Transfer {
  readonly from: Bytes;
  readonly total: Bytes;
  readonly options: DownloadOptions;
}

/** Writes each piece before it asks for the next, so that a cut loses nothing that was counted. */
async function receive(
  url: string,
  response: IncomingMessage,
  part: PartFile,
  { from, total, options }: Transfer,
): Promise<void> {
  let received = from;
  try {
    const file = await open(part.path, from === 0 ? "w" : "a");
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        if (received + chunk.length > total)
          throw new DownloadError(url, `sends more than its ${total} bytes`, { expected: total });
        await file.writeFile(chunk);
        received += chunk.length;
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
  return new DownloadError(
    url,
    `the connection was cut (${describeError(error)}); ${formatBytes(part.size())} are kept, and the next fetch goes on from there`,
    { isTransient: true },
    { cause: error },
  );
}
