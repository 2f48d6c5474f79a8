// Which runs may be compared at all: same machine, same engines, same scale, unless a person says otherwise.

import { hashJson } from "#base/json";
import { UsageError } from "#base/errors";
import type { Environment, Manifest, RunRecord } from "#store/record";
import type { Case } from "#case/case";

/** What comparing needs of a loaded run. */
export interface ComparableRun {
  readonly manifest: Manifest;
  readonly records: readonly RunRecord[];
}

export const DIFFERENCES = ["machine", "engine", "scale"] as const;
export type Difference = (typeof DIFFERENCES)[number];

/**
 * Checks that two runs may be compared.
 *
 * @returns what differs without forbidding it: versions, commits, host names
 * @throws {UsageError} machines, engines or scales differ and `allow` does not name it, or one run has no records
 */
export function checkComparable(
  baseline: ComparableRun,
  candidate: ComparableRun,
  allow: readonly Difference[] = [],
): string[] {
  for (const { manifest, records } of [baseline, candidate]) {
    if (records.length === 0)
      throw new UsageError(`Run ${manifest.run} has no records: there is nothing to compare.`, { run: manifest.run });
  }
  const warnings: string[] = [];
  for (const difference of DIFFERENCES) {
    const [before, after] = [baseline, candidate].map((run) => describe(run, difference)) as [string, string];
    if (before === after) continue;
    const text = `${difference} differs: ${before} in ${baseline.manifest.run}, ${after} in ${candidate.manifest.run}`;
    if (!allow.includes(difference)) {
      throw new UsageError(`These runs are not comparable: ${text}. Allow it with --allow-different ${difference}.`, {
        difference,
        before,
        after,
      });
    }
    warnings.push(text);
  }
  return [...warnings, ...softDifferences(baseline, candidate)];
}

function describe(run: ComparableRun, difference: Difference): string {
  if (difference === "machine") return distinct(environmentsOf(run).map(machineOf));
  return distinct(run.records.map((record) => record.case[difference]));
}

/** A machine by what decides its speed. Host names are not among it: containers draw a new one at every start. */
function machineOf({ platform, cpu, cores, device }: Environment): string {
  return `${cpu} × ${cores}, ${platform}${device.kind === "gpu" ? `, ${device.name}` : ""}`;
}

function environmentsOf({ manifest, records }: ComparableRun): Environment[] {
  const used = new Set(records.map((record) => record.environment));
  return Object.entries(manifest.environments).flatMap(([hash, environment]) => (used.has(hash) ? [environment] : []));
}

function softDifferences(baseline: ComparableRun, candidate: ComparableRun): string[] {
  const facts: Readonly<Record<string, (environment: Environment) => string>> = {
    "host name": (environment) => environment.host ?? "",
    "Node version": (environment) => environment.node ?? "",
    "Node flags": (environment) => (environment.nodeFlags ?? []).join(" "),
    commit: (environment) =>
      `${environment.gitCommit ?? "unknown"}${environment.gitDirty === true ? " (with changes)" : ""}`,
    packages: (environment) =>
      Object.entries(environment.packages)
        .sort()
        .map(([name, version]) => `${name} ${version}`)
        .join(", "),
  };
  return Object.entries(facts).flatMap(([name, read]) => {
    const [before, after] = [baseline, candidate].map((run) => distinct(environmentsOf(run).map(read))) as [
      string,
      string,
    ];
    return before === after ? [] : [`${name} differs: ${before} → ${after}`];
  });
}

function distinct(values: readonly string[]): string {
  return [...new Set(values)].sort().join(" + ") || "unknown";
}

/** Name by which cases of two runs are aligned: the case's own, without the fields that are allowed to differ. */
export function alignmentId(item: Case, allow: readonly Difference[]): string {
  const { engine, scale, ...rest } = item;
  return hashJson({
    ...rest,
    ...(allow.includes("engine") ? {} : { engine }),
    ...(allow.includes("scale") ? {} : { scale }),
  });
}
