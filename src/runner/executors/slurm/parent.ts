// The parent of a run on Slurm: submits arrays, collects what tasks leave in the run's folder, and submits again what was lost. It
// holds nothing that is not in that folder, so it may die, or go home, and come back with --resume.

import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { EnvironmentError } from "#base/errors";
import { counted } from "#base/counted";
import { hashJson } from "#base/json";
import type { Seconds } from "#base/units";
import { systemClock } from "#base/clock";
import { host } from "#host/current";
import { SCHEMA_VERSION, type Environment, type RunRecord } from "#store/record";
import { writeFileAtomic } from "#store/files";
import { atomName } from "#store/atoms";
import { caseId } from "#case/case";
import { Estimate } from "../../estimate.ts";
import { InterruptedError } from "../../interrupted.ts";
import { caseKey, codeOf, type Atom } from "../../plan.ts";
import type { Execution, Executor } from "../executor.ts";
import { accounting, arraySize, isGoingOn, queue, submit, type Sighting } from "./scheduler.ts";
import { scriptOf } from "./script.ts";
import { POLL_SECONDS, SLOWEST_POLL, TASK_SECONDS, type SlurmSettings } from "./settings.ts";
import {
  endFileSchema,
  readJson,
  readState,
  resultFileSchema,
  slurmPaths,
  writeState,
  type Attempt,
  type State,
  type Task,
} from "./state.ts";
import { packTasks, partsOf } from "./tasks.ts";

const MOST_ATTEMPTS = 3;
/** A node is given no more work after so many attempts that failed on it, while others do theirs. */
const BAD_ENDS = 2;
/** A file may take so long from a node to here; only then is an attempt without a trace lost. In polls. */
const PATIENCE = 3;

export const runOnSlurm: Executor = (execution) => new SlurmRun(execution).run();

class SlurmRun {
  readonly #execution: Execution;
  readonly #settings: SlurmSettings;
  readonly #folder: string;
  readonly #paths: ReturnType<typeof slurmPaths>;
  readonly #state: State;
  readonly #open: Map<string, Atom>;
  readonly #environments = new Map<string, Environment>();
  readonly #unseen = new Map<Attempt, number>();
  readonly #badEnds = new Map<string, number>();
  readonly #goodNodes = new Set<string>();
  readonly #began = systemClock.now();
  /** tasks of one submission; halved when one is refused */
  #most = Infinity;

  constructor(execution: Execution) {
    this.#execution = execution;
    const { writer, options, manifest, atoms } = execution;
    this.#settings = options.slurm ?? {};
    this.#folder = writer.paths.folder;
    this.#paths = slurmPaths(this.#folder);
    this.#environments = new Map(Object.entries(manifest.environments));
    this.#open = new Map(atoms.map((atom) => [nameOf(atom), atom]));
    this.#state = readState(this.#folder, () => `lnb-${randomBytes(4).toString("hex")}`);
  }

