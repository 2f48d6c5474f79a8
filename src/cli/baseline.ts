// `baseline save|list|show|rm`: runs kept under a name, to compare later ones with.

import { cpSync, existsSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import type { Command } from "commander";
import { UsageError } from "#base/errors";
import { unknownName } from "#base/registry";
import { findRun, runPaths } from "#store/layout";
import { loadManifest, loadRun, recordFiles } from "#store/load";
import { flag } from "./options.ts";
import { findRunToRead } from "./zipped-run.ts";

const BASELINES_FOLDER = join("results", "baselines");
const NAME = /^[\w.-]+$/;

export function addBaseline(program: Command): void {
  const command = program.command("baseline").description("keep runs under a name, to compare later ones with");
  command
    .command("save")
    .argument("<name>")
    .argument("[run]", "run folder or name (default: the newest)")
    .description("keep a run")
    .addOption(flag("--replace", "in place of the one of this name"))
    .action(save);
  command.command("list").description("names of the runs kept").action(list);
  command.command("show").argument("<name>").description("what a kept run is").action(show);
  command.command("rm").argument("<name>").description("forget a kept run").action(remove);
}

/** Folder of a saved baseline, or of a run. */
export async function findBaseline(name: string): Promise<string> {
  return existsSync(runPaths(join(BASELINES_FOLDER, name)).manifest) && NAME.test(name)
    ? join(BASELINES_FOLDER, name)
    : findRunToRead(name);
}

function save(name: string, run: string | undefined, { replace }: { readonly replace?: boolean }): void {
  if (!NAME.test(name))
    throw new UsageError(`a baseline's name has letters, digits, ".", "_" and "-" only, got "${name}".`);
  const source = runPaths(findRun(run));
  loadRun(source.folder); // a damaged run is refused here, not when it is needed
  const target = runPaths(join(BASELINES_FOLDER, name));
  if (existsSync(target.folder) && replace !== true)
    throw new UsageError(
      `there is a baseline "${name}" already; add --replace, or remove it with \`lightnet-bench baseline rm ${name}\`.`,
    );
  rmSync(target.folder, { recursive: true, force: true });
  for (const records of recordFiles(source))
    cpSync(records, join(target.folder, basename(records)), { recursive: true });
  cpSync(source.manifest, target.manifest);
  console.error(`${source.folder} is kept as baseline ${name}`);
}

function list(): void {
  for (const name of names()) console.log(name);
}

function show(name: string): void {
  const { run, command, scale, suites, startedAt } = loadManifest(folderOf(name));
  console.log(JSON.stringify({ name, run, command, scale, suites, startedAt }, undefined, 2));
}

function remove(name: string): void {
  rmSync(folderOf(name), { recursive: true });
}

function names(): string[] {
  return existsSync(BASELINES_FOLDER) ? readdirSync(BASELINES_FOLDER) : [];
}

function folderOf(name: string): string {
  if (!names().includes(name)) throw unknownName("baseline", name, names());
  return join(BASELINES_FOLDER, name);
}
