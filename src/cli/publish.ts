// `publish <run>`: a run in the form that is committed, manifest and packed records, once it may be trusted to come from
// one commit. `--convert` brings folders of an older form into this one.

import type { Command } from "commander";
import { UsageError } from "#base/errors";
import { host } from "#host/current";
import { loadRun, type LoadedRun } from "#store/load";
import { commitsOf, convert, objections, publish } from "#store/publish";
import { flag } from "./options.ts";
import { findRunToRead } from "./zipped-run.ts";

interface PublishFlags {
  readonly out?: string;
  readonly convert?: boolean;
}

export function addPublish(program: Command): void {
  const command = program
    .command("publish")
    .description(
      "a run as it is committed: manifest.json and records.jsonl.gz, from a clean tree and one version of the code",
    )
    .argument("<run>", "run folder, zip, or name under results/runs; with --convert a folder of runs")
    .addOption(flag("--out <dir>", "folder to make (default: results/published/<machine>/<run>)"))
    .addOption(flag("--convert", "bring the runs in this folder into that form, in place and unchecked"));
  command.action(async (name: string) => {
    const flags = command.opts<PublishFlags>();
    if (flags.convert === true) convertAll(name);
    else publishRun(await findRunToRead(name), flags.out);
  });
}

function publishRun(folder: string, out: string | undefined): void {
  const run = loadRun(folder);
  const against = [...objections(run), ...commitsOf(run).flatMap(unknownCommit)];
  if (against.length > 0)
    throw new UsageError(
      `${folder} is not published: ${against.join("; ")}. Run it anew from a clean working tree at a commit of this repository.`,
      { objections: against },
    );
  const target = out ?? host.files.join("results", "published", machineName(run), host.files.basename(run.folder));
  publish(folder, target);
  console.error(`${folder} is published in ${target}; commit that folder`);
}

function unknownCommit(commit: string): string[] {
  const type = host.processes.outputOf("git", ["cat-file", "-t", commit], 10);
  return type?.trim() === "commit" ? [] : [`commit ${commit} is not in this repository`];
}

/** `amd-epyc-2core` */
function machineName({ manifest, records }: LoadedRun): string {
  const { cpu, cores } = manifest.environments[records[0]!.environment]!;
  return `${
    cpu
      .toLowerCase()
      .match(/[a-z0-9]+/g)
      ?.join("-")
      .slice(0, 60) ?? "machine"
  }-${cores}core`;
}

function convertAll(folder: string): void {
  const converted = convert(folder);
  if (converted.length === 0) throw new UsageError(`${folder} holds no folder with a records.jsonl.`);
  for (const done of converted) console.error(`${done}: packed`);
}
