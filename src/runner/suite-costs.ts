// What a plan costs, suite by suite, before it runs.

import { groupBy } from "#base/group";
import type { Bytes } from "#base/units";
import type { Case } from "#case/case";
import { totalOf, type Remaining, type SecondsOf } from "./estimate.ts";
import type { Atom } from "./plan.ts";

/** A line of a round, and of a training with its samples and curve: rough figures, for an order of magnitude. */
const BYTES_PER_LINE: Bytes = 1200;
const BYTES_PER_TRAINING: Bytes = 40_000;
const ROUNDS = 40;

export interface SuiteCost {
  readonly suite: string;
  readonly cases: number;
  readonly processes: number;
  readonly time: Remaining;
  /** of records */
  readonly bytes: Bytes;
}

export function suiteCosts(atoms: readonly Atom[], secondsOf: SecondsOf): SuiteCost[] {
  return [...groupBy(atoms, ({ cases }) => cases[0]!.suite)].map(([suite, own]) => {
    const cases = own.flatMap((atom) => atom.cases);
    const bytes = cases.reduce((sum, item) => sum + bytesOf(item), 0);
    return { suite, cases: cases.length, processes: own.length, time: totalOf(own, secondsOf), bytes };
  });
}

/** Of the records of a case in one process. */
function bytesOf(item: Case): Bytes {
  if (item.kind === "training") return BYTES_PER_TRAINING;
  return item.kind === "operator" && item.quantity === "memory" ? BYTES_PER_LINE : ROUNDS * BYTES_PER_LINE;
}
