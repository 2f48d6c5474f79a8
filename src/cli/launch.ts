// A run from flags to a finished folder: suites → cases → plan → children → records → report.

import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { loadavg } from "node:os";
import { systemClock } from "#base/clock";
import { counted } from "#base/counted";
import { EXIT, UsageError } from "#base/errors";
import { openInceptionWeights } from "#tasks/image-generation/inception/weights";
import { chooseEngine, deviceOf } from "#runner/choose-engine";
import { Estimate, expectations, type SecondsOf } from "#runner/estimate";
import { executors, type ExecutorEntry } from "#runner/executors/registry";
import { expand } from "#runner/expand";
import { InterruptedError } from "#runner/interrupted";
import type { RunOptions } from "#runner/options";
import { paceOf } from "#runner/training-pace";
import { casesBegunAnew, ofShard, planAtoms, remainingAtoms, type Atom, type PlannedSuite } from "#runner/plan";
import { remainingText } from "#runner/status-line";
import { SCHEMA_VERSION, type Manifest } from "#store/record";
import { effectiveRecords } from "#store/atoms";
import { loadRun, type LoadedRun } from "#store/load";
import { makeRunFolder, newRunName, RUNS_FOLDER, runPaths } from "#store/layout";
import { RunWriter } from "#store/writer";
import { findDatasets } from "#data/sets/registry";
import type { Suite } from "#case/suite";
import type { DeviceDescription } from "#engine/engine";
import { companionsOf } from "#programs/given";
import { filesOf, readContenders } from "./contenders-given.ts";
import { describeData } from "./data-in-use.ts";
import { earlierRecords } from "./earlier-runs.ts";
import { countsOf, exitCodeOf } from "./outcome.ts";
import { printPlan } from "./print-plan.ts";
import { codeFlags, keptFlags, namedFolder, runOptions, type RunFlags } from "./run-flags.ts";
import { quoted } from "./quoted.ts";
import { abortOnSignals, endOnSignals, type Interruption } from "./signals.ts";
import { createDisplay, type Display } from "./terminal.ts";
import { writeReport } from "./write-report.ts";

/** A run before it begins: what is asked for, what is there, what is left. */
interface Plan {
  readonly flags: RunFlags;
  readonly options: RunOptions;
  readonly executor: ExecutorEntry;
  readonly command: string;
  readonly suites: readonly PlannedSuite[];
  readonly previous: LoadedRun | undefined;
  readonly remaining: readonly Atom[];
  readonly total: number;
}

/**
 * Runs suites and writes their report. Returns the exit code.
 *
 * @param takesAlong the contenders of this package that suites name take part, where they are set up
 */
export async function launch(
  suites: readonly Suite[],
  flags: RunFlags,
  command: string,
  { takesAlong = false } = {},
): Promise<number> {
  let plan = await planRun(suites, flags, { command, takesAlong });
  const { remaining, total, options } = plan;
  const secondsOf = expectedFor(plan, suites);
  if (flags.dryRun === true) {
    printPlan({ remaining, total, folder: options.folder, secondsOf });
    await plan.executor.printScripts?.({ atoms: remaining, options, secondsOf });
    return EXIT.ok;
  }
  const interruption = abortOnSignals();
  const estimate = new Estimate(remaining, secondsOf);
  const verbosity = { quiet: flags.quiet === true, verbose: flags.verbose === true };
  const display = createDisplay({ ...verbosity, total: remaining.length, estimate });
  try {
    for (const line of openingLines(plan, remainingText(estimate.remaining(undefined)))) display.say(line);
    const device =
      remaining.length === 0 || !plan.executor.measuresHere
        ? undefined
        : await deviceOf(options.engine, options, interruption.signal);
    plan = inFolder(plan); // here, so that an engine that is refused leaves no folder behind
    display.say(`records go to ${plan.options.folder}`);
    const leftOver = await carryOut(plan, device, { display, interruption, secondsOf });
    display.end();
    endOnSignals(
      `interrupted while the report was written; what was measured is kept. Write it with: lightnet-bench report --run ${quoted(plan.options.folder)}`,
    );
    plan = { ...plan, previous: undefined }; // its records are read anew: a large run is not held twice
    return await finish(plan, suites, leftOver);
  } catch (error) {
    display.end();
    if (!(error instanceof InterruptedError)) throw error;
    console.error(farewell(plan));
    return interruption.exitCode();
  }
}

/** What each atom is expected to take, from records of this run and of earlier ones, which are held no longer than that. */
function expectedFor({ previous, options }: Plan, suites: readonly Suite[]): SecondsOf {
  const { contenderBudget } = options;
  const earlier = [previous?.records ?? [], ...earlierRecords({ ...options, suites: suites.map(({ id }) => id) })];
  return expectations(earlier, { contenderBudget, pace: paceOf(earlier) });
}

interface Asked {
  readonly command: string;
  readonly takesAlong: boolean;
}

