// `merge <run…> --out dir`: joins runs of several machines or shards into one folder.

import { existsSync } from "node:fs";
import { loadavg } from "node:os";
import { basename } from "node:path";
import type { Command } from "commander";
import { systemClock } from "#base/clock";
import { UsageError } from "#base/errors";
import { effectiveRecords } from "#store/atoms";
import { findRun, runPaths } from "#store/layout";
import { loadRun } from "#store/load";
import { SCHEMA_VERSION, type Manifest } from "#store/record";
import { RunWriter } from "#store/writer";
import { flag } from "./options.ts";

export function addMerge(program: Command): void {
  const command = program
    .command("merge")
    .description("join runs (machines, shards) into one")
    .argument("<run...>", "run folders, or names under results/runs")
    .addOption(flag("--out <dir>", "folder of the joined run").makeOptionMandatory());
  command.action((names: string[]) => {
    mergeRuns(names.map((name) => findRun(name)), command.opts<{ out: string }>().out);
  });
}

/** @throws {UsageError} the target holds a run, or the runs have different scales */
function mergeRuns(folders: readonly string[], out: string): void {
  if (existsSync(runPaths(out).manifest)) throw new UsageError(`${out} holds a run already; choose another --out.`);
  const runs = folders.map(loadRun);
  const scales = [...new Set(runs.map(({ manifest }) => manifest.scale))];
  if (scales.length > 1) throw new UsageError(`runs of different scales (${scales.join(", ")}) do not merge.`);
  const first = runs[0]!.manifest;
  const manifest: Manifest = {
    schema: SCHEMA_VERSION,
    run: basename(runPaths(out).folder),
    command: `lightnet-bench merge ${runs.map((run) => run.manifest.run).join(" ")}`,
    scale: first.scale,
    suites: [...new Set(runs.flatMap((run) => run.manifest.suites))],
    flags: first.flags,
    startedAt: runs.map((run) => run.manifest.startedAt).sort()[0]!,
    finishedAt: systemClock.timestamp(),
    environments: Object.assign({}, ...runs.map((run) => run.manifest.environments)) as Manifest["environments"],
    loadAverage: loadavg(),
  };
  const writer = RunWriter.open(out);
  try {
    writer.writeManifest(manifest);
    for (const run of runs) writer.appendAtom(effectiveRecords(run.records));
  } finally {
    writer.close();
  }
  console.error(`${runs.length} runs joined in ${out}; \`lightnet-bench report --run ${out}\` writes their report.`);
}
