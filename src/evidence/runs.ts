// Several runs seen as one, by one rule for `report`, `tables`, `merge` and `compare`:
//
//   a process is known by what it is (code and case, start, samples): it counts once, however often it was copied;
//   processes of one case in several runs of one machine stand beside each other;
//   engines and scales are part of a case, so their results stay apart;
//   one case on two machines is refused: its times belong to no common distribution.

import { UsageError } from "#base/errors";
import { groupBy } from "#base/group";
import { atomName, effectiveRecords } from "#store/atoms";
import type { Environment, Manifest, RunRecord } from "#store/record";
import { caseLabel } from "./case-lines.ts";

/** What this layer needs of a loaded run. */
export interface Run {
  readonly manifest: Manifest;
  readonly records: readonly RunRecord[];
}

export interface JoinedRuns {
  /** oldest first, whatever the order in which they were named */
  readonly manifests: readonly Manifest[];
  readonly environments: ReadonlyMap<string, Environment>;
  /** lines of finished atoms, older runs first, processes numbered on from run to run */
  readonly records: readonly RunRecord[];
  readonly warnings: readonly string[];
}

/** @throws {UsageError} two runs hold one case from two machines */
export function joinRuns(runs: readonly Run[]): JoinedRuns {
  const ordered = runs.toSorted(
    (a, b) => a.manifest.startedAt.localeCompare(b.manifest.startedAt) || a.manifest.run.localeCompare(b.manifest.run),
  );
  const seen = new Set<string>();
  const next = new Map<string, number>();
  const warnings: string[] = [];
  refuseTwoMachines(ordered);
  const records = ordered.flatMap(({ manifest, records: lines }) => {
    if (ordered.length === 1) return finished(lines);
    const atoms = [...groupBy(finished(lines), ({ matchup, process }) => atomName(matchup, process)).values()];
    const fresh = atoms.filter((atom) => !atom.every((line) => seen.has(identityOf(line))));
    for (const line of atoms.flat()) seen.add(identityOf(line));
    const copies = atoms.length - fresh.length;
    if (copies > 0) warnings.push(`${manifest.run} repeats ${copies} of ${atoms.length} processes, which count once`);
    return numberedOn(fresh, next);
  });
  return { manifests: ordered.map(({ manifest }) => manifest), environments: environmentsOf(runs), records, warnings };
}

/** In file order: which code is newer is told by it. */
function finished(records: readonly RunRecord[]): readonly RunRecord[] {
  const counting = new Set(effectiveRecords(records));
  return records.filter((record) => counting.has(record));
}

/** The first times of a training tell it from any other. */
const TOLD_STEPS = 8;

/** What a line is, whatever run and process number it stands under. */
function identityOf(record: RunRecord): string {
  const { key, round, startedAt, status } = record;
  const found =
    record.status === "ok"
      ? [
          record.secondsSamples,
          record.memory,
          record.training?.stepSecondsSamples.slice(0, TOLD_STEPS),
          record.training?.scores,
        ]
      : record.reason;
  return JSON.stringify([key, round, startedAt, status, found]);
}

/** Gives the processes of a run numbers after those of the runs before: a matchup measured twice has more processes. */
function numberedOn(atoms: readonly (readonly RunRecord[])[], next: Map<string, number>): RunRecord[] {
  const offsets = new Map(next);
  return atoms.flat().map((record) => {
    const process = record.process + (offsets.get(record.matchup) ?? 0);
    next.set(record.matchup, Math.max(next.get(record.matchup) ?? 0, process + 1));
    return process === record.process ? record : { ...record, process };
  });
}

function refuseTwoMachines(runs: readonly Run[]): void {
  // Runs are told apart by themselves: two machines may have given theirs one name.
  const known = new Map<string, { readonly manifest: Manifest; readonly machine: string }>();
  for (const { manifest, records } of runs) {
    const environments = new Map(Object.entries(manifest.environments));
    for (const { caseId, case: item, environment } of records) {
      const machine = machineOf(environments.get(environment));
      const other = known.get(caseId);
      if (other === undefined) known.set(caseId, { manifest, machine });
      else if (other.manifest !== manifest && other.machine !== machine) {
        const rule = "Times of two machines are not joined. Report each run apart, or compare them.";
        const where = `${caseLabel(item)} was measured on ${other.machine} in ${other.manifest.run} and on ${machine} in ${manifest.run}`;
        throw new UsageError(`${where}. ${rule}`, { caseId, runs: [other.manifest.run, manifest.run] });
      }
    }
  }
}

