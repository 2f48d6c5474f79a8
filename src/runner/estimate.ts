// How long a run goes on: from what the same cases took before, and then from how the atoms that have ended compare with that.

import type { Seconds } from "#base/units";
import { caseId } from "#case/case";
import type { RunRecord } from "#store/record";
import type { Atom } from "./plan.ts";
import type { Pace } from "./training-pace.ts";

/** A process starts, loads its engine, and draws its inputs. */
const START: Seconds = 1.5;
/** Warm-up is a third of the budget; a first call and the end come on top. */
const SHARE_BESIDE_ROUNDS = 1.5;

/** Seconds of measuring or training that a case took per process, in the first of the runs that has it; by case id. */
function secondsBefore(runs: readonly (readonly RunRecord[])[]): Map<string, Seconds> {
  const known = new Map<string, Seconds>();
  for (const [id, seconds] of runs.flatMap((records) => [...secondsOfRun(records)]))
    if (!known.has(id)) known.set(id, seconds);
  return known;
}

function secondsOfRun(records: readonly RunRecord[]): Map<string, Seconds> {
  const sums = new Map<string, { seconds: number; processes: Set<string> }>();
  for (const record of records) {
    if (record.status !== "ok") continue;
    const sum = sums.get(record.caseId) ?? { seconds: 0, processes: new Set<string>() };
    sum.seconds += secondsIn(record);
    sum.processes.add(`${record.process} ${record.environment}`);
    sums.set(record.caseId, sum);
  }
  return new Map([...sums].map(([id, { seconds, processes }]) => [id, seconds / processes.size]));
}

function secondsIn(record: Extract<RunRecord, { status: "ok" }>): Seconds {
  const { secondsSamples = [], warmupSecondsSamples = [], firstCallSeconds = 0, training } = record;
  const timed = [...secondsSamples, ...warmupSecondsSamples].reduce((sum, seconds) => sum + seconds, firstCallSeconds);
  return timed + (training?.curve.at(-1)?.elapsedSeconds ?? 0) + 4 * (training?.evaluationSeconds ?? 0);
}

export interface Remaining {
  readonly seconds: Seconds;
  /** trainings of which nothing is known yet: the rest takes longer than `seconds` */
  readonly unknown: number;
}

/** What an atom is expected to take; undefined for a training of which nothing is known. */
export type SecondsOf = (atom: Atom) => Seconds | undefined;

export interface Beforehand {
  readonly contenderBudget: Seconds;
  /** of trainings that are in no earlier record */
  readonly pace?: Pace;
}

/** @param earlier records of this run, then of earlier ones, newest first */
export function expectations(
  earlier: readonly (readonly RunRecord[])[],
  { contenderBudget, pace = () => undefined }: Beforehand,
): SecondsOf {
  const before = secondsBefore(earlier);
  const suites = new Set(earlier.flatMap((records) => records.map((record) => record.case.suite)));
  const known = new Map<Atom, Seconds | undefined>();
  const secondsOf: SecondsOf = (atom) => {
    const [first] = atom.cases;
    const own = suites.has(first!.suite) ? before : NOTHING; // no case is hashed that cannot be there
    if (first!.kind !== "training") return START + measuringTime(atom, own, contenderBudget);
    const seconds = (own.size === 0 ? undefined : own.get(caseId(first!))) ?? pace(first!);
    return seconds === undefined ? undefined : START + seconds;
  };
  return (atom) => {
    if (!known.has(atom)) known.set(atom, secondsOf(atom));
    return known.get(atom);
  };
}

const NOTHING: ReadonlyMap<string, Seconds> = new Map();

/** Time of some atoms before any has run. */
export function totalOf(atoms: readonly Atom[], secondsOf: SecondsOf): Remaining {
  return new Estimate(atoms, secondsOf).remaining(undefined);
}

/** What is in work. */
interface Running {
  readonly atom: Atom;
  readonly since: Seconds;
  readonly left?: Seconds | undefined;
}

function suiteOf({ cases }: Atom): string {
  return cases[0]?.suite ?? "";
}

/** Keeps one remaining time over a run. */
export class Estimate {
  readonly #expected = new Map<Atom, Seconds | undefined>();
  #ended = { expected: 0, took: 0, count: 0 };
  /** what a training took of which nothing had been known, by suite: those beside it take about as long */
  readonly #learned = new Map<string, Seconds>();

  constructor(atoms: readonly Atom[], secondsOf: SecondsOf) {
    for (const atom of atoms) this.#expected.set(atom, secondsOf(atom));
  }

  /** An atom has ended. */
  note(atom: Atom, seconds: Seconds): void {
    const expected = this.#expected.get(atom);
    this.#expected.delete(atom);
    if (expected === undefined) {
      this.#learned.set(suiteOf(atom), seconds);
      return;
    }
    const { expected: sum, took, count } = this.#ended;
    this.#ended = { expected: sum + expected, took: took + seconds, count: count + 1 };
  }

  /** How much longer things take than expected: by what has ended, and by what goes on for longer than that already. */
  #factor(running: Running | undefined): number {
    const { expected, took } = this.#ended;
    const factor = expected > 0 ? took / expected : 1;
    const own = running === undefined ? undefined : this.#expected.get(running.atom);
    if (own === undefined || running === undefined || running.since <= factor * own) return factor;
    return (took + running.since) / (expected + own);
  }

  /** A training of which nothing is known takes as long as one of its suite. */
  #likeOthers(atom: Atom, running: Running | undefined): Seconds | undefined {
    const suite = suiteOf(atom);
    const learned = this.#learned.get(suite);
    if (learned !== undefined || running?.left === undefined || suiteOf(running.atom) !== suite) return learned;
    return running.since + running.left;
  }

  /** @param running seconds since the atom in work began, and what it says is left where it does */
  remaining(running: Running | undefined): Remaining {
    const factor = this.#factor(running);
    let [seconds, unknown] = [0, 0];
    for (const [atom, known] of this.#expected) {
      const isRunning = atom === running?.atom;
      const expected = known === undefined ? this.#likeOthers(atom, running) : factor * known;
      if (isRunning && running.left !== undefined) seconds += running.left;
      else if (expected === undefined) unknown++;
      else seconds += Math.max(0, expected - (isRunning ? running.since : 0));
    }
    return { seconds, unknown };
  }
}

function measuringTime({ cases }: Atom, before: ReadonlyMap<string, Seconds>, contenderBudget: Seconds): Seconds {
  const longest = SHARE_BESIDE_ROUNDS * contenderBudget;
  if (before.size === 0) return cases.length * longest;
  return cases.reduce((sum, item) => sum + (before.get(caseId(item)) ?? longest), 0);
}
