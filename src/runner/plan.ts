// From cases to what has to be done: cases grouped into matchups, matchups repeated in fresh processes,
// minus what a run folder already holds.

import { UsageError } from "#base/errors";
import { groupBy } from "#base/group";
import { shortHash } from "#base/json";
import { unknownName } from "#base/registry";
import { operators } from "#ops/registry";
import { atomName, effectiveRecords, finishedKeys } from "#store/atoms";
import type { RunRecord } from "#store/record";
import { axesOf } from "#catalogue/axes";
import { caseId, matchupId, type Case } from "#case/case";
import type { Suite } from "#case/suite";
import { codeHash } from "./code-hash.ts";

/** One matchup in one fresh process: the unit that is run, recorded and resumed. */
export interface Atom {
  readonly matchup: string;
  readonly process: number;
  readonly cases: readonly Case[];
}

export interface PlannedSuite {
  readonly suite: Suite;
  readonly cases: readonly Case[];
}

/** `caseId` and the hash of the code that computes the case. */
export function caseKey(item: Case): string {
  return shortHash(`${caseId(item)} ${codeHash(item)}`);
}

/**
 * All atoms of the suites: first processes of every matchup first, so that a run that is cut short has
 * everything once before it has anything twice.
 */
export function planAtoms(suites: readonly PlannedSuite[]): Atom[] {
  const atoms: Atom[] = [];
  for (const { suite, cases } of suites) {
    for (const [matchup, members] of groupBy(cases, matchupId)) {
      const processes = suite.processes[members[0]!.scale];
      for (let process = 0; process < processes; process++) atoms.push({ matchup, process, cases: members });
    }
  }
  return atoms.sort((a, b) => a.process - b.process); // stable: suites keep their order
}

/** The atoms that a run folder does not hold yet; with `retryFailed` also those with a failed, oom or timeout case. */
export function remainingAtoms(atoms: readonly Atom[], records: readonly RunRecord[], retryFailed: boolean): Atom[] {
  const finished = finishedKeys(records);
  const broken = new Set(
    effectiveRecords(records)
      .filter(({ status }) => status !== "ok" && status !== "skipped")
      .map((record) => atomName(record.matchup, record.process)),
  );
  return atoms.filter((atom) => {
    const name = atomName(atom.matchup, atom.process);
    const keys = finished.get(name);
    const isComplete = keys !== undefined && atom.cases.every((item) => keys.has(caseKey(item)));
    return !isComplete || (retryFailed && broken.has(name));
  });
}

/** `--filter axis=value`, several values of an axis by repetition or commas: any of them. Axes are joined by "and". */
export type Filter = ReadonlyMap<string, ReadonlySet<string>>;

/** @throws {UsageError} not of the form axis=value */
export function parseFilter(texts: readonly string[]): Filter {
  const filter = new Map<string, Set<string>>();
  for (const text of texts) {
    const [axis, values, ...rest] = text.split("=");
    if (axis === undefined || axis === "" || values === undefined || values === "" || rest.length > 0) {
      throw new UsageError(
        `--filter must be axis=value (for example N=1024 or contender=softmax-full), got "${text}".`,
      );
    }
    const known = filter.get(axis) ?? new Set();
    for (const value of values.split(",")) known.add(value);
    filter.set(axis, known);
  }
  return filter;
}

/** @throws {UnknownNameError} an axis or a value that no case has */
export function applyFilter(cases: readonly Case[], filter: Filter): Case[] {
  const axes = cases.map((item) => ({ item, axes: axesOf(item) }));
  for (const [axis, values] of filter) {
    const known = new Set(axes.filter((entry) => axis in entry.axes).map((entry) => String(entry.axes[axis])));
    if (known.size === 0)
      throw unknownName("axis", axis, [...new Set(axes.flatMap((entry) => Object.keys(entry.axes)))]);
    for (const value of values) {
      if (!known.has(value)) throw unknownName(`value of axis ${axis}`, value, [...known]);
    }
  }
  return axes
    .filter((entry) => [...filter].every(([axis, values]) => values.has(String(entry.axes[axis]))))
    .map(({ item }) => item);
}

/** @throws {UsageError} a case that makes no sense, such as four scans in one dimension */
export function checkPossible(cases: readonly Case[]): void {
  for (const item of cases) {
    if (item.kind === "training") continue;
    const rule = operators.get(item.spec.op).impossible(item.spec, item.shape);
    if (rule !== undefined) {
      throw new UsageError(
        `${item.suite}: ${item.contender} on grid ${item.shape.grid.join("×")} is not possible: ${rule}.`,
      );
    }
  }
}
