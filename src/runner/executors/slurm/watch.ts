// Notes which attempts have ended: by their own word first, then by the scheduler's, then by its accounting.

import { host } from "#host/current";
import { EXIT } from "#base/errors";
import { attemptsGoingOn, indexIn, WHOLE, type TaskAttempt } from "./ledger.ts";
import { isGoingOn, type Scheduler, type Sighting } from "./scheduler.ts";
import { endFileSchema, readJson, slurmPaths, type Attempt, type State } from "./state.ts";

/** A file may take so long from a node to here; only then is an attempt without a trace lost. In looks. */
const PATIENCE = 3;
const FAILURES = ["FAILED", "NODE_FAIL", "BOOT_FAIL", "OUT_OF_MEMORY"];

export class Watch {
  readonly #state: State;
  readonly #scheduler: Scheduler;
  readonly #folder: string;
  /** how often an attempt was missing from what goes on */
  readonly #missed = new Map<Attempt, number>();

  constructor(state: State, { scheduler, folder }: { readonly scheduler: Scheduler; readonly folder: string }) {
    this.#state = state;
    this.#scheduler = scheduler;
    this.#folder = folder;
  }

  async look(): Promise<void> {
    const going = attemptsGoingOn(this.#state);
    if (going.length === 0) return;
    const seen = await this.#scheduler.queue(this.#state.name); // before the files: what ends in between has left its word
    const silent = going.filter((item) => !this.#hearEnd(item));
    if (seen === undefined) return;
    const missing = silent.filter((item) => {
      const sighting = find(seen, item);
      if (sighting !== undefined) item.attempt.accepted = true;
      return sighting === undefined || !isGoingOn(sighting);
    });
    for (const { attempt } of silent)
      if (!missing.some((item) => item.attempt === attempt)) this.#missed.delete(attempt);
    const overdue = missing.filter(({ attempt }) => {
      const times = (this.#missed.get(attempt) ?? 0) + 1;
      this.#missed.set(attempt, times);
      return times >= PATIENCE;
    });
    if (overdue.length > 0) await this.#judge(overdue, seen);
  }

  /** Whether an attempt has said that it ended. */
  #hearEnd({ task, attempt }: TaskAttempt): boolean {
    const path = slurmPaths(this.#folder).end(attempt.job, task.id);
    if (host.files.kind(path) === undefined) return false;
    const { code, node, gotOn } = readJson(path, endFileSchema);
    const isStopped = code === EXIT.incomplete;
    attempt.ended = code === EXIT.ok ? WHOLE : isStopped ? "stopped before its end" : `exit code ${code}`;
    attempt.node = node;
    if (gotOn) attempt.gotOn = true;
    if (code !== EXIT.ok && !isStopped) attempt.failed = true;
    return true;
  }

  /** Attempts that the scheduler calls ended, or does not know, and that have left no word of their own. */
  async #judge(overdue: readonly TaskAttempt[], seen: readonly Sighting[]): Promise<void> {
    const since = new Date(Math.min(...overdue.map(({ attempt }) => attempt.submittedAt)));
    const jobs = [...new Set(overdue.map(({ attempt }) => attempt.job))];
    const accounts = (await this.#scheduler.accounting(jobs, since)) ?? [];
    for (const { task, attempt } of overdue) {
      const known = find([...seen, ...accounts], { task, attempt });
      if (known !== undefined && isGoingOn(known)) continue;
      if (known === undefined && attempt.accepted !== true) {
        task.attempts.splice(task.attempts.indexOf(attempt), 1); // a parent died before it was submitted
        continue;
      }
      attempt.ended = known?.state ?? "no trace of it in squeue and sacct";
      if (known !== undefined && known.node !== "") attempt.node = known.node;
      if (FAILURES.includes(attempt.ended)) attempt.failed = true;
    }
  }
}

function find(sightings: readonly Sighting[], { task, attempt }: TaskAttempt): Sighting | undefined {
  const index = indexIn(task, attempt);
  return sightings.find((sighting) => sighting.job === attempt.job && sighting.index === index);
}
