// The parent of a run on Slurm: submits arrays, collects what tasks leave in the run's folder, and submits again what was lost. It
// holds nothing that is not in that folder, so it may die, or go home, and come back with --resume.

import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { systemClock } from "#base/clock";
import { host } from "#host/current";
import { InterruptedError } from "../../interrupted.ts";
import type { Execution, Executor } from "../executor.ts";
import { Collector } from "./collector.ts";
import * as ledger from "./ledger.ts";
import { slurm, type Scheduler } from "./scheduler.ts";
import { POLL_SECONDS, SLOWEST_POLL, TASK_SECONDS } from "./settings.ts";
import { readState, slurmPaths, writeState, type State } from "./state.ts";
import { Submitter } from "./submitter.ts";
import { packTasks } from "./tasks.ts";
import { Watch } from "./watch.ts";

export const runOnSlurm: Executor = (execution) => runWith(slurm, execution);

/** @returns atoms that are left @throws {InterruptedError} @throws {EnvironmentError} Slurm refuses the tasks, or all are lost */
export async function runWith(scheduler: Scheduler, execution: Execution): Promise<number> {
  const { writer, manifest, signal, options } = execution;
  const { folder } = writer.paths;
  const { slurmPoll = POLL_SECONDS } = options.slurm ?? {};
  const began = systemClock.now();
  const open: ledger.OpenAtoms = new Map(execution.atoms.map((atom) => [ledger.nameOf(atom), atom]));
  const state = readState(folder, () => `lnb-${randomBytes(4).toString("hex")}`);
  const collector = new Collector(execution, open);
  const watch = new Watch(state, { scheduler, folder });
  const submitter = new Submitter(state, { scheduler, execution, open });
  writer.writeManifest(manifest);
  host.files.makeFolder(slurmPaths(folder).logs);
  collector.collect();
  addTasks(state, execution, open);
  writeState(folder, state);
  let pause = slurmPoll;
  while (!signal.aborted) {
    const before = JSON.stringify(state);
    await watch.look();
    collector.collect();
    for (const task of state.tasks.filter(ledger.isGivenUp)) collector.giveUp(task);
    writeState(folder, state);
    if (open.size === 0 || systemClock.now() - began > (options.runBudget ?? Infinity)) break;
    await submitter.submitWaiting();
    const isQuiet = before === JSON.stringify(state);
    pause = isQuiet ? Math.min(1.5 * pause, SLOWEST_POLL * slurmPoll) : slurmPoll;
    await wait(1000 * pause, undefined, { signal }).catch(() => undefined);
  }
  writeState(folder, state);
  sayFarewell(state, execution);
  if (signal.aborted) throw new InterruptedError();
  if (open.size > 0) return open.size;
  collector.finish();
  removeLogs(state, folder);
  return 0;
}

/** Tasks for atoms that no task has. What belongs to a task of a parent before stays there; a task that was given up begins anew. */
function addTasks({ tasks }: State, { options, secondsOf = () => undefined }: Execution, open: ledger.OpenAtoms): void {
  for (const task of tasks) if (ledger.isGivenUp(task) && ledger.atomsLeft(task, open).length > 0) task.attempts = []; // --retry-failed
  const known = new Set(tasks.flatMap(({ atoms }) => atoms));
  const atoms = [...open].filter(([name]) => !known.has(name)).map(([, atom]) => atom);
  const { slurmTask: seconds = TASK_SECONDS } = options.slurm ?? {};
  for (const packed of packTasks(atoms, { seconds, secondsOf }))
    tasks.push({ id: tasks.length, ...packed, atoms: packed.atoms.map(ledger.nameOf), attempts: [] });
}

function sayFarewell(state: State, { signal, events }: Execution): void {
  for (const node of ledger.badNodes(state))
    events.say(`node ${node} failed ${ledger.BAD_ENDS} times and was given no more work`);
  const jobs = new Set(ledger.attemptsGoingOn(state).map(({ attempt }) => attempt.job));
  if (signal.aborted && jobs.size > 0)
    events.say(
      `what is submitted goes on; --resume collects it. End it with: scancel ${[...jobs].map((job) => `--name=${job}`).join(" ")}`,
    );
}

/** Logs of tasks that were given up stay. */
function removeLogs(state: State, folder: string): void {
  const { logs } = slurmPaths(folder);
  const kept = new Set(
    state.tasks
      .filter(ledger.isGivenUp)
      .flatMap((task) => task.attempts.map((attempt) => `${attempt.job}_${ledger.indexIn(task, attempt)}.log`)),
  );
  for (const log of host.files.list(logs)) if (!kept.has(log)) host.files.remove(host.files.join(logs, log));
}
