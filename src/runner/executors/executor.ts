// What carries atoms out.

import type { RunRecord } from "#store/record";
import type { Atom } from "../plan.ts";

export interface Work {
  readonly atoms: readonly Atom[];
  /** children at once */
  readonly jobs: number;
  /** the run's budget is spent: no atom is started any more */
  readonly deadline: AbortSignal;
  /** a person ends the run */
  readonly signal: AbortSignal;
  /** Runs an atom to its records; none when the signal ended it. */
  run(atom: Atom, signal: AbortSignal): Promise<RunRecord[]>;
  /** Keeps the records of a finished atom; the next one waits for it. */
  keep(atom: Atom, records: readonly RunRecord[]): Promise<void>;
}

/** @returns atoms that are left, because the deadline came or the signal */
export type Executor = (work: Work) => Promise<number>;
