// What earlier runs tell of how long things take: those of this folder first, then published ones of a machine like this one; with
// this engine, the newest first, as far as they are soon read.

import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { host } from "#host/current";
import { packageRoot } from "#host/package";
import type { RunOptions } from "#runner/options";
import { RUNS_FOLDER, findRun, runNames, runPaths } from "#store/layout";
import { loadManifest, loadRun, recordFiles } from "#store/load";
import type { Environment, RunRecord } from "#store/record";

/** Of each place. */
const MOST_RUNS = 3;
/** Reading more would take longer than a second. Packed records are a tenth as large. */
const MOST_BYTES = { plain: 2e7, packed: 2e6 };

export interface Sought extends Pick<RunOptions, "engine" | "folder"> {
  /** those that a plan has: other published runs say nothing of it */
  readonly suites: readonly string[];
}

/** Records of up to three runs of each place; a run that cannot be read tells nothing. */
export function earlierRecords({ engine, folder: own, suites }: Sought): (readonly RunRecord[])[] {
  const ownRuns = runNames(resolve(RUNS_FOLDER))
    .map((name) => findRun(name))
    .filter((folder) => folder !== resolve(own));
  const isOfEngine = (environment: Environment) => environment.engine === engine;
  return [
    ...newestOf(ownRuns, (_, environment) => isOfEngine(environment)),
    ...newestOf(
      publishedRuns(),
      (named, environment) =>
        isOfEngine(environment) && isLikeThis(environment) && named.some((suite) => suites.includes(suite)),
    ),
  ];
}

function newestOf(
  folders: readonly string[],
  isOfUse: (suites: readonly string[], environment: Environment) => boolean,
): (readonly RunRecord[])[] {
  const usable = folders.flatMap((folder) => {
    try {
      const { startedAt, environments, suites } = loadManifest(folder);
      const isUsed = Object.values(environments).some((environment) => isOfUse(suites, environment));
      return isUsed && isSoonRead(folder) ? [{ folder, startedAt }] : [];
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

function isSoonRead(folder: string): boolean {
  const { plain, packed } = MOST_BYTES;
  return recordFiles(runPaths(folder)).every((path) => statSync(path).size <= (path.endsWith(".gz") ? packed : plain));
}

/** Runs that came with this package: results/published/<machine>/<run>. */
function publishedRuns(): string[] {
  const root = join(packageRoot(), "results", "published");
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .flatMap((machine) => readdirSync(join(root, machine)).map((run) => join(root, machine, run)))
    .filter((folder) => existsSync(runPaths(folder).manifest));
}

/** The same kind of machine, whatever its name. */
function isLikeThis({ cpu, cores, platform }: Environment): boolean {
  const { facts } = host.machine;
  return cpu === facts.cpu && cores === facts.cores && platform === facts.platform;
}
