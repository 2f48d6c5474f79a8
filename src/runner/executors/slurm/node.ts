// One attempt at one task, on a node: reads its part of the plan from the run's folder, measures it as any run does, and writes a
// file for each finished atom, and one at its end. Its arguments: run folder, job, task.

import { existsSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { systemClock } from "#base/clock";
import { defined } from "#base/defined";
import { EXIT, describeError } from "#base/errors";
import { host } from "#host/current";
import { caseId } from "#case/case";
import { engines } from "#engine/registry";
import { writeFileAtomic } from "#store/files";
import { runPaths } from "#store/layout";
import { checkpointPath } from "#training/checkpoint";
import { deviceOf } from "../../choose-engine.ts";
import { describeEnvironment } from "../../environment.ts";
import { InterruptedError } from "../../interrupted.ts";
import { measure } from "../../measure.ts";
import type { RunOptions } from "../../options.ts";
import { memoryForChildren } from "../../slots.ts";
import { readJson, slurmPaths, taskFileSchema, type TaskFile } from "./state.ts";

const [folder = "", job = "", number = ""] = process.argv.slice(2);
const id = Number(number);
const paths = slurmPaths(folder);
const node = process.env["SLURMD_NODENAME"] ?? hostname();

/** Slurm warns before the limit, and at a preemption: a training writes its checkpoint, and other work in flight is lost. */
const stop = new AbortController();
for (const signal of ["SIGUSR2", "SIGTERM", "SIGINT"] as const) process.on(signal, () => stop.abort());

/** atoms that are finished */
let count = 0;

async function work(task: TaskFile): Promise<void> {
  if (task.threads !== undefined) process.env["TF_NUM_INTRAOP_THREADS"] = String(task.threads);
  const options = optionsOf(task);
  const environment = describeEnvironment(options.engine, await deviceOf(options.engine, options, stop.signal));
  let since = systemClock.now();
  await measure({
    atoms: task.atoms.map((atom) => defined(atom)),
    options,
    environment,
    paths: runPaths(folder),
    records: [],
    signal: stop.signal,
    isBesideOthers: task.kind === "shared",
    events: {
      onActivity: () => undefined,
      onAtom: (atom, records, seconds) =>
        console.log(`${atom.matchup}/${atom.process}: ${records.length} records, ${seconds.toFixed(1)} s`),
    },
    keep: (_atom, records) => {
      writeFileAtomic(
        paths.result(job, id, count++),
        JSON.stringify({ environment, seconds: systemClock.now() - since, records }),
      );
      since = systemClock.now();
    },
  });
}

function optionsOf({ engine, memoryLimit, ...task }: TaskFile): RunOptions {
  const memory = memoryForChildren();
  return {
    ...task,
    engine: engines.get(engine).id,
    folder: paths.checks(job, id),
    jobs: 1,
    memoryLimit: memoryLimit ?? memory,
    memoryShare: memory,
  };
}

/** Whether a training left a checkpoint since this attempt began. */
function isFurther({ atoms, training }: TaskFile, began: number): boolean {
  const { checkpointFolder } = training;
  if (checkpointFolder === undefined) return false;
  return atoms
    .flatMap(({ cases }) => cases.map((item) => checkpointPath(checkpointFolder, caseId(item))))
    .some((path) => existsSync(path) && statSync(path).mtimeMs >= began);
}

const began = systemClock.now();
const startedAt = Date.parse(systemClock.timestamp());
let code: number = EXIT.ok;
const task = readJson(paths.task(id), taskFileSchema);
console.log(`task ${id} of ${job} on ${node}: ${task.atoms.length} processes`);
host.files.makeFolder(paths.checks(job, id));
try {
  await work(task);
} catch (error) {
  code = error instanceof InterruptedError ? EXIT.incomplete : EXIT.environment;
  console.error(describeError(error));
}
host.files.remove(paths.checks(job, id));
writeFileAtomic(paths.end(job, id), JSON.stringify({ code, node, gotOn: count > 0 || isFurther(task, startedAt) }));
console.log(`ended with ${code} after ${(systemClock.now() - began).toFixed(1)} s`);
process.exit(code);
