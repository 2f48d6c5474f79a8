// What an entry of an archive may be: a regular file or a folder under a plain relative name. Anything else — links,
// devices, absolute names, `..` — has no business in a data set and condemns the archive.

import { createWriteStream } from "node:fs";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { DataError } from "#base/errors";
import { formatBytes, type Bytes } from "#base/units";
import { host } from "#host/current";

export interface UnpackRules {
  /** contents of all entries together, and of the selected ones therefore too */
  readonly mostBytes: Bytes;
  readonly mostEntries: number;
  /** where an entry goes, relative to the folder; undefined: left out */
  readonly select: (name: string) => string | undefined;
}

/** Keeps the rules over the entries of one archive. */
export class EntryGuard {
  readonly #archive: string;
  readonly #rules: UnpackRules;
  readonly #targets = new Set<string>();
  #bytes: Bytes = 0;
  #entries = 0;

  constructor(archive: string, rules: UnpackRules) {
    this.#archive = archive;
    this.#rules = rules;
  }

  /**
   * Admits an entry by its header.
   *
   * @returns the path to write it to, relative to the folder; undefined when it is a folder or not wanted
   * @throws {DataError} a link or device, a name that leads elsewhere, a name that came before, or too much
   */
  admit(name: string, kind: "file" | "folder" | "other", size: Bytes): string | undefined {
    const { mostBytes, mostEntries, select } = this.#rules;
    if (kind === "other") throw this.#refusal(name, "is neither a file nor a folder (a link or a device)");
    if (!isPlainName(name)) throw this.#refusal(name, "leads out of the folder it is unpacked to");
    this.#entries++;
    this.#bytes += size;
    if (this.#entries > mostEntries) throw this.#refusal(name, `is more than ${mostEntries} entries`);
    if (this.#bytes > mostBytes) throw this.#refusal(name, `brings the contents above ${formatBytes(mostBytes)}`);
    if (kind === "folder") return undefined;
    const target = select(name);
    if (target === undefined) return undefined;
    if (!isPlainName(target)) throw this.#refusal(name, `would be written to ${target}`);
    if (this.#targets.has(target)) throw this.#refusal(name, "comes twice");
    this.#targets.add(target);
    return target;
  }

  /** Targets admitted so far. */
  targets(): readonly string[] {
    return [...this.#targets];
  }

  #refusal(name: string, why: string): DataError {
    return new DataError(this.#archive, `entry ${JSON.stringify(name)} ${why}; the archive was not unpacked`, {
      entry: name,
    });
  }
}

/** `a/b.txt`: relative, with forward slashes, no empty part but at the end, no `.` beyond a leading one, no `..`. */
export function isPlainName(name: string): boolean {
  if (/[\\\0]|^[a-zA-Z]:/.test(name)) return false;
  const parts = name.replace(/^\.\//, "").replace(/\/$/, "").split("/");
  return parts.every((part) => part !== "" && part !== "." && part !== "..") || name === "./";
}

/** Writes an admitted entry; never over something that is there. */
export async function writeEntry(content: Readable, path: string, signal?: AbortSignal): Promise<void> {
  host.files.makeFolder(dirname(path));
  await pipeline(content, createWriteStream(path, { flags: "wx" }), signal === undefined ? {} : { signal });
}

export function entryPath(folder: string, target: string): string {
  return join(folder, ...target.split("/"));
}
