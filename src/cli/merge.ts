// `merge <run…> --out dir`: joins runs of several machines or shards into one folder.

import type { Command } from "commander";
import { systemClock } from "#base/clock";
import { counted } from "#base/counted";
import { UsageError } from "#base/errors";
import { groupBy } from "#base/group";
import { safeFileName } from "#base/file-name";
import { joinRuns } from "#evidence/runs";
import { host } from "#host/current";
import { writable } from "#store/files";
import { runPaths } from "#store/layout";
import { loadRun, type LoadedRun } from "#store/load";
import { SCHEMA_VERSION, type Manifest, type RunRecord } from "#store/record";
import { inStore } from "#store/validate";
import { RunWriter } from "#store/writer";
import { flag } from "./options.ts";
import { findRunToRead } from "./zipped-run.ts";

export function addMerge(program: Command): void {
  const command = program
    .command("merge")
    .description("join runs (machines, shards) into one; what is in several of them counts once")
    .argument("<run...>", "run folders, zips, or names under results/runs")
    .addOption(flag("--out <dir>", "folder of the joined run").makeOptionMandatory());
  command.action(async (names: string[]) => {
    const { out } = command.opts<{ out: string }>();
    for (const line of mergeRuns(await Promise.all(names.map(findRunToRead)), out)) console.error(line);
  });
}

/**
 * Joins runs into a new folder, with what they hold for a later `--resume`: pictures, checkpoints and logs.
 *
 * @returns lines for the person who merges
 * @throws {UsageError} the target holds a run, scales differ, or a case was measured on two machines
 */
export function mergeRuns(folders: readonly string[], out: string): string[] {
  if (inStore(out, () => host.files.kind(runPaths(out).manifest)) !== undefined)
    throw new UsageError(`${out} holds a run already; choose another --out.`);
  const runs = folders.map(loadRun).map(withOwnLogNames);
  const scales = [...new Set(runs.map(({ manifest }) => manifest.scale))];
  if (scales.length > 1) throw new UsageError(`runs of different scales (${scales.join(", ")}) do not merge.`);
  const { manifests, environments, records, warnings } = joinRuns(runs);
  const { flags, leftOut } = commonFlags(manifests);
  const writer = RunWriter.open(out);
  try {
    writer.writeManifest({
      schema: SCHEMA_VERSION,
      run: host.files.basename(writer.paths.folder),
      command: `lightnet-bench merge ${runs.map(({ manifest }) => manifest.run).join(" ")}`,
      scale: scales[0]!,
      suites: [...new Set(manifests.flatMap(({ suites }) => suites))],
      flags,
      startedAt: manifests[0]!.startedAt,
      // A joint run is as finished as the least finished of its parts.
      ...(isWhole(manifests) ? { finishedAt: systemClock.timestamp() } : {}),
      environments: Object.fromEntries(environments),
      loadAverage: host.machine.loadAverage(),
    });
    writer.appendAtom(records);
    for (const { folder, manifest } of runs) inStore(folder, () => copyFiles(folder, manifest, out));
  } finally {
    writer.close();
  }
  return [
    ...runs.flatMap((run) => run.warnings),
    ...warnings,
    ...leftOut.map((name) => `the runs began with different values of ${name}; --resume ${out} takes it anew`),
    `${counted(runs.length, "run")} joined in ${out}; \`lightnet-bench report --run ${out}\` writes their report.`,
  ];
}

/** All have ended, and of parts of a plan one division is here with all its parts: else `--resume` has something to do. */
function isWhole(manifests: readonly Manifest[]): boolean {
  const parts = groupBy(
    manifests.flatMap(({ shard }) => shard ?? []),
    ({ of }) => String(of),
  );
  const isComplete = [...parts].some(([of, shards]) => new Set(shards.map(({ index }) => index)).size === Number(of));
  return (parts.size === 0 || isComplete) && manifests.every(({ finishedAt }) => finishedAt !== undefined);
}

/**
 * The flags that all runs began with. Values of a filter are joined where all filter by the same axes; whatever else
 * differs is left out, so that a resumed run plans no less than its parts did.
 */
function commonFlags(manifests: readonly Manifest[]): { flags: Manifest["flags"]; leftOut: string[] } {
  const flags: Manifest["flags"] = {};
  const leftOut: string[] = [];
  for (const name of new Set(manifests.flatMap((manifest) => Object.keys(manifest.flags)))) {
    const values = manifests.map((manifest) => manifest.flags[name]);
    if (new Set(values.map((value) => JSON.stringify(value))).size === 1) flags[name] = values[0]!;
    else if (name === "filter" && new Set(values.map(axesOf)).size === 1)
      flags[name] = [...new Set(values.flat())].sort() as string[];
    else leftOut.push(name);
  }
  return { flags, leftOut };
}

function axesOf(filter: Manifest["flags"][string] | undefined): string {
  const texts = Array.isArray(filter) ? filter.map(String) : [];
  return [...new Set(texts.map((text) => text.split("=")[0]))].sort().join();
}

/** Logs are named after matchup and process, which two runs share: each gets its run's name in front. */
function withOwnLogNames(run: LoadedRun): LoadedRun {
  const rename = (record: RunRecord): RunRecord =>
    record.status === "ok" || record.logFile === undefined
      ? record
      : { ...record, logFile: `logs/${logName(run.manifest, host.files.basename(record.logFile))}` };
  return { ...run, records: run.records.map(rename) };
}

function logName({ run }: Manifest, name: string): string {
  return safeFileName(`${run}-${name}`);
}

/** Pictures and checkpoints are named after their cases: equal names are of the same case. Links out of a run are not followed. */
function copyFiles(folder: string, manifest: Manifest, out: string): void {
  for (const kind of ["samples", "checkpoints", "logs"] as const) {
    const [from, to] = [runPaths(folder)[kind], runPaths(out)[kind]];
    if (host.files.kind(from) !== "folder") continue;
    for (const name of host.files.list(from)) {
      const source = host.files.join(from, name);
      const target = host.files.join(to, kind === "logs" ? logName(manifest, name) : name);
      if (!host.files.isInside(folder, source) || host.files.kind(source) !== "file") continue;
      if (host.files.kind(target) === undefined)
        writable(target, "Make room, and merge anew.", () => host.files.copy(source, target));
    }
  }
}
