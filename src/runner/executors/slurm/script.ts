// The batch script of one array.

import { fileURLToPath } from "node:url";
import type { Seconds } from "#base/units";
import type { SlurmSettings } from "./settings.ts";
import type { TaskKind } from "./tasks.ts";
import { ranges } from "./scheduler.ts";

const ENTRY = fileURLToPath(new URL("./node.js", import.meta.url));
/** A training writes its checkpoint in this time before its limit. */
const WARNED_BEFORE: Seconds = 120;

export interface Submission {
  readonly job: string;
  readonly kind: TaskKind;
  /** of its tasks; the first is index 0 of the array */
  readonly ids: readonly number[];
  /** of the longest; undefined where that is not known */
  readonly seconds: Seconds | undefined;
  readonly excluded: readonly string[];
  /** the run folder */
  readonly folder: string;
  readonly logs: string;
}

/** Nothing of the plan stands in it: a task reads its part from the run's folder. */
export function scriptOf(submission: Submission, settings: SlurmSettings): string {
  const { job, kind, ids, seconds, excluded, folder, logs } = submission;
  const { slurmPartition, slurmAccount, slurmGres, slurmMemory, slurmConstraint, slurmTime, slurmFlag = [] } = settings;
  const limit = slurmTime ?? limitFor(seconds);
  const warned = Math.floor(Math.min(WARNED_BEFORE, (limit ?? Infinity) / 4));
  const offset = ids[0]!;
  const options: Record<string, string | undefined> = {
    "job-name": job,
    array: ranges(ids.map((id) => id - offset)),
    output: `${logs}/${job}_%a.log`,
    "open-mode": "append",
    time: limit === undefined ? undefined : clockText(limit),
    signal: `B:USR2@${warned}`,
    partition: slurmPartition,
    account: slurmAccount,
    gres: slurmGres,
    mem: slurmMemory,
    constraint: slurmConstraint,
    exclude: excluded.length === 0 ? undefined : excluded.join(","),
  };
  return [
    "#!/bin/bash",
    ...Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [`#SBATCH --${name}=${value}`])),
    "#SBATCH --no-requeue", // a new attempt is a new job: two never write one file
    ...(kind === "timed" ? ["#SBATCH --exclusive"] : []),
    ...slurmFlag.map((flag) => `#SBATCH ${flag.startsWith("-") ? flag : `--${flag}`}`),
    // exec: the signal before the limit reaches the program itself
    `exec ${[process.execPath, ENTRY, folder].map(inShell).join(" ")} ${job} $((SLURM_ARRAY_TASK_ID + ${offset}))`,
    "",
  ].join("\n");
}

/** Start, correctness checks, and a node a third as fast as expected; where nothing is known the partition's own limit holds. */
function limitFor(seconds: Seconds | undefined): Seconds | undefined {
  return seconds === undefined ? undefined : 900 + 3 * seconds;
}

/** Slurm counts in minutes: whole ones, rounded up. */
function clockText(seconds: Seconds): string {
  return String(Math.ceil(seconds / 60));
}

function inShell(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
