// In which order atoms run, and which of them side by side: what is timed runs alone, when nothing else of this run does; trainings and
// readings of memory share the machine.

import { caseId } from "#case/case";
import type { Seconds } from "#base/units";
import type { RunRecord } from "#store/record";
import type { Atom } from "./plan.ts";
import { WHOLE_MACHINE, type Slot } from "./slot.ts";

/** Step times of a training, taken when nothing else ran; by case id. */
export type StepTimes = ReadonlyMap<string, readonly Seconds[]>;

export interface Pool {
  readonly atoms: readonly Atom[];
  readonly slots: readonly Slot[];
  /** the run's budget is spent: no atom is started any more */
  readonly deadline: AbortSignal;
  /** a person ends the run */
  readonly signal: AbortSignal;
  /** trainings keep checkpoints: at the deadline they stop, and go on from there later */
  readonly keepsCheckpoints: boolean;
  /** Runs an atom to its records; none when the signal ended it. @param stepTimes given where it runs beside others */
  run(atom: Atom, conditions: { signal: AbortSignal; slot: Slot; stepTimes?: StepTimes }): Promise<RunRecord[]>;
  /** A few steps of a training. */
  timeSteps(atom: Atom, signal: AbortSignal): Promise<readonly Seconds[]>;
  /** Keeps the records of a finished atom; the next one waits for it. */
  keep(atom: Atom, records: readonly RunRecord[]): Promise<void>;
}

export function isTraining({ cases }: Atom): boolean {
  return cases[0]!.kind === "training";
}

/** Whether other work beside it would change what an atom finds. */
export function isTimed({ cases }: Atom): boolean {
  return cases.some((item) => (item.kind === "operator" ? item.quantity === "time" : item.kind !== "training"));
}

/**
 * With one slot atom after atom, as planned. With more: first what is timed, and a few steps of each training, alone; then the
 * readings of memory and the trainings side by side; at last, alone again, what had too little memory beside others.
 *
 * @returns atoms that are left, because the deadline came or the signal
 */
export async function runPhases(pool: Pool): Promise<number> {
  const { atoms, slots, signal, deadline } = pool;
  const alone = { pool, slots: [WHOLE_MACHINE] };
  if (slots.length === 1) return work({ ...alone, queue: [...atoms] });
  const others = atoms.filter((atom) => !isTimed(atom));
  const left = await work({ ...alone, queue: atoms.filter(isTimed) });
  const stepTimes = new Map<string, readonly Seconds[]>();
  for (const atom of others.filter(isTraining)) {
    if (signal.aborted || deadline.aborted) break;
    stepTimes.set(caseId(atom.cases[0]!), await pool.timeSteps(atom, signal));
  }
  const tooLarge: Atom[] = [];
  const queue = [...others.filter((atom) => !isTraining(atom)), ...others.filter(isTraining)];
  const leftBeside = await work({ pool, slots, queue, stepTimes, tooLarge });
  return left + leftBeside + (await work({ ...alone, queue: tooLarge, stepTimes }));
}

interface Phase {
  readonly pool: Pool;
  readonly slots: readonly Slot[];
  readonly queue: Atom[];
  readonly stepTimes?: StepTimes;
  /** takes atoms that are to be tried again with the memory of the whole machine */
  readonly tooLarge?: Atom[];
}

/** A worker for each slot; returns how many atoms are left. */
async function work({ pool, slots, queue, stepTimes, tooLarge }: Phase): Promise<number> {
  const { deadline, signal, keepsCheckpoints } = pool;
  const worker = async (slot: Slot) => {
    for (let atom = queue.shift(); atom !== undefined; atom = queue.shift()) {
      // A training may last for hours; where it keeps checkpoints it stops at the deadline. Other atoms are short and end.
      const stop = isTraining(atom) && keepsCheckpoints ? AbortSignal.any([signal, deadline]) : signal;
      const conditions = { signal: stop, slot, ...(stepTimes === undefined ? {} : { stepTimes }) };
      const records = deadline.aborted || signal.aborted ? [] : await pool.run(atom, conditions);
      if (records.length === 0 || signal.aborted) {
        queue.unshift(atom);
        return;
      }
      if (tooLarge !== undefined && records.some(({ status }) => status === "oom")) tooLarge.push(atom);
      else await pool.keep(atom, records);
    }
  };
  await Promise.all(slots.map(worker));
  return queue.length;
}
