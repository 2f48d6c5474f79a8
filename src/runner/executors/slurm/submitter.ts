// Submits tasks as arrays. What is refused is tried again later, and in smaller parts.

import { counted } from "#base/counted";
import { EnvironmentError } from "#base/errors";
import { systemClock } from "#base/clock";
import { writeFileAtomic } from "#store/files";
import type { Execution } from "../executor.ts";
import { atomsLeft, attemptsGoingOn, badNodes, waitingTasks, type OpenAtoms } from "./ledger.ts";
import { isForLater, type Scheduler } from "./scheduler.ts";
import { scriptOf } from "./script.ts";
import { slurmPaths, writeState, type Attempt, type State, type Task } from "./state.ts";
import { longestOf, partsOf, TASK_KINDS } from "./tasks.ts";

/** A lone task that is refused so often, while none of this run is in the queue, is refused for what it asks. */
const MOST_REFUSALS = 3;

export interface SubmitterTools {
  readonly scheduler: Scheduler;
  readonly execution: Execution;
  readonly open: OpenAtoms;
}

export class Submitter {
  readonly #state: State;
  readonly #tools: SubmitterTools;
  readonly #folder: string;
  #arraySize: number | undefined;
  /** tasks of one submission; halved when one is refused */
  #most = Infinity;
  #refusals = 0;
  /** said once, however often it repeats */
  #saidLast = "";

  constructor(state: State, tools: SubmitterTools) {
    this.#state = state;
    this.#tools = tools;
    this.#folder = tools.execution.writer.paths.folder;
  }

  /**
   * Submits all tasks that wait, each array within the size that Slurm allows; after a refusal the rest waits for the next call.
   *
   * @throws {EnvironmentError} Slurm refuses what a task asks for
   */
  async submitWaiting(): Promise<void> {
    const { scheduler, open } = this.#tools;
    const waiting = waitingTasks(this.#state, open);
    if (waiting.length === 0) return;
    this.#arraySize ??= await scheduler.arraySize();
    for (const kind of TASK_KINDS) {
      const tasks = waiting.filter((task) => task.kind === kind);
      const arrays = partsOf(tasks, { size: this.#arraySize, most: this.#most });
      for (const array of arrays) if (!(await this.#submit(kind, array))) return;
    }
    this.#most = Infinity;
  }

  async #submit(kind: Task["kind"], tasks: readonly Task[]): Promise<boolean> {
    const { scheduler, execution } = this.#tools;
    const job = `${this.#state.name}-${this.#state.submissions++}-${tasks[0]!.id}`;
    const script = slurmPaths(this.#folder).script(job);
    for (const task of tasks) this.#writeTask(task);
    writeFileAtomic(script, this.#scriptFor(job, kind, tasks));
    const attempts = tasks.map((task) => {
      const attempt: Attempt = { job, submittedAt: Date.parse(systemClock.timestamp()) };
      task.attempts.push(attempt);
      return attempt;
    });
    writeState(this.#folder, this.#state); // before it is submitted: a parent that dies here looks for this name
    const refusal = await scheduler.submit(script);
    if (refusal === undefined) {
      for (const attempt of attempts) attempt.accepted = true;
      writeState(this.#folder, this.#state);
      this.#refusals = 0;
      execution.events.say(`${counted(tasks.length, "task")} submitted as ${job}`);
      return true;
    }
    const seen = await scheduler.queue(this.#state.name);
    if (seen === undefined || seen.some((sighting) => sighting.job === job)) return true; // accepted, or not known: it is looked for
    for (const task of tasks) task.attempts.pop();
    this.#backOff(tasks.length, refusal);
    return false;
  }

  #backOff(count: number, refusal: string): void {
    const passes = isForLater(refusal);
    const isLone = count === 1 && attemptsGoingOn(this.#state).length === 0;
    if (!passes && isLone && ++this.#refusals >= MOST_REFUSALS)
      throw new EnvironmentError(
        `Slurm refuses a single task (${refusal}). Look at the --slurm-… options and at sinfo; then continue with --resume and the right ones.`,
      );
    this.#most = passes ? Math.max(1, Math.floor(count / 2)) : 1;
    const line = `sbatch refused ${counted(count, "task")} (${refusal}); fewer are tried later`;
    if (line !== this.#saidLast) this.#tools.execution.events.say(line);
    this.#saidLast = line;
  }

  #scriptFor(job: string, kind: Task["kind"], tasks: readonly Task[]): string {
    const { logs } = slurmPaths(this.#folder);
    const ids = tasks.map(({ id }) => id);
    const submission = { job, kind, ids, seconds: longestOf(tasks), excluded: badNodes(this.#state) };
    return scriptOf({ ...submission, folder: this.#folder, logs }, this.#tools.execution.options.slurm ?? {});
  }

  #writeTask(task: Task): void {
    const { options } = this.#tools.execution;
    const { engine, gpuAdapter, contenderBudget, training, modules, memoryPerChild, threads } = options;
    const given = { engine, gpuAdapter, contenderBudget, training, modules, threads, memoryLimit: memoryPerChild };
    const atoms = atomsLeft(task, this.#tools.open);
    writeFileAtomic(slurmPaths(this.#folder).task(task.id), JSON.stringify({ ...given, kind: task.kind, atoms }));
  }
}
