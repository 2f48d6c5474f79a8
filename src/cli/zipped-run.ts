// A run that comes as a zip, such as the page of `serve` gives: unpacked where nobody else looks, and gone when the command
// ends. Nothing in it is trusted: manifest and records alone are taken, under their own names, within limits.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { DataError, StoreError } from "#base/errors";
import type { Bytes } from "#base/units";
import { host } from "#host/current";
import { findRun } from "#store/layout";
import { inStore } from "#store/validate";

/** Far above any run; records are text, so a zip of them may be a hundredth. */
const MOST_BYTES: Bytes = 2 * 2 ** 30;
const MOST_ENTRIES = 1000;
/** In the zip itself or in one folder. */
const WANTED = /^(?:[^/]+\/)?(manifest[.]json|records[.]jsonl(?:[.]gz)?)$/;

/** As `findRun`, for commands that only read: the path of a zip names the run in it. @throws {StoreError} no sound zip, or none of a run */
export async function findRunToRead(name: string | undefined): Promise<string> {
  if (name === undefined || !isZip(name)) return findRun(name);
  const folder = join(temporaryFolder(), basename(withoutEnding(name)));
  mkdirSync(folder);
  const { unpackZip } = await import("#data/fetch/unpack-zip");
  try {
    const select = (entry: string) => WANTED.exec(entry)?.[1];
    const found = await unpackZip(resolve(name), folder, { mostBytes: MOST_BYTES, mostEntries: MOST_ENTRIES, select });
    if (!found.includes("manifest.json"))
      throw new StoreError(name, "holds no run: there is no manifest.json in it, nor in a folder of it");
  } catch (error) {
    // Damaged input is wrong usage here, not something that this machine lacks.
    throw error instanceof DataError ? new StoreError(name, error.message.replace(`${resolve(name)}: `, "")) : error;
  }
  return folder;
}

let temporary: string[] = [];

/** Gone when this process ends. */
function temporaryFolder(): string {
  if (temporary.length === 0) process.on("exit", removeAll);
  temporary.push(mkdtempSync(join(tmpdir(), "lightnet-bench-zip-")));
  return temporary.at(-1)!;
}

function removeAll(): void {
  for (const folder of temporary) rmSync(folder, { recursive: true, force: true });
  temporary = [];
}

function isZip(name: string): boolean {
  return name.endsWith(".zip") && inStore(name, () => host.files.kind(name)) === "file";
}

/** Where the report of a run goes: into its folder; of a zip into a folder beside it, `runs/a` for `runs/a.zip`. */
export function reportFolder(name: string | undefined, folder: string): string {
  return name !== undefined && isZip(name) ? withoutEnding(name) : folder;
}

function withoutEnding(name: string): string {
  return resolve(name).slice(0, -".zip".length);
}
