// `merge <run…> --out dir`: joins runs of several machines or shards into one folder.

import { existsSync, readdirSync } from "node:fs";
import { loadavg } from "node:os";
import { basename, join } from "node:path";
import type { Command } from "commander";
import { systemClock } from "#base/clock";
import { UsageError } from "#base/errors";
import { effectiveRecords } from "#store/atoms";
import { writeFileAtomic } from "#store/files";
import { findRun, runPaths } from "#store/layout";
import { loadRun, type LoadedRun } from "#store/load";
import { readPicture } from "#store/pictures";
import { SCHEMA_VERSION, type Manifest, type RunRecord } from "#store/record";
import { RunWriter } from "#store/writer";
import { flag } from "./options.ts";

export function addMerge(program: Command): void {
  const command = program
    .command("merge")
    .description("join runs (machines, shards) into one")
    .argument("<run...>", "run folders, or names under results/runs")
    .addOption(flag("--out <dir>", "folder of the joined run").makeOptionMandatory());
  command.action((names: string[]) => {
    mergeRuns(
      names.map((name) => findRun(name)),
      command.opts<{ out: string }>().out,
    );
  });
}

/** @throws {UsageError} the target holds a run, scales differ, or a case was measured on two machines */
function mergeRuns(folders: readonly string[], out: string): void {
  if (existsSync(runPaths(out).manifest)) throw new UsageError(`${out} holds a run already; choose another --out.`);
  const runs = folders.map(loadRun);
  const scales = [...new Set(runs.map(({ manifest }) => manifest.scale))];
  if (scales.length > 1) throw new UsageError(`runs of different scales (${scales.join(", ")}) do not merge.`);
  const records = withDistinctProcesses(runs);
  const first = runs[0]!.manifest;
  const manifest: Manifest = {
    schema: SCHEMA_VERSION,
    run: basename(runPaths(out).folder),
    command: `lightnet-bench merge ${runs.map((run) => run.manifest.run).join(" ")}`,
    scale: first.scale,
    suites: [...new Set(runs.flatMap((run) => run.manifest.suites))],
    flags: first.flags,
    startedAt: runs.map((run) => run.manifest.startedAt).sort()[0]!,
    // A joint run is as finished as the least finished of its parts.
    ...(runs.every((run) => run.manifest.finishedAt !== undefined) ? { finishedAt: systemClock.timestamp() } : {}),
    environments: Object.assign({}, ...runs.map((run) => run.manifest.environments)) as Manifest["environments"],
    loadAverage: loadavg(),
  };
  const writer = RunWriter.open(out);
  try {
    writer.writeManifest(manifest);
    for (const lines of records) writer.appendAtom(lines);
    for (const { folder } of runs) copyPictures(folder, writer.paths.samples);
  } finally {
    writer.close();
  }
  console.error(`${runs.length} runs joined in ${out}; \`lightnet-bench report --run ${out}\` writes their report.`);
}

/** Pictures are named after their cases: equal names are pictures of the same case. Links out of the run are not followed. */
function copyPictures(folder: string, target: string): void {
  const { samples } = runPaths(folder);
  if (!existsSync(samples)) return;
  for (const name of readdirSync(samples)) {
    const picture = readPicture(folder, `samples/${name}`);
    if (picture !== undefined) writeFileAtomic(join(target, name), picture);
  }
}

/**
 * The records of each run, its processes numbered on from those of the runs before: the same matchup measured in two
 * runs has more processes, not one in the other's place.
 *
 * @throws {UsageError} a case was measured on two different machines, whose times do not belong together
 */
function withDistinctProcesses(runs: readonly LoadedRun[]): RunRecord[][] {
  const used = new Map<string, number>();
  const machineOf = new Map<string, string>();
  return runs.map(({ manifest, records }) => {
    const offsets = new Map(used);
    return effectiveRecords(records).map((record) => {
      const { cpu, device } = manifest.environments[record.environment]!;
      const machine = `${cpu}, ${device.name}`;
      const known = machineOf.get(record.caseId) ?? machine;
      if (known !== machine) {
        throw new UsageError(
          `${record.case.suite} ${record.case.contender} was measured on two machines (${known}; ${machine}). Merge runs of one machine, or of different cases.`,
        );
      }
      machineOf.set(record.caseId, machine);
      const process = record.process + (offsets.get(record.matchup) ?? 0);
      used.set(record.matchup, Math.max(used.get(record.matchup) ?? 0, process + 1));
      return { ...record, process };
    });
  });
}
