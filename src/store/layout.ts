// Where things lie inside a run folder, and where run folders lie.

import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { StoreError } from "#base/errors";
import type { Clock } from "#base/clock";

export const RUNS_FOLDER = join("results", "runs");

export interface RunPaths {
  readonly folder: string;
  readonly manifest: string;
  readonly records: string;
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

/** Folder of a run given by path, or by name under results/runs; the newest run when nothing is given. */
export function findRun(nameOrPath: string | undefined, base = process.cwd()): string {
  const runs = join(base, RUNS_FOLDER);
  if (nameOrPath === undefined) return newestRun(runs);
  for (const candidate of [resolve(base, nameOrPath), join(runs, nameOrPath)]) {
    if (existsSync(join(candidate, "manifest.json"))) return candidate;
  }
  throw new StoreError(
    nameOrPath,
    "is neither a run folder (with a manifest.json) nor the name of one under results/runs",
    {
      known: runNames(runs),
    },
  );
}

function newestRun(runs: string): string {
  const newest = runNames(runs)
    .map((name) => ({ name, time: statSync(join(runs, name, "manifest.json")).mtimeMs }))
    .sort((a, b) => b.time - a.time)[0];
  if (newest === undefined)
    throw new StoreError(runs, "holds no run yet. Start one with `lightnet-bench reproduce`, or name one with --run.");
  return join(runs, newest.name);
}

function runNames(runs: string): string[] {
  if (!existsSync(runs)) return [];
  return readdirSync(runs).filter((name) => existsSync(join(runs, name, "manifest.json")));
}
