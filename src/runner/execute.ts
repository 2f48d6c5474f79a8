// Carries out a plan: correctness first, then atom after atom; every finished atom is on the disk before the next one starts.

import { systemClock } from "#base/clock";
import { hashJson } from "#base/json";
import type { Seconds } from "#base/units";
import type { Environment, Manifest, RunRecord } from "#store/record";
import type { RunWriter } from "#store/writer";
import type { RunEvents } from "./activity.ts";
import { runAtom, type AtomTools } from "./atom.ts";
import { checkCorrectness } from "./correctness.ts";
import type { Executor } from "./executors/executor.ts";
import { InterruptedError } from "./interrupted.ts";
import type { RunOptions } from "./options.ts";
import { recordsBeside, type Atom } from "./plan.ts";
import { Limits } from "./skips.ts";

export interface Execution {
  readonly atoms: readonly Atom[];
  readonly options: RunOptions;
  readonly environment: Environment;
  readonly executor: Executor;
  readonly writer: RunWriter;
  readonly manifest: Manifest;
  /** what a resumed run already holds */
  readonly records: readonly RunRecord[];
  readonly signal: AbortSignal;
  readonly events: RunEvents;
  /** The first answer is on the disk, and there is more to measure. */
  readonly onFirstAnswer?: () => Promise<void>;
}

export interface ExecutionResult {
  /** atoms not run, or not to their end, because the run's budget was spent */
  readonly leftOver: number;
}

/** @throws {InterruptedError} */
export async function execute(execution: Execution): Promise<ExecutionResult> {
  const { options, environment, writer, signal, atoms, events } = execution;
  const environmentHash = hashJson(environment);
  const { environments } = execution.manifest;
  const manifest: Manifest = {
    ...execution.manifest,
    environments: { ...environments, [environmentHash]: environment },
  };
  writer.writeManifest(manifest);
  const correctness = await checkCorrectness(atoms, { options, environment, signal, events });
  if (signal.aborted) throw new InterruptedError();

  const limits = new Limits(recordsBeside(atoms, execution.records));
  const tools: Omit<AtomTools, "signal"> = {
    options,
    correctness,
    environmentHash,
    paths: writer.paths,
    limits,
    events,
  };
  const startedAt = new Map<Atom, Seconds>();
  const leading = new Set(atoms.filter((atom) => atom.leads));
  const isAll = leading.size === atoms.length;
  const leftOver = await execution.executor({
    atoms,
    jobs: options.jobs,
    deadline: deadlineIn(options.runBudget), // the check does not count: killed more often than it lasts, a run would never get on
    signal,
    run: (atom, stop) => {
      startedAt.set(atom, systemClock.now());
      return runAtom(atom, { ...tools, signal: stop });
    },
    keep: async (atom, records) => {
      writer.appendAtom(records);
      events.onAtom(atom, records, systemClock.now() - startedAt.get(atom)!);
      if (leading.delete(atom) && leading.size === 0 && !isAll) await execution.onFirstAnswer?.();
    },
  });
  if (signal.aborted) throw new InterruptedError();
  if (leftOver === 0) writer.writeManifest({ ...manifest, finishedAt: systemClock.timestamp() });
  return { leftOver };
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Aborts when the run's budget is spent; never where there is none. */
function deadlineIn(budget: Seconds | undefined): AbortSignal {
  if (budget === undefined) return new AbortController().signal;
  return AbortSignal.timeout(Math.min(1000 * budget, LONGEST_TIMER_MS));
}