  async run(): Promise<number> {
    const { writer, manifest, signal, events } = this.#execution;
    const { slurmPoll = POLL_SECONDS } = this.#settings;
    writer.writeManifest(manifest);
    host.files.makeFolder(this.#paths.logs);
    this.#collect();
    this.#addTasks();
    const size = await arraySize();
    let pause = slurmPoll;
    while (!signal.aborted) {
      const before = JSON.stringify(this.#state);
      await this.#look();
      if (this.#open.size === 0) break;
      if (this.#isOverBudget()) break;
      await this.#submitWaiting(size);
      writeState(this.#folder, this.#state);
      const isQuiet = before === JSON.stringify(this.#state);
      pause = isQuiet ? Math.min(1.5 * pause, SLOWEST_POLL * slurmPoll) : slurmPoll;
      await wait(1000 * pause, undefined, { signal }).catch(() => undefined);
    }
    writeState(this.#folder, this.#state);
    for (const node of this.#badNodes()) events.say(`node ${node} failed ${BAD_ENDS} times and was given no more work`);
    if (signal.aborted) {
      events.say(
        `what is submitted goes on; --resume collects it. End it with: scancel ${this.#jobsGoingOn()
          .map((job) => `--name=${job}`)
          .join(" ")}`,
      );
      throw new InterruptedError();
    }
    if (this.#open.size === 0) this.#finish();
    return this.#open.size;
  }

  #isOverBudget(): boolean {
    const { runBudget = Infinity } = this.#execution.options;
    return systemClock.now() - this.#began > runBudget;
  }

  /** Tasks for atoms that no task has. What belongs to a task of a parent before stays there. */
  #addTasks(): void {
    const { options, records } = this.#execution;
    const known = new Set(this.#state.tasks.flatMap(({ atoms }) => atoms));
    for (const task of this.#state.tasks) if (this.#isOver(task) && this.#atomsOf(task).length > 0) task.attempts = []; // --retry-failed
    const atoms = [...this.#open].filter(([name]) => !known.has(name)).map(([, atom]) => atom);
    const { slurmTask: seconds = TASK_SECONDS } = this.#settings;
    const secondsOf = (atom: Atom): Seconds =>
      new Estimate([atom], [records], options.contenderBudget).remaining(undefined).seconds;
    const { tasks } = this.#state;
    for (const packed of packTasks(atoms, { seconds, secondsOf }))
      tasks.push({
        id: tasks.length,
        kind: packed.kind,
        atoms: packed.atoms.map(nameOf),
        seconds: packed.seconds,
        attempts: [],
      });
    writeState(this.#folder, this.#state);
  }

  #atomsOf({ atoms }: Task): Atom[] {
    return atoms.flatMap((name) => this.#open.get(name) ?? []);
  }

  #isOver({ attempts }: Task): boolean {
    return (
      attempts.length > 0 &&
      attempts.every(({ ended }) => ended !== undefined) &&
      countedAttempts(attempts) >= MOST_ATTEMPTS
    );
  }

  /** Records that tasks have left; of an atom that is kept already they count for nothing. */
  #collect(): void {
    const { writer, events } = this.#execution;
    const { results } = this.#paths;
    if (host.files.kind(results) === undefined) return;
    for (const name of host.files.list(results).filter((file) => file.endsWith(".json"))) {
      const path = host.files.join(results, name);
      const { environment, seconds, records } = readJson(path, resultFileSchema);
      const atom = this.#open.get(atomName(records[0]!.matchup, records[0]!.process));
      if (atom !== undefined && isOf(records, atom)) {
        this.#know(environment);
        this.#open.delete(nameOf(atom));
        writer.appendAtom(records);
        events.onAtom(atom, records, seconds);
      }
      host.files.remove(path);
    }
  }

  /** An environment is in the manifest before a record names it. */
  #know(environment: Environment): void {
    const hash = hashJson(environment);
    if (this.#environments.has(hash)) return;
    this.#environments.set(hash, environment);
    const { writer, manifest } = this.#execution;
    writer.writeManifest({ ...manifest, environments: Object.fromEntries(this.#environments) });
  }

  /** Notes which attempts have ended: by their own word first, then by the scheduler's, then by its accounting. */
  async #look(): Promise<void> {
    const seen = await queue(this.#state.name);
    const missing: { task: Task; attempt: Attempt }[] = [];
    for (const task of this.#state.tasks)
      for (const attempt of task.attempts.filter(({ ended }) => ended === undefined)) {
        const path = this.#paths.end(attempt.job, task.id);
        const sighting = seen?.find(({ job, index }) => job === attempt.job && index === this.#indexOf(task, attempt));
        if (host.files.kind(path) !== undefined) {
          const { code, node, gotOn } = readJson(path, endFileSchema);
          this.#end(attempt, {
            how: code === 0 ? "ended" : code === 5 ? "stopped before its end" : `exit code ${code}`,
            node,
            isBad: code !== 0 && code !== 5,
          });
          if (gotOn) attempt.gotOn = true;
        } else if (sighting !== undefined && !isGoingOn(sighting)) missing.push({ task, attempt });
        else if (seen !== undefined && sighting === undefined) missing.push({ task, attempt });
        else this.#unseen.delete(attempt);
      }
    if (missing.length > 0) await this.#judge(missing, seen ?? []);
    this.#collect();
    for (const task of this.#state.tasks) if (this.#isOver(task)) this.#giveUp(task);
  }

  #indexOf(task: Task, attempt: Attempt): number {
    return task.id - Number(attempt.job.split("-").at(-1)); // the last word of a job's name is its offset
  }

  /** Attempts that the scheduler calls ended, or does not know, without a word of their own: their files may still be on the way. */
  async #judge(missing: readonly { task: Task; attempt: Attempt }[], seen: readonly Sighting[]): Promise<void> {
    const patient = missing.filter(({ attempt }) => {
      const times = (this.#unseen.get(attempt) ?? 0) + 1;
      this.#unseen.set(attempt, times);
      return times >= PATIENCE;
    });
    if (patient.length === 0) return;
    const since = new Date(Math.min(...patient.map(({ attempt }) => attempt.submittedAt)));
    const accounts = (await accounting([...new Set(patient.map(({ attempt }) => attempt.job))], since)) ?? [];
    for (const { task, attempt } of patient) {
      const known = [...seen, ...accounts].find(
        ({ job, index }) => job === attempt.job && index === this.#indexOf(task, attempt),
      );
      if (known !== undefined && isGoingOn(known)) continue;
      const state = known?.state ?? "no trace of it in squeue and sacct";
      this.#end(attempt, {
        how: state,
        node: known?.node,
        isBad: ["FAILED", "NODE_FAIL", "BOOT_FAIL"].includes(state),
      });
    }
  }

  #end(attempt: Attempt, { how, node, isBad }: { how: string; node?: string | undefined; isBad: boolean }): void {
    attempt.ended = how;
    if (node === undefined || node === "") return;
    attempt.node = node;
    if (isBad) this.#badEnds.set(node, (this.#badEnds.get(node) ?? 0) + 1);
    else if (how === "ended") this.#goodNodes.add(node);
  }

  #badNodes(): string[] {
    const others = (node: string) => [...this.#goodNodes].some((good) => good !== node);
    return [...this.#badEnds].filter(([node, count]) => count >= BAD_ENDS && others(node)).map(([node]) => node);
  }

  #jobsGoingOn(): string[] {
    return [
      ...new Set(
        this.#state.tasks.flatMap(({ attempts }) =>
          attempts.filter(({ ended }) => ended === undefined).map(({ job }) => job),
        ),
      ),
    ];
  }

  /** Submits tasks that have work and no attempt that may run; each array within the size that Slurm allows. */
  async #submitWaiting(size: number): Promise<void> {
    const waiting = this.#state.tasks.filter(
      (task) => this.#atomsOf(task).length > 0 && task.attempts.every(({ ended }) => ended !== undefined),
    );
    for (const kind of ["timed", "shared"] as const) {
      const tasks = waiting.filter((task) => task.kind === kind);
      for (const part of partsOf(tasks.slice(0, this.#most), size)) if (!(await this.#submitArray(kind, part))) return; // later
    }
    this.#most = Infinity;
  }

  async #submitArray(kind: Task["kind"], tasks: readonly Task[]): Promise<boolean> {
    const offset = tasks[0]!.id;
    const { events } = this.#execution;
    const job = `${this.#state.name}-${this.#state.submissions++}-${offset}`;
    const script = this.#paths.script(job);
    for (const task of tasks) this.#writeTask(task);
    writeFileAtomic(script, this.#scriptFor({ kind, tasks, offset, job }));
    const attempts = tasks.map((task) => ({
      task,
      attempt: { job, submittedAt: Date.parse(systemClock.timestamp()) } as Attempt,
    }));
    for (const { task, attempt } of attempts) task.attempts.push(attempt);
    writeState(this.#folder, this.#state); // before it is submitted: a parent that dies here looks for this name
    const refused = await submit(script);
    if (refused === undefined) {
      events.say(`${counted(tasks.length, "task")} submitted as ${job}`);
      return true;
    }
    const seen = await queue(this.#state.name);
    if (seen === undefined || seen.some((sighting) => sighting.job === job)) return true; // accepted, or not known: it is looked for
    for (const { task, attempt } of attempts) task.attempts.splice(task.attempts.indexOf(attempt), 1);
    this.#most = Math.max(1, Math.floor(Math.min(this.#most, tasks.length) / 2));
    events.say(`sbatch refused ${counted(tasks.length, "task")} (${refused}); fewer are tried later`);
    return false;
  }

  #scriptFor({
    kind,
    tasks,
    offset,
    job,
  }: {
    kind: Task["kind"];
    tasks: readonly Task[];
    offset: number;
    job: string;
  }): string {
    const seconds = Math.max(...tasks.map((task) => task.seconds));
    const { logs } = this.#paths;
    const ids = tasks.map(({ id }) => id);
    return scriptOf(
      { job, kind, ids, offset, seconds, excluded: this.#badNodes(), folder: this.#folder, logs },
      this.#settings,
    );
  }

  #writeTask(task: Task): void {
    const { engine, gpuAdapter, contenderBudget, training, modules, memoryPerChild, threads } = this.#execution.options;
    const { kind } = task;
    const given = { engine, gpuAdapter, contenderBudget, training, modules, threads, memoryLimit: memoryPerChild };
    writeFileAtomic(this.#paths.task(task.id), JSON.stringify({ ...given, kind, atoms: this.#atomsOf(task) }));
  }

  /** After the last attempt what is left is failed, with all reasons. */
  #giveUp(task: Task): void {
    const { writer, events, manifest } = this.#execution;
    const reason = `lost on Slurm: ${task.attempts.map(({ ended = "", node }) => `${ended}${node === undefined ? "" : ` on ${node}`}`).join("; ")}`;
    for (const atom of this.#atomsOf(task)) {
      const environment = [...this.#environments.keys()].at(-1) ?? Object.keys(manifest.environments)[0];
      if (environment === undefined)
        throw new EnvironmentError(`no node has measured anything: ${reason}. Their words are in ${this.#paths.logs}.`);
      const records = atom.cases.map((item, index): RunRecord => ({
        schema: SCHEMA_VERSION,
        status: "failed",
        reason,
        caseId: caseId(item),
        key: caseKey(item, atom.programs),
        codeHash: codeOf(item, atom.programs),
        matchup: atom.matchup,
        process: atom.process,
        round: 0,
        final: index === atom.cases.length - 1,
        environment,
        startedAt: systemClock.timestamp(),
        case: item,
      }));
      this.#open.delete(nameOf(atom));
      writer.appendAtom(records);
      events.onAtom(atom, records, 0);
    }
  }

  #finish(): void {
    const { writer, manifest } = this.#execution;
    const environments = Object.fromEntries(this.#environments);
    writer.writeManifest({ ...manifest, environments, finishedAt: systemClock.timestamp() });
    const failed = new Set(
      this.#state.tasks
        .filter((task) => this.#isOver(task))
        .flatMap(({ attempts, id }) => attempts.map(({ job }) => `${job}_${id - Number(job.split("-").at(-1))}.log`)),
    );
    for (const log of host.files.list(this.#paths.logs))
      if (!failed.has(log)) host.files.remove(host.files.join(this.#paths.logs, log));
  }
}

/** Attempts that took a training on until their limit are no failures. */
export function countedAttempts(attempts: readonly Attempt[]): number {
  return attempts.filter(({ gotOn }) => gotOn !== true).length;
}

function nameOf({ matchup, process }: Atom): string {
  return atomName(matchup, process);
}

/** Whether records are of an atom under the code of now. */
function isOf(records: readonly RunRecord[], atom: Atom): boolean {
  const keys = new Set(records.map(({ key }) => key));
  return records.at(-1)!.final && atom.cases.every((item) => keys.has(caseKey(item, atom.programs)));
}
