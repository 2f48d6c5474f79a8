// The published runs, each with what it is evidence for.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { evidenceOf, type Evidence } from "#evidence/evidence";
import { packageRoot } from "#host/package";
import { loadRun, type LoadedRun } from "#store/load";

export interface PublishedRun {
  /** `mnist-small` */
  readonly name: string;
  readonly run: LoadedRun;
  readonly evidence: Evidence;
}

const PUBLISHED = join(packageRoot(), "results", "published");

function foldersWith(file: string): string[] {
  return readdirSync(PUBLISHED, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((machine) => readdirSync(join(PUBLISHED, machine.name)).map((name) => join(PUBLISHED, machine.name, name)))
    .filter((folder) => existsSync(join(folder, file)))
    .sort();
}

/** Every published run, by name. */
export function publishedRuns(): PublishedRun[] {
  return foldersWith("manifest.json").map((folder) => {
    const run = loadRun(folder);
    return { name: basename(folder), run, evidence: evidenceOf([run]) };
  });
}

/** A published result of a self-test, as it was printed; undefined where there is none. */
export function publishedSelftest<T>(name: string): T | undefined {
  const folder = foldersWith("result.json").find((candidate) => basename(candidate) === name);
  return folder === undefined ? undefined : (JSON.parse(readFileSync(join(folder, "result.json"), "utf8")) as T);
}
