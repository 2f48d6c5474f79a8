// Takes over what tasks leave in the run's folder, and what is lost for good.

import { EnvironmentError } from "#base/errors";
import { hashJson } from "#base/json";
import { systemClock } from "#base/clock";
import { caseId } from "#case/case";
import { host } from "#host/current";
import { SCHEMA_VERSION, type Environment, type RunRecord } from "#store/record";
import { atomName } from "#store/atoms";
import { caseKey, codeOf, type Atom } from "../../plan.ts";
import type { Execution } from "../executor.ts";
import { atomsLeft, endsOf, nameOf, type OpenAtoms } from "./ledger.ts";
import { readJson, resultFileSchema, slurmPaths, type Task } from "./state.ts";

export class Collector {
  readonly #execution: Execution;
  readonly #open: OpenAtoms;
  readonly #environments: Map<string, Environment>;

  constructor(execution: Execution, open: OpenAtoms) {
    this.#execution = execution;
    this.#open = open;
    this.#environments = new Map(Object.entries(execution.manifest.environments));
  }

  /** Records that tasks have left; of an atom that is kept already, or of other code than now, they count for nothing. */
  collect(): void {
    const { results } = slurmPaths(this.#execution.writer.paths.folder);
    if (host.files.kind(results) === undefined) return;
    for (const name of host.files.list(results).filter((file) => file.endsWith(".json"))) {
      const path = host.files.join(results, name);
      const { environment, seconds, records } = readJson(path, resultFileSchema);
      const atom = this.#open.get(atomName(records[0]!.matchup, records[0]!.process));
      if (atom !== undefined && isOf(records, atom)) {
        this.#know(environment);
        this.#keep(atom, records, seconds);
      }
      host.files.remove(path);
    }
  }

  /** After the last attempt what is left of a task is failed, with all reasons. @throws {EnvironmentError} no node is known */
  giveUp(task: Task): void {
    const atoms = atomsLeft(task, this.#open);
    if (atoms.length === 0) return;
    const reason = `lost on Slurm: ${endsOf(task)}`;
    const environment = [...this.#environments.keys()].at(-1);
    if (environment === undefined) {
      const { logs } = slurmPaths(this.#execution.writer.paths.folder);
      throw new EnvironmentError(`no node has measured anything: ${reason}. Their words are in ${logs}.`);
    }
    for (const atom of atoms) this.#keep(atom, failed(atom, { reason, environment }), 0);
  }

  finish(): void {
    this.#writeManifest({ finishedAt: systemClock.timestamp() });
  }

  #keep(atom: Atom, records: readonly RunRecord[], seconds: number): void {
    const { writer, events } = this.#execution;
    this.#open.delete(nameOf(atom));
    writer.appendAtom(records);
    events.onAtom(atom, records, seconds);
  }

  /** An environment is in the manifest before a record names it. */
  #know(environment: Environment): void {
    const hash = hashJson(environment);
    if (this.#environments.has(hash)) return;
    this.#environments.set(hash, environment);
    this.#writeManifest({});
  }

  #writeManifest(change: { readonly finishedAt?: string }): void {
    const { writer, manifest } = this.#execution;
    writer.writeManifest({ ...manifest, environments: Object.fromEntries(this.#environments), ...change });
  }
}

/** Whether records are of an atom under the code of now. */
function isOf(records: readonly RunRecord[], atom: Atom): boolean {
  const keys = new Set(records.map(({ key }) => key));
  return records.at(-1)!.final && atom.cases.every((item) => keys.has(caseKey(item, atom.programs)));
}

function failed(atom: Atom, { reason, environment }: { reason: string; environment: string }): RunRecord[] {
  return atom.cases.map((item, index) => ({
    schema: SCHEMA_VERSION,
    status: "failed",
    reason,
    caseId: caseId(item),
    key: caseKey(item, atom.programs),
    codeHash: codeOf(item, atom.programs),
    matchup: atom.matchup,
    process: atom.process,
    round: 0,
    final: index === atom.cases.length - 1,
    environment,
    startedAt: systemClock.timestamp(),
    case: item,
  }));
}
