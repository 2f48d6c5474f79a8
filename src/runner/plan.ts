// From cases to what has to be done: cases grouped into matchups, matchups repeated in fresh processes,
// minus what a run folder already holds.

import { groupBy } from "#base/group";
import { shortHash } from "#base/json";
import { atomName, effectiveRecords, finishedKeys } from "#store/atoms";
import type { RunRecord } from "#store/record";
import { caseId, matchupFields, matchupId, type Case } from "#case/case";
import type { Suite } from "#case/suite";
import type { GivenProgram } from "#programs/named";
import { codeHash } from "./code-hash.ts";
import { programOf } from "./outside.ts";
import { Limits } from "./skips.ts";

/** One matchup in one fresh process: the unit that is run, recorded and resumed. */
export interface Atom {
  readonly matchup: string;
  readonly process: number;
  readonly cases: readonly Case[];
  /** contenders from outside that its cases name */
  readonly programs?: readonly GivenProgram[];
  /** it belongs to the first answer */
  readonly leads?: true;
}

export interface PlannedSuite {
  readonly suite: Suite;
  readonly cases: readonly Case[];
}

/** The code that computes a case; of a program from outside the digest of what it is. */
export function codeOf(item: Case, programs: readonly GivenProgram[] = []): string {
  return programOf(item, programs)?.digest ?? codeHash(item);
}

/** `caseId` and the hash of the code that computes the case. */
export function caseKey(item: Case, programs?: readonly GivenProgram[]): string {
  return shortHash(`${caseId(item)} ${codeOf(item, programs)}`);
}

/**
 * All atoms of the suites: what gives a first answer, then first processes of every matchup, so that a run that is cut short
 * has everything once before it has anything else twice.
 */
export function planAtoms(suites: readonly PlannedSuite[], programs: readonly GivenProgram[] = []): Atom[] {
  const atoms: Atom[] = [];
  const matchupOf = hashedOnce();
  for (const { suite, cases } of suites) {
    for (const [matchup, members] of groupBy(cases, matchupOf)) {
      const processes = suite.processes[members[0]!.scale];
      const named = programs.filter((program) => members.some((item) => programOf(item, programs) === program));
      const common = {
        matchup,
        cases: members,
        ...(named.length === 0 ? {} : { programs: named }),
        ...(members.some((item) => suite.leads?.(item)) ? { leads: true as const } : {}),
      };
      for (let process = 0; process < processes; process++) atoms.push({ process, ...common });
    }
  }
  const leads = (atom: Atom) => Number(atom.leads === true);
  return atoms.sort((a, b) => leads(b) - leads(a) || a.process - b.process); // stable: suites keep their order
}

/** `matchupId`; of cases whose fields of the matchup read alike it is computed once: hashes are most of the time that a large plan takes. */
function hashedOnce(): (item: Case) => string {
  const known = new Map<string, string>();
  return (item) => {
    const text = JSON.stringify(matchupFields(item));
    const id = known.get(text) ?? matchupId(item);
    known.set(text, id);
    return id;
  };
}

/** One of `of` parts of a plan, `index` from 1: whole matchups with all their processes, so that ratios of contenders survive. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** Every `of`-th matchup, from the `index`-th on. */
export function ofShard(atoms: readonly Atom[], shard: Shard = { index: 1, of: 1 }): Atom[] {
  const numbers = new Map<string, number>();
  for (const { matchup } of atoms) if (!numbers.has(matchup)) numbers.set(matchup, numbers.size);
  return atoms.filter(({ matchup }) => numbers.get(matchup)! % shard.of === shard.index - 1);
}

/**
 * The atoms that a run folder does not hold yet; with `retryFailed` also those with a failed, oom or timeout case. What was
 * skipped for a shorter length that is run again, or has a result by now, remains as well.
 */
export function remainingAtoms(atoms: readonly Atom[], records: readonly RunRecord[], retryFailed: boolean): Atom[] {
  if (records.length === 0) return [...atoms];
  const finished = finishedKeys(records);
  const broken = new Set(
    effectiveRecords(records)
      .filter(({ status }) => status !== "ok" && status !== "skipped")
      .map((record) => atomName(record.matchup, record.process)),
  );
  const again = atoms.filter((atom) => {
    const keys = finished.get(nameOf(atom));
    const isComplete = keys !== undefined && atom.cases.every((item) => keys.has(caseKey(item, atom.programs)));
    return !isComplete || (retryFailed && broken.has(nameOf(atom)));
  });
  const [before, now] = [new Limits(records), new Limits(recordsBeside(again, records))];
  const groundless = new Set(
    effectiveRecords(records)
      .filter(({ status }) => status === "skipped")
      .filter(({ case: item }) => before.reasonToSkip(item) !== undefined && now.reasonToSkip(item) === undefined)
      .map((record) => atomName(record.matchup, record.process)),
  );
  const begunAgain = new Set(again);
  return atoms.filter((atom) => begunAgain.has(atom) || groundless.has(nameOf(atom)));
}

/** The records that count, without those of atoms that are run again: how these ended before says nothing of now. */
export function recordsBeside(atoms: readonly Atom[], records: readonly RunRecord[]): RunRecord[] {
  const names = new Set(atoms.map(nameOf));
  return effectiveRecords(records).filter(({ matchup, process }) => !names.has(atomName(matchup, process)));
}

function nameOf({ matchup, process }: Atom): string {
  return atomName(matchup, process);
}

/** How many of the cases to run have finished before under other code: their results stay, but these begin anew. */
export function casesBegunAnew(remaining: readonly Atom[], records: readonly RunRecord[]): number {
  if (records.length === 0) return 0;
  const codes = new Map<string, Set<string>>();
  for (const { caseId: id, key } of effectiveRecords(records)) codes.set(id, (codes.get(id) ?? new Set()).add(key));
  const cases = new Map(
    remaining.flatMap((atom) => atom.cases.map((item) => [caseId(item), caseKey(item, atom.programs)])),
  );
  return [...cases].filter(([id, key]) => codes.get(id) !== undefined && !codes.get(id)!.has(key)).length;
}
