// What earlier runs tell of how long the same cases take: those that began last, with this engine, as far as they are soon read.

import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { RunOptions } from "#runner/options";
import { RUNS_FOLDER, findRun, runNames, runPaths } from "#store/layout";
import { loadManifest, loadRun, recordFiles } from "#store/load";
import type { RunRecord } from "#store/record";

const MOST_RUNS = 3;
/** Reading more would take longer than a second. */
const MOST_BYTES = 2e7;

/** Records of up to three runs under results/runs, newest first; a run that cannot be read tells nothing. */
export function earlierRecords({
  engine,
  folder: own,
}: Pick<RunOptions, "engine" | "folder">): (readonly RunRecord[])[] {
  const folders = runNames(resolve(RUNS_FOLDER))
    .map((name) => findRun(name))
    .filter((folder) => folder !== resolve(own));
  const usable = folders.flatMap((folder) => {
    try {
      const { startedAt, environments } = loadManifest(folder);
      const isSmall = recordFiles(runPaths(folder)).every((path) => statSync(path).size <= MOST_BYTES);
      const isLike = Object.values(environments).some((environment) => environment.engine === engine);
      return isSmall && isLike ? [{ folder, startedAt }] : [];
    } catch {
      return [];
    }
  });
  return usable
    .toSorted((a, b) => b.startedAt.localeCompare(a.startedAt))
    .slice(0, MOST_RUNS)
    .flatMap(({ folder }) => {
      try {
        return [loadRun(folder).records];
      } catch {
        return [];
      }
    });
}
