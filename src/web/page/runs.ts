// Where runs lie, and new names for them.

import { systemClock } from "#base/clock";
import type { Scale } from "#case/case";
import { host } from "#host/current";
import { newRunName, RUNS_FOLDER, runNames } from "#store/layout";

const RUNS = host.files.resolve("/", RUNS_FOLDER);

export function folderOf(run: string): string {
  return `${RUNS}/${run}`;
}

/** Newest first. */
export function keptRuns(): string[] {
  return runNames(RUNS).reverse();
}

export function freeFolder(scale: Scale): string {
  const name = newRunName(systemClock, scale);
  const taken = new Set(keptRuns());
  let free = name;
  for (let number = 2; taken.has(free); number++) free = `${name}-${number}`;
  return folderOf(free);
}
