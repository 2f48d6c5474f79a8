// Appending to a run: one writer at a time, whole atoms, synced to the disk before the next one starts.

import { EnvironmentError, StoreError } from "#base/errors";
import { pathInside } from "#host/inside";
import { host } from "#host/current";
import type { AppendFile } from "#host/host";
import { brokenBound } from "./bounds.ts";
import { writable } from "./files.ts";
import { runPaths, type RunPaths } from "./layout.ts";
import { takeLock } from "./lock.ts";
import { manifestSchema, recordSchema, type Manifest, type RunRecord } from "./record.ts";

export class RunWriter {
  readonly paths: RunPaths;
  readonly #records: AppendFile;
  readonly #giveLockBack: () => void;

  private constructor(paths: RunPaths, records: AppendFile, giveLockBack: () => void) {
    this.paths = paths;
    this.#records = records;
    this.#giveLockBack = giveLockBack;
  }

  /**
   * Opens a run folder for appending; a line cut off by a kill is removed first.
   *
   * @throws {StoreError} another live process writes to it, or a link in it leads out of it
   * @throws {EnvironmentError} the folder cannot be written
   */
  static open(folder: string): RunWriter {
    const paths = runPaths(folder);
    return writable(paths.folder, "Choose another folder with --out.", () => {
      host.files.makeFolder(paths.folder);
      const { manifest, records, lock, logs, checkpoints, samples } = paths;
      for (const path of [manifest, records, lock, logs, checkpoints, samples]) pathInside(paths.folder, path);
      const giveLockBack = takeLock(lock);
      try {
        return new RunWriter(paths, host.files.appendTo(records), giveLockBack);
      } catch (error) {
        giveLockBack();
        throw error;
      }
    });
  }

  /** @throws {EnvironmentError} it cannot be written, or the run's folder is no longer there */
  writeManifest(manifest: Manifest): void {
    this.#assertInPlace();
    writable(this.paths.manifest, CONTINUE, () =>
      host.files.write(this.paths.manifest, `${JSON.stringify(manifestSchema.parse(manifest), undefined, 2)}\n`),
    );
  }

  /**
   * Appends the lines of a finished atom and waits until they are on the disk. The last line says `final`.
   *
   * @throws {EnvironmentError} they do not fit, none of them is kept then; or the file is no longer there
   */
  appendAtom(records: readonly RunRecord[]): void {
    this.#assertInPlace();
    writable(this.paths.records, CONTINUE, () => this.#records.append(linesOf(records)));
  }

  /** A run whose folder was removed or moved while it ran would go on measuring for nobody. */
  #assertInPlace(): void {
    if (!this.#records.isInPlace())
      throw new EnvironmentError(
        `${this.paths.records} is no longer the file that this run writes to: it, or its folder, was removed, moved or changed by another program. The run stops; continue with --resume where the folder lies now, or start anew.`,
        { path: this.paths.records },
      );
  }

  close(): void {
    this.#records.close();
    this.#giveLockBack();
  }
}

const CONTINUE = "What was measured before is kept; make room and continue with --resume.";

function* linesOf(records: readonly RunRecord[]): Generator<string> {
  for (const record of records) {
    const checked = recordSchema.parse(record);
    const text = JSON.stringify(checked, asUnicode);
    const broken = brokenBound(JSON.parse(text));
    if (broken !== undefined) throw new StoreError(record.caseId, `${broken}: no reader would take this record`);
    yield `${text}\n`;
  }
}

/** A text may come from a child that died in the middle of a letter; readers take Unicode only. */
function asUnicode(_key: string, value: unknown): unknown {
  return typeof value === "string" ? value.toWellFormed() : value;
}
