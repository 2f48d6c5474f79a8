// What --contender names: the one place that tells a program (a manifest, or a folder with one) from a module (a file of code).

import { readGiven, type OutsideContender } from "#programs/given";
import type { ModuleContender } from "#runner/module-contenders";
import type { GivenModule } from "#runner/given-module";
import { isModulePath } from "#runner/modules";

export interface ContendersGiven {
  readonly programs: readonly OutsideContender[];
  readonly modules: readonly ModuleContender[];
}

/** @throws {UsageError} one is given twice, or a module that cannot be read @throws {DataError} no manifest, or a wrong one */
export async function readContenders(paths: readonly string[] = []): Promise<ContendersGiven> {
  const files = paths.filter(isModulePath);
  const programs = readGiven(paths.filter((path) => !isModulePath(path)));
  if (files.length === 0) return { programs, modules: [] };
  const { addModules } = await import("#runner/module-contenders");
  return { programs, modules: await addModules(files) };
}

/** Each file once. */
export function filesOf(modules: readonly ModuleContender[]): GivenModule[] {
  return [...new Map(modules.map(({ given }) => [given.file, given])).values()];
}