async function planRun(suites: readonly Suite[], flags: RunFlags, { command, takesAlong }: Asked): Promise<Plan> {
  if (flags.inceptionWeights !== undefined) openInceptionWeights(flags.inceptionWeights); // a wrong file shows now, not after hours
  const executor = executors.get(flags.executor);
  if (!executor.measuresHere && flags.engine === "auto")
    throw new UsageError(
      `--executor ${executor.id} needs --engine: nodes measure, and what auto finds on this machine says nothing of them.`,
    );
  const engine = await chooseEngine(flags.engine, flags.gpuAdapter);
  const named = namedFolder(flags);
  const { programs, modules } = await readContenders(flags.contender);
  const options = runOptions(flags, {
    engine,
    folder: named ?? join(RUNS_FOLDER, newRunName(systemClock, flags.scale)),
    modules: filesOf(modules),
  });
  // TensorFlow reads it when a child starts; engine wasm takes them from the child's request, the others have their own way.
  if (flags.threads !== undefined) process.env["TF_NUM_INTRAOP_THREADS"] = String(flags.threads);
  const names = takesAlong ? suites.flatMap(({ alongside = [] }) => alongside) : [];
  const companions = companionsOf(names, programs);
  const found = findDatasets(flags.dataDir);
  const planned = expand(suites, { ...flags, engine, programs, companions, modules, found });
  const given = [...programs, ...companions].map((program) => program.given);
  const atoms = ofShard(planAtoms(planned, given), flags.shard);
  const previous = named !== undefined && existsSync(runPaths(named).manifest) ? loadRun(named) : undefined;
  if (previous !== undefined && flags.resume === undefined)
    throw new UsageError(
      `${options.folder} holds a run already. Continue it with --resume ${quoted(options.folder)}, or choose another --out or --name.`,
    );
  const remaining = remainingAtoms(atoms, previous?.records ?? [], flags.retryFailed === true);
  return { flags, options, executor, command, suites: planned, previous, remaining, total: atoms.length };
}

/** A run without a name reserves a folder: of two that start in one second each gets its own. */
function inFolder(plan: Plan): Plan {
  const { flags, options } = plan;
  if (namedFolder(flags) !== undefined) return plan;
  return { ...plan, options: runOptions(flags, { ...options, folder: makeRunFolder(systemClock, flags.scale) }) };
}

interface Surroundings {
  readonly display: Display;
  readonly interruption: Interruption;
  readonly secondsOf: SecondsOf;
}

/** Measures what is left. Returns how many atoms the budget left over. @param device of this machine where it measures */
async function carryOut(
  plan: Plan,
  device: DeviceDescription | undefined,
  { display, interruption: { signal }, secondsOf }: Surroundings,
): Promise<number> {
  const { options, executor, remaining, previous, suites } = plan;
  const writer = RunWriter.open(options.folder);
  try {
    const manifest = manifestFor(plan);
    if (remaining.length === 0) {
      writer.writeManifest({ ...manifest, finishedAt: manifest.finishedAt ?? systemClock.timestamp() });
      return 0;
    }
    const run = await executor.load();
    const records = previous?.records ?? [];
    const onFirstAnswer = async () => {
      const declared = suites.map(({ suite }) => suite);
      const { answer } = await writeReport([loadRun(options.folder)], declared, options.folder);
      for (const sentence of answer) display.say(`first answer: ${sentence}`);
      display.say(`its report: ${join(options.folder, "report.html")}; the rest is measured now`);
    };
    const execution = { atoms: remaining, options, device, writer, manifest, records, signal, secondsOf };
    return await run({ ...execution, events: display, onFirstAnswer });
  } finally {
    writer.close();
  }
}

function manifestFor({ suites, flags, command, options, previous }: Plan): Manifest {
  const ids = suites.map(({ suite }) => suite.id);
  if (previous !== undefined)
    return { ...previous.manifest, suites: [...new Set([...previous.manifest.suites, ...ids])] };
  return {
    schema: SCHEMA_VERSION,
    run: basename(runPaths(options.folder).folder),
    command,
    scale: flags.scale,
    suites: ids,
    flags: keptFlags(flags),
    ...(flags.shard === undefined ? {} : { shard: flags.shard }),
    startedAt: systemClock.timestamp(),
    environments: {},
    loadAverage: loadavg(),
  };
}

function openingLines({ remaining, total, previous, flags }: Plan, left: string): string[] {
  const before = total - remaining.length;
  const counts = [
    `${counted(remaining.length, "process", "processes")} to run`,
    ...(before === 0 ? [] : [`${before} finished before`]),
    ...(remaining.length === 0 ? [] : [left]),
  ];
  const anew = casesBegunAnew(remaining, previous?.records ?? []);
  return [
    counts.join(", "),
    ...(anew === 0
      ? []
      : [
          `${counted(anew, "case")} of this run ${anew === 1 ? "was" : "were"} measured by other code and begin${anew === 1 ? "s" : ""} anew`,
        ]),
    ...describeData(
      remaining.flatMap(({ cases }) => cases),
      findDatasets(flags.dataDir),
      flags.dataDir,
    ),
  ];
}

function farewell({ options: { folder }, flags }: Plan): string {
  if (!existsSync(runPaths(folder).manifest)) return "interrupted before anything was measured; nothing was written";
  return `interrupted; what has finished is kept. Continue with: lightnet-bench run --resume ${quoted(folder)}${codeFlags(flags)}. See what is there with: lightnet-bench report --run ${quoted(folder)}`;
}

/** Report, table, and the exit code. */
async function finish({ options, flags }: Plan, suites: readonly Suite[], leftOver: number): Promise<number> {
  const run = loadRun(options.folder);
  for (const warning of run.warnings) console.error(`warning: ${warning}`);
  const { summary } = await writeReport([run], suites, options.folder);
  const records = effectiveRecords(run.records);
  if (flags.quiet !== true) {
    console.log(summary);
    for (const line of countsOf(records)) console.error(line);
  }
  if (leftOver > 0)
    console.error(
      `the run's budget is spent: ${counted(leftOver, "process", "processes")} left; continue with: lightnet-bench run --resume ${quoted(options.folder)}${codeFlags(flags)}`,
    );
  return exitCodeOf(run.records, leftOver);
}