function environmentsOf(runs: readonly Run[]): ReadonlyMap<string, Environment> {
  return new Map(runs.flatMap(({ manifest }) => Object.entries(manifest.environments)));
}

/** A machine by what decides its speed. Host names are not among it: containers draw a new one at every start. */
export function machineOf(environment: Environment | undefined): string {
  if (environment === undefined) return "an unknown machine";
  const { platform, cpu, cores, device, browser, host = "" } = environment;
  // Browsers do not name the processor: which of them it is tells two machines apart that look alike.
  const within = browser === undefined ? "" : `, ${browser.name} ${host}`;
  return `${cpu} × ${cores}, ${platform}${device.kind === "gpu" ? `, ${device.name}` : ""}${within}`;
}

/** The machines that a run's records are from. */
export function machinesOf(run: Run): string[] {
  return [...new Set(usedEnvironments(run).map(machineOf))].sort();
}

export const DIFFERENCES = ["machine", "engine", "scale"] as const;
export type Difference = (typeof DIFFERENCES)[number];

/**
 * Checks that two runs may be compared.
 *
 * @returns what differs without forbidding it: versions, commits, host names
 * @throws {UsageError} machines, engines or scales differ and `allow` does not name it, or one run has no records
 */
export function checkComparable(baseline: Run, candidate: Run, allow: readonly Difference[] = []): string[] {
  for (const { manifest, records } of [baseline, candidate]) {
    if (records.length === 0)
      throw new UsageError(`Run ${manifest.run} has no records: there is nothing to compare.`, { run: manifest.run });
  }
  const allowed = DIFFERENCES.flatMap((difference) => {
    const [before, after] = [describe(baseline, difference), describe(candidate, difference)];
    if (before === after) return [];
    const text = `${difference} differs: ${before} in ${baseline.manifest.run}, ${after} in ${candidate.manifest.run}`;
    if (allow.includes(difference)) return [text];
    const remedy = `Allow it with --allow-different ${difference}.`;
    throw new UsageError(`These runs are not comparable: ${text}. ${remedy}`, { difference, before, after });
  });
  const told = Object.entries(SOFT_FACTS).flatMap(([name, read]) => {
    const [before, after] = [baseline, candidate].map((run) => distinct(usedEnvironments(run).map(read)));
    return before === after ? [] : [`${name} differs: ${before} → ${after}`];
  });
  return [...allowed, ...told, ...sameProcesses(baseline, candidate)];
}

/** A run beside a copy of itself shows no more than that it is a copy. */
function sameProcesses(baseline: Run, candidate: Run): string[] {
  const known = new Set(finished(baseline.records).map(identityOf));
  const both = finished(candidate.records).filter((record) => known.has(identityOf(record))).length;
  return both === 0 ? [] : [`${both} records are in both runs: they are the same measurement, no repetition of it`];
}

function describe(run: Run, difference: Difference): string {
  if (difference === "machine") return distinct(usedEnvironments(run).map(machineOf));
  return distinct(run.records.map((record) => record.case[difference]));
}

function usedEnvironments({ manifest, records }: Run): Environment[] {
  const used = new Set(records.map((record) => record.environment));
  return Object.entries(manifest.environments).flatMap(([hash, environment]) => (used.has(hash) ? [environment] : []));
}

/** What may differ, and is told. */
const SOFT_FACTS: Readonly<Record<string, (environment: Environment) => string>> = {
  "host name": ({ host = "" }) => host,
  "Node version": ({ node = "" }) => node,
  "Node flags": ({ nodeFlags = [] }) => nodeFlags.join(" "),
  commit: ({ gitCommit, gitDirty }) => `${gitCommit ?? "unknown"}${gitDirty === true ? " (with changes)" : ""}`,
  packages: ({ packages }) =>
    Object.entries(packages)
      .sort()
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
};

function distinct(values: readonly string[]): string {
  return [...new Set(values)].sort().join(" + ") || "unknown";
}
