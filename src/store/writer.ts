// Appending to a run: one writer at a time, whole atoms, synced to the disk before the next one starts.

import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { EnvironmentError, StoreError, describeError } from "#base/errors";
import { pathInside } from "#base/file-name";
import { makeFolder } from "#base/folder";
import { writeAll, writeFileAtomic } from "./files.ts";
import { runPaths, type RunPaths } from "./layout.ts";
import { manifestSchema, recordSchema, type Manifest, type RunRecord } from "./record.ts";

export class RunWriter {
  readonly paths: RunPaths;
  readonly #file: number;

  private constructor(paths: RunPaths, file: number) {
    this.paths = paths;
    this.#file = file;
  }

  /**
   * Opens a run folder for appending; a line cut off by a kill is removed first.
   *
   * @throws {StoreError} another live process writes to it, or a link in it leads out of it
   * @throws {EnvironmentError} the folder cannot be written
   */
  static open(folder: string): RunWriter {
    const paths = runPaths(folder);
    try {
      makeFolder(paths.folder);
      for (const path of [paths.records, paths.logs, paths.checkpoints, paths.samples]) pathInside(paths.folder, path);
      takeLock(paths);
      const file = openSync(paths.records, "a+");
      cutIncompleteLine(paths.records, file);
      return new RunWriter(paths, file);
    } catch (error) {
      if (error instanceof StoreError) throw error;
      throw new EnvironmentError(
        `${paths.folder} cannot be written (${describeError(error)}). Choose another folder with --out.`,
        { folder },
        { cause: error },
      );
    }
  }

  writeManifest(manifest: Manifest): void {
    writeFileAtomic(this.paths.manifest, `${JSON.stringify(manifestSchema.parse(manifest), undefined, 2)}\n`);
  }

  /** Appends the lines of a finished atom and waits until they are on the disk. The last line says `final`. */
  appendAtom(records: readonly RunRecord[]): void {
    const lines = records.map((record) => `${JSON.stringify(recordSchema.parse(record))}\n`);
    try {
      writeAll(this.#file, Buffer.from(lines.join("")));
      fsyncSync(this.#file);
    } catch (error) {
      throw new EnvironmentError(
        `${this.paths.records} cannot be written (${describeError(error)}). What was measured before is kept; make room and continue with --resume.`,
        {},
        { cause: error },
      );
    }
  }

  close(): void {
    closeSync(this.#file);
    rmSync(this.paths.lock, { force: true });
  }
}

function takeLock(paths: RunPaths): void {
  try {
    writeFileSync(paths.lock, String(process.pid), { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const pid = Number(readFileSync(paths.lock, "utf8"));
    if (pid !== process.pid && isAlive(pid)) {
      throw new StoreError(
        paths.folder,
        `process ${pid} is writing to this run. Wait for it, or choose another folder with --out.`,
      );
    }
    writeFileSync(paths.lock, String(process.pid)); // left behind by a killed process
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function cutIncompleteLine(path: string, file: number): void {
  const content = readFileSync(path);
  const end = content.lastIndexOf(0x0a) + 1;
  if (end !== content.length) ftruncateSync(file, end);
}
