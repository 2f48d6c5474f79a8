// Where things lie inside a run folder, and where run folders lie.

import type { Clock } from "#base/clock";
import { StoreError } from "#base/errors";
import { host } from "#host/current";
import { writable } from "./files.ts";
import { inStore } from "./validate.ts";

const { join, resolve } = host.files;

export const RUNS_FOLDER = join("results", "runs");

export interface RunPaths {
  readonly folder: string;
  readonly manifest: string;
  readonly records: string;
  /** records of a published run */
  readonly packedRecords: string;
  readonly lock: string;
  readonly logs: string;
  readonly checkpoints: string;
  readonly samples: string;
}

export function runPaths(folder: string): RunPaths {
  const root = resolve(folder);
  return {
    folder: root,
    manifest: join(root, "manifest.json"),
    records: join(root, "records.jsonl"),
    packedRecords: join(root, "records.jsonl.gz"),
    lock: join(root, "lock"),
    logs: join(root, "logs"),
    checkpoints: join(root, "checkpoints"),
    samples: join(root, "samples"),
  };
}

/** A name for a new run that sorts by time: `20261123-143005-smoke`. */
export function newRunName(clock: Clock, scale: string): string {
  const digits = clock.timestamp().replaceAll(/[-:]/g, "").slice(0, 15).replace("T", "-");
  return `${digits}-${scale}`;
}

/** Makes the folder of a new run; of two runs that start in one second the later gets `…-2`. */
export function makeRunFolder(clock: Clock, scale: string, base = "."): string {
  const runs = join(base, RUNS_FOLDER);
  const name = newRunName(clock, scale);
  return writable(runs, "Choose another folder with --out.", () => {
    host.files.makeFolder(runs);
    for (let number = 1; ; number++) {
      const folder = join(runs, number === 1 ? name : `${name}-${number}`);
      if (host.files.makeNewFolder(folder)) return folder;
    }
  });
}

/**
 * Folder of a run given by path, or by name under results/runs or how that begins; the newest run when nothing or "latest" is given.
 *
 * @throws {StoreError} there is none, there are several, or it cannot be looked at
 */
export function findRun(nameOrPath: string | undefined, base = "."): string {
  const runs = join(resolve(base), RUNS_FOLDER);
  if (nameOrPath === undefined) return newestRun(runs);
  const candidates = [resolve(base, nameOrPath), join(runs, nameOrPath)];
  const found = candidates.find(isRun);
  if (found !== undefined) return found;
  if (nameOrPath === LATEST) return newestRun(runs);
  const known = runNames(runs);
  const matching = known.filter((name) => nameOrPath !== "" && name.startsWith(nameOrPath));
  if (matching.length === 1) return join(runs, matching[0]!);
  const reason =
    matching.length === 0
      ? "is neither a run folder (with a manifest.json) nor the name of one under results/runs, nor how one begins"
      : `begins the names of ${matching.length} runs: ${matching.join(", ")}`;
  throw new StoreError(nameOrPath, reason, { known });
}

/** Stands for the newest run. */
const LATEST = "latest";

function newestRun(runs: string): string {
  const newest = runNames(runs)
    .map((name) => ({ name, time: host.files.changedAt(runPaths(join(runs, name)).manifest) }))
    .sort((a, b) => b.time - a.time)[0];
  if (newest === undefined)
    throw new StoreError(runs, "holds no run yet. Start one with `lightnet-bench reproduce`, or name one with --run.");
  return join(runs, newest.name);
}

/** Names of the runs in a folder of runs. */
export function runNames(runs: string): string[] {
  return inStore(runs, () => (host.files.kind(runs) === undefined ? [] : host.files.list(runs))).filter((name) =>
    isRun(join(runs, name)),
  );
}

function isRun(folder: string): boolean {
  return inStore(folder, () => host.files.kind(runPaths(folder).manifest)) !== undefined;
}
