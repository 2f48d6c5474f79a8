// A run from flags to a finished folder: suites → cases → plan → children → records → report.

import { existsSync } from "node:fs";
import { basename } from "node:path";
import { loadavg } from "node:os";
import { systemClock } from "#base/clock";
import { EXIT, EnvironmentError, UsageError } from "#base/errors";
import { openInceptionWeights } from "#tasks/image-generation/inception/weights";
import { chooseEngine } from "#runner/choose-engine";
import { InterruptedError, execute } from "#runner/execute";
import {
  applyFilter,
  checkPossible,
  parseFilter,
  planAtoms,
  remainingAtoms,
  type Atom,
  type PlannedSuite,
} from "#runner/plan";
import { SCHEMA_VERSION, type Manifest, type RunRecord } from "#store/record";
import { effectiveRecords } from "#store/atoms";
import { missesFloor } from "#store/floor";
import { loadRun } from "#store/load";
import { runPaths } from "#store/layout";
import { RunWriter } from "#store/writer";
import { findDatasets, type FoundDataset } from "#data/sets/registry";
import type { EngineId } from "#case/case";
import { shortenedTo } from "#case/shortened";
import type { Suite } from "#case/suite";
import { describeData } from "./data-in-use.ts";
import { printPlan } from "./print-plan.ts";
import { keptFlags, runOptions, type RunFlags } from "./run-flags.ts";
import { abortOnSignals } from "./signals.ts";
import { createDisplay } from "./terminal.ts";
import { writeReport } from "./write-report.ts";

/** Runs suites and writes their report. Returns the exit code. */
export async function launch(suites: readonly Suite[], flags: RunFlags, command: string): Promise<number> {
  if (flags.inceptionWeights !== undefined) openInceptionWeights(flags.inceptionWeights); // a wrong file shows now, not after hours
  const engine = await chooseEngine(flags.engine, flags.gpuAdapter);
  const options = runOptions(flags, engine, command);
  const found = findDatasets(flags.dataDir);
  const planned = expand(suites, flags, { engine, found });
  const atoms = planAtoms(planned);
  const previous = existsSync(runPaths(options.folder).manifest) ? loadRun(options.folder) : undefined;
  if (previous !== undefined && flags.resume === undefined) {
    throw new UsageError(
      `${options.folder} holds a run already. Continue it with --resume ${options.folder}, or choose another --out.`,
    );
  }
  const remaining = remainingAtoms(atoms, previous?.records ?? [], options.retryFailed);
  if (flags.dryRun === true) {
    printPlan(remaining, atoms.length, options.folder);
    return EXIT.ok;
  }
  const writer = RunWriter.open(options.folder);
  const display = createDisplay({ quiet: flags.quiet === true, verbose: flags.verbose === true });
  const { signal, exitCode } = abortOnSignals();
  try {
    display.onStage(startLine(atoms, remaining, options.folder));
    for (const line of describeData(
      remaining.flatMap(({ cases }) => cases),
      found,
    ))
      display.onStage(line);
    const result = await execute({
      atoms: remaining,
      options,
      writer,
      manifest: manifestFor({ suites: planned, flags, command, folder: options.folder }, previous?.manifest),
      records: previous?.records ?? [],
      signal,
      events: display,
    });
    if (result.leftOver > 0)
      display.onStage(
        `the run's budget is spent: ${result.leftOver} ${result.leftOver === 1 ? "cell" : "cells"} left; continue with: lightnet-bench run --resume ${options.folder}`,
      );
  } catch (error) {
    if (error instanceof InterruptedError) {
      display.end();
      console.error(
        `interrupted; finished cells are kept. Continue with: lightnet-bench run --resume ${options.folder}. See what is there with: lightnet-bench report --run ${options.folder}`,
      );
      return exitCode();
    }
    throw error;
  } finally {
    display.end();
    writer.close();
  }
  return finish(options.folder, suites, flags.quiet === true);
}

/** Cases of the suites after the filter; a suite that the filter empties is left out. */
function expand(
  suites: readonly Suite[],
  flags: RunFlags,
  { engine, found }: { readonly engine: string; readonly found: readonly FoundDataset[] },
): PlannedSuite[] {
  const datasets = found.filter(({ available }) => available).map(({ id }) => id);
  const context = {
    scale: flags.scale,
    engine: engine as EngineId,
    datasets,
    ...(flags.seeds === undefined ? {} : { seeds: flags.seeds }),
  };
  const filter = parseFilter(flags.filter ?? []);
  for (const id of filter.get("dataset") ?? []) {
    const dataset = found.find((candidate) => candidate.id === id);
    if (dataset?.available === false)
      throw new EnvironmentError(`Data set ${id} is not here: ${dataset.reason}. Name its folder with --data-dir.`);
  }
  const { trainSteps } = flags;
  const declared = suites.flatMap((suite) => suite.cases(context));
  const cases =
    trainSteps === undefined
      ? declared
      : declared.map((item) => (item.kind === "training" ? shortenedTo(trainSteps, item) : item));
  const wanted = new Set(applyFilter(cases, filter));
  if (wanted.size === 0) throw new UsageError("no case is left after --filter.");
  checkPossible([...wanted]);
  return suites
    .map((suite) => ({ suite, cases: cases.filter((item) => item.suite === suite.id && wanted.has(item)) }))
    .filter(({ cases: kept }) => kept.length > 0);
}

interface ManifestFacts {
  readonly suites: readonly PlannedSuite[];
  readonly flags: RunFlags;
  readonly command: string;
  readonly folder: string;
}

function manifestFor({ suites, flags, command, folder }: ManifestFacts, previous: Manifest | undefined): Manifest {
  const ids = suites.map(({ suite }) => suite.id);
  if (previous !== undefined) return { ...previous, suites: [...new Set([...previous.suites, ...ids])] };
  return {
    schema: SCHEMA_VERSION,
    run: basename(runPaths(folder).folder),
    command,
    scale: flags.scale,
    suites: ids,
    flags: keptFlags(flags),
    startedAt: systemClock.timestamp(),
    environments: {},
    loadAverage: loadavg(),
  };
}

function startLine(atoms: readonly Atom[], remaining: readonly Atom[], folder: string): string {
  const already = atoms.length - remaining.length;
  return `${remaining.length} cells to run${already === 0 ? "" : `, ${already} finished before`}; records go to ${folder}`;
}

async function finish(folder: string, suites: readonly Suite[], quiet: boolean): Promise<number> {
  const run = loadRun(folder);
  for (const warning of run.warnings) console.error(`warning: ${warning}`);
  const summary = await writeReport([run], suites, folder);
  if (!quiet) console.log(summary);
  return hasFailures(effectiveRecords(run.records)) ? EXIT.failedCases : EXIT.ok;
}

function hasFailures(records: readonly RunRecord[]): boolean {
  return records.some((record) => record.status === "failed" || missesFloor(record));
}
