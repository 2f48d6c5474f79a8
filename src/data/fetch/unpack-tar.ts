// Unpacks a gzipped tar archive: the package `tar` reads its headers, and every entry is written here.

import { once } from "node:events";
import { createReadStream } from "node:fs";
import { PassThrough, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { Parser, type ReadEntry } from "tar";
import { DataError, describeError, HarnessError } from "#base/errors";
import { entryPath, EntryGuard, writeEntry, type UnpackRules } from "./archive-entry.ts";

const FOLDERS: ReadonlySet<string> = new Set(["Directory", "GNUDumpDir"]);
const FILES: ReadonlySet<string> = new Set(["File", "OldFile", "ContiguousFile"]);

/**
 * Unpacks into an existing, empty folder and returns the paths written, relative to it.
 *
 * @throws {DataError} not a sound archive, or an entry against the rules; the folder may then hold some of the files
 */
export async function unpackTarGz(archive: string, folder: string, rules: UnpackRules): Promise<readonly string[]> {
  const guard = new EntryGuard(archive, rules);
  const stop = new AbortController();
  const writes: Promise<void>[] = [];
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      try {
        const target = stop.signal.aborted ? undefined : guard.admit(entry.path, kindOf(entry), entry.size);
        if (target === undefined) return void entry.resume();
        const write = writeEntry(streamOf(entry), entryPath(folder, target), stop.signal);
        write.catch((error: unknown) => stop.abort(error));
        writes.push(write);
      } catch (error) {
        stop.abort(error);
        entry.resume();
      }
    },
  });
  parser.on("error", (error: unknown) => stop.abort(error));
  try {
    await feed(parser, archive, stop.signal);
  } catch (error) {
    stop.abort(error); // the first reason stays
  }
  await Promise.allSettled(writes);
  if (!stop.signal.aborted) return guard.targets();
  const failure: unknown = stop.signal.reason;
  if (failure instanceof HarnessError) throw failure;
  throw new DataError(archive, `is not a sound .tar.gz archive (${describeError(failure)})`, {}, { cause: failure });
}

async function feed(parser: Parser, archive: string, signal: AbortSignal): Promise<void> {
  const source = createReadStream(archive);
  const content = createGunzip();
  source.on("error", (error) => content.destroy(error));
  try {
    for await (const chunk of source.pipe(content) as AsyncIterable<Buffer>) {
      if (!parser.write(chunk)) await once(parser, "drain", { signal });
      signal.throwIfAborted();
    }
    parser.end();
  } finally {
    source.destroy();
  }
}

function kindOf({ type }: ReadEntry): "file" | "folder" | "other" {
  if (FOLDERS.has(type)) return "folder";
  return FILES.has(type) ? "file" : "other";
}

/** An entry as a stream of Node's own kind. */
function streamOf(entry: ReadEntry): Readable {
  return entry.pipe(new PassThrough());
}
