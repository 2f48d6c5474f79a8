// Measures atoms on this machine: correctness first, then atom after atom; every finished atom is kept before the next one of its worker starts.

import { systemClock } from "#base/clock";
import { deadlineIn } from "#base/deadline";
import { hashJson } from "#base/json";
import type { Seconds } from "#base/units";
import type { RunPaths } from "#store/layout";
import type { Environment, RunRecord } from "#store/record";
import type { RunEvents } from "./activity.ts";
import { runAtom, timeSteps, type AtomTools } from "./atom.ts";
import { checkCorrectness } from "./correctness.ts";
import { InterruptedError } from "./interrupted.ts";
import type { RunOptions } from "./options.ts";
import { runPhases } from "./phases.ts";
import { recordsBeside, type Atom } from "./plan.ts";
import { Limits } from "./skips.ts";
import { slotsFor } from "./slots.ts";

export interface Measuring {
  readonly atoms: readonly Atom[];
  readonly options: RunOptions;
  readonly environment: Environment;
  readonly paths: RunPaths;
  /** what a resumed run already holds */
  readonly records: readonly RunRecord[];
  readonly signal: AbortSignal;
  /** asks to pause: what runs goes on to its end, and nothing new is started */
  readonly pause?: AbortSignal | undefined;
  readonly events: RunEvents;
  readonly endings?: AtomTools["endings"];
  /** others use the machine too: step times of trainings are none to claim */
  readonly isBesideOthers?: boolean;
  /** The first answer is on the disk, and there is more to measure; what comes next waits. */
  readonly onFirstAnswer?: (() => Promise<void>) | undefined;
  /** Puts the records of a finished atom on the disk. */
  keep(atom: Atom, records: readonly RunRecord[]): void | Promise<void>;
}

/** @returns atoms not run, or not to their end, because the run's budget was spent @throws {InterruptedError} */
export async function measure({ atoms, options, environment, signal, events, ...rest }: Measuring): Promise<number> {
  const slots = slotsFor(options.jobs, options);
  const correctness = await checkCorrectness(atoms, { options, environment, signal, events, slots });
  if (signal.aborted) throw new InterruptedError();
  const limits = new Limits(recordsBeside(atoms, rest.records));
  const environmentHash = hashJson(environment);
  const tools: Omit<AtomTools, "signal" | "slot"> = {
    options,
    correctness,
    environmentHash,
    paths: rest.paths,
    limits,
    endings: rest.endings,
    events,
  };
  const leading = new Set(atoms.filter((atom) => atom.leads));
  const isAll = leading.size === atoms.length;
  const startedAt = new Map<Atom, Seconds>();
  const leftOver = await runPhases({
    atoms,
    slots,
    deadline: deadlineIn(options.runBudget, rest.pause), // the check does not count: killed more often than it lasts, a run would never get on
    signal,
    keepsCheckpoints: options.training.checkpointFolder !== undefined,
    run: (atom, conditions) => {
      startedAt.set(atom, systemClock.now());
      const stepTimes = rest.isBesideOthers === true ? { stepTimes: new Map() } : {};
      return runAtom(atom, { ...tools, ...stepTimes, ...conditions });
    },
    timeSteps: (atom, stop) => timeSteps(atom, { ...tools, signal: stop }),
    keep: async (atom, records) => {
      for (const record of records) limits.note(record.case, record.status);
      await rest.keep(atom, records);
      events.onAtom(atom, records, systemClock.now() - startedAt.get(atom)!);
      if (leading.delete(atom) && leading.size === 0 && !isAll) await rest.onFirstAnswer?.();
    },
  });
  if (signal.aborted) throw new InterruptedError();
  return leftOver;
}
