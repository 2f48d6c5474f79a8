// The contenders from outside that a run is given, each by a name of its own and known by what decides its results.

import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { UsageError } from "#base/errors";
import { groupBy } from "#base/group";
import { packageRoot } from "#host/package";
import { digestOf } from "./digest.ts";
import { MANIFEST_NAME, readProgram, type Program } from "./manifest.ts";
import { cacheFolder } from "./session.ts";
import type { GivenProgram } from "./named.ts";

export interface OutsideContender extends Program {
  readonly given: GivenProgram;
}

/**
 * Programs by the paths of their manifests, or of folders with one.
 *
 * @throws {DataError} no such manifest @throws {UsageError} one is given twice
 */
export function readGiven(paths: readonly string[]): OutsideContender[] {
  const programs = paths.map((path) => readProgram(path));
  const twice = programs.find(({ file }, i) => programs.findIndex((other) => other.file === file) < i);
  if (twice !== undefined)
    throw new UsageError(`--contender: ${twice.file} is given twice. Two versions are two folders, or two manifests.`);
  const named = [...groupBy(programs, ({ manifest }) => manifest.name).values()].flatMap((group) =>
    group.map((program, i) => ({ program, name: nameWithin(group, program, i) })),
  );
  return named.map(({ program, name }) => ({
    ...program,
    given: { name, file: program.file, digest: digestOf(program) },
  }));
}

/** Those that come with this package; one that only measures the protocol is none. */
export function programsOfPackage(): Program[] {
  const folder = join(packageRoot(), "contenders");
  return readdirSync(folder)
    .filter((name) => name !== "nothing" && existsSync(join(folder, name, MANIFEST_NAME)))
    .map((name) => readProgram(join(folder, name)));
}

/** Those of this package that are set up, and named by one of these; what is given already is left out. */
export function companionsOf(names: readonly string[], given: readonly OutsideContender[]): OutsideContender[] {
  if (names.length === 0) return [];
  const wanted = programsOfPackage().filter(
    (program) =>
      names.includes(program.manifest.name) &&
      existsSync(cacheFolder(program)) &&
      !given.some(({ manifest }) => manifest.name === program.manifest.name),
  );
  return readGiven(wanted.map(({ file }) => file));
}

/** `name`; of several with one name `name@folder`, or by number where the folders are called alike as well. */
function nameWithin(group: readonly Program[], { manifest: { name }, folder }: Program, index: number): string {
  if (group.length === 1) return name;
  const folders = new Set(group.map((program) => basename(program.folder)));
  return `${name}@${folders.size === group.length ? basename(folder) : index + 1}`;
}
