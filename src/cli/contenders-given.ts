// What --contender names: the one place that tells a program (a manifest, or a folder with one) from a module (a file of code).

import { UsageError } from "#base/errors";
import { readGiven, type OutsideContender } from "#programs/given";

export interface ContendersGiven {
  readonly programs: readonly OutsideContender[];
}

const MODULE = /\.[cm]?[jt]s$/;

/** @throws {UsageError} one is given twice, or is a module @throws {DataError} no manifest, or a wrong one */
export function readContenders(paths: readonly string[] = []): ContendersGiven {
  const code = paths.find((path) => MODULE.test(path));
  if (code !== undefined)
    throw new UsageError(`--contender ${code}: a file of code is no manifest; give the folder of a contender.json.`);
  return { programs: readGiven(paths) };
}
