// A Slurm in memory, behind the interface that the parent asks: a queue with a limit, nodes that do an atom per question, and faults
// that are drawn from a seed. Tasks leave the same files as real ones; their records are made up.

import { readFileSync } from "node:fs";
import { hashJson } from "#base/json";
import type { Random } from "#base/random";
import { caseId } from "#case/case";
import { caseKey, codeOf, type Atom } from "#runner/plan";
import type { Scheduler, Sighting } from "#runner/executors/slurm/scheduler";
import { readJson, slurmPaths, taskFileSchema } from "#runner/executors/slurm/state";
import { writeFileAtomic } from "#store/files";
import { SCHEMA_VERSION, type RunRecord } from "#store/record";
import { fixtureRun } from "./fixture-records.ts";

/** `vanishes`: no state and no word of it remain; BOOT_FAIL comes before the first atom, the others at random. */
export type Fate = "well" | "BOOT_FAIL" | "FAILED" | "PREEMPTED" | "NODE_FAIL" | "stopped" | "vanishes";

export interface Conditions {
  readonly nodes: readonly string[];
  /** sbatch refuses what makes the queue longer, or always says the same */
  readonly mostJobs?: number;
  readonly refusal?: string;
  readonly hasAccounting?: boolean;
  /** share of questions that stay without an answer */
  readonly silence?: number;
  /** share of questions and submissions during which the parent dies */
  readonly deaths?: number;
  /** questions after which the controller forgets what has ended */
  readonly memory?: number;
  /** of an attempt that starts on a node */
  readonly fate: (random: Random, node: string) => Fate;
}

interface SimulatedTask extends Sighting {
  readonly job: string;
  readonly index: number;
  readonly id: number;
  state: string;
  node: string;
  fate: Fate;
  done: number;
  endedFor: number;
}

const [environment] = Object.values(fixtureRun().manifest.environments);

export class SimulatedSlurm implements Scheduler {
  readonly tasks: SimulatedTask[] = [];
  readonly #folder: string;
  readonly #conditions: Conditions;
  readonly #random: Random;

  constructor(folder: string, conditions: Conditions, random: Random) {
    this.#folder = folder;
    this.#conditions = conditions;
    this.#random = random;
  }

  async arraySize(): Promise<number> {
    return 4;
  }

  async submit(script: string): Promise<string | undefined> {
    const { mostJobs = Infinity, refusal } = this.#conditions;
    const dies = this.#dies();
    if (dies && this.#random.uniform() < 0.5) throw new ParentKilled();
    if (refusal !== undefined) return refusal;
    const text = readFileSync(script, "utf8");
    const [, job = ""] = /--job-name=(\S+)/.exec(text)!;
    const offset = Number(/SLURM_ARRAY_TASK_ID \+ (\d+)/.exec(text)![1]);
    const indices = /--array=(\S+)/.exec(text)![1]!.split(",").flatMap(ofRange);
    const waiting = this.tasks.filter(({ endedFor }) => endedFor === 0).length;
    if (waiting + indices.length > mostJobs) return "Batch job submission failed: submit limit reached";
    for (const index of indices)
      this.tasks.push({
        job,
        index,
        id: index + offset,
        state: "PENDING",
        node: "",
        fate: "well",
        done: 0,
        endedFor: 0,
      });
    if (dies) throw new ParentKilled();
    return this.#random.uniform() < (this.#conditions.silence ?? 0) ? "no answer in time" : undefined;
  }

  async queue(name: string): Promise<Sighting[] | undefined> {
    if (this.#dies()) throw new ParentKilled();
    this.#advance();
    if (this.#random.uniform() < (this.#conditions.silence ?? 0)) return undefined;
    const { memory = 5 } = this.#conditions;
    return this.tasks
      .filter(({ job, fate, endedFor }) => job.startsWith(name) && endedFor <= memory && !isGone(fate, endedFor))
      .map((task) => ({ ...task }));
  }

  async accounting(jobs: readonly string[]): Promise<Sighting[] | undefined> {
    if (this.#conditions.hasAccounting !== true) return undefined;
    return this.tasks.filter(({ job, fate, endedFor }) => jobs.includes(job) && !isGone(fate, endedFor));
  }

  #dies(): boolean {
    return this.#random.uniform() < (this.#conditions.deaths ?? 0);
  }

  /** Each node does an atom of its task, or takes one from the queue. */
  #advance(): void {
    for (const task of this.tasks) if (task.endedFor > 0) task.endedFor++;
    for (const node of this.#conditions.nodes) {
      const running = this.tasks.find((task) => task.state === "RUNNING" && task.node === node);
      if (running !== undefined) this.#work(running);
      else this.#start(node);
    }
  }

  #start(node: string): void {
    const isExcluded = ({ job }: SimulatedTask) =>
      new RegExp(`--exclude=.*${node}`).test(readFileSync(slurmPaths(this.#folder).script(job), "utf8"));
    const next = this.tasks.find((task) => task.state === "PENDING" && !isExcluded(task));
    if (next === undefined) return;
    Object.assign(next, { state: "RUNNING", node, fate: this.#conditions.fate(this.#random, node) });
  }

  #work(task: SimulatedTask): void {
    const paths = slurmPaths(this.#folder);
    const { atoms } = readJson(paths.task(task.id), taskFileSchema);
    const falls = task.fate === "BOOT_FAIL" || (task.fate !== "well" && this.#random.uniform() < 0.5);
    if (!falls && task.done < atoms.length) {
      const records = recordsOf(atoms[task.done] as Atom);
      const file = JSON.stringify({ environment, seconds: 1, records });
      writeFileAtomic(paths.result(task.job, task.id, task.done++), file);
      return;
    }
    task.endedFor = 1;
    task.state = falls ? (task.fate === "stopped" ? "FAILED" : task.fate) : "COMPLETED";
    if (falls && task.fate !== "stopped") return;
    const end = { code: falls ? 5 : 0, node: task.node, gotOn: task.done > 0 };
    writeFileAtomic(paths.end(task.job, task.id), JSON.stringify(end));
  }
}

/** The parent of now is no more. */
export class ParentKilled extends Error {}

function isGone(fate: Fate, endedFor: number): boolean {
  return fate === "vanishes" && endedFor > 0;
}

function ofRange(text: string): number[] {
  const [from = 0, to = from] = text.split("-").map(Number);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function recordsOf({ cases, matchup, process, programs }: Atom): RunRecord[] {
  return cases.map((item, index) => ({
    schema: SCHEMA_VERSION,
    status: "ok",
    secondsSamples: [1],
    caseId: caseId(item),
    key: caseKey(item, programs),
    codeHash: codeOf(item, programs),
    matchup,
    process,
    round: 0,
    final: index === cases.length - 1,
    environment: hashJson(environment),
    startedAt: "2026-01-02T03:04:05.000Z",
    case: item,
  }));
}
