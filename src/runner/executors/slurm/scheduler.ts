// What a run asks of Slurm, by its commands, and what their answers mean. No answer means: not known, ask again.

import { execa } from "execa";
import type { Seconds } from "#base/units";

/** A submission without an answer is ended, and looked for by the job's name. */
const SUBMIT_LIMIT: Seconds = 45;
const ASK_LIMIT: Seconds = 60;
/** Slurm's own default. */
const USUAL_ARRAY_SIZE = 1001;

/** What a run needs of a scheduler. */
export interface Scheduler {
  /** The largest number of an index, plus one. */
  arraySize(): Promise<number>;
  /** Submits a script. Returns the reason where it is refused, or the answer was lost. */
  submit(script: string): Promise<string | undefined>;
  /** Every task of jobs whose names begin with `name` that the controller remembers; undefined where it does not answer. */
  queue(name: string): Promise<readonly Sighting[] | undefined>;
  /** The same from the accounting, for what the controller has forgotten; undefined where there is none or it does not answer. */
  accounting(jobs: readonly string[], since: Date): Promise<readonly Sighting[] | undefined>;
}

/** One task of an array as the scheduler sees it. */
export interface Sighting {
  readonly job: string;
  readonly index: number;
  readonly state: string;
  readonly node: string;
}

async function ask(command: readonly string[], limit: Seconds): Promise<string | undefined> {
  const { stdout, exitCode, failed } = await execa({ reject: false, timeout: 1000 * limit })`${command}`;
  return failed || exitCode !== 0 ? undefined : stdout;
}

export const slurm: Scheduler = {
  async arraySize() {
    return arraySizeIn((await ask(["scontrol", "show", "config"], ASK_LIMIT)) ?? "");
  },

  async submit(script) {
    const asked = execa({ reject: false, timeout: 1000 * SUBMIT_LIMIT, stdin: "ignore" })`sbatch --parsable ${script}`;
    asked.stderr.on("data", (said) => {
      if (/retrying/.test(String(said))) asked.kill(); // it would sleep for minutes; meanwhile nothing is collected
    });
    const { exitCode, stderr, timedOut, failed } = await asked;
    if (!failed && exitCode === 0) return undefined;
    return timedOut ? "no answer in time" : stderr.trim().split("\n").at(-1) || "sbatch could not be run";
  },

  async queue(name) {
    const fields = ["--me", "--noheader", "--array", "--states=all", "--format=%j|%K|%T|%N"];
    const answer = await ask(["squeue", ...fields], ASK_LIMIT);
    return answer === undefined ? undefined : sightingsIn(answer).filter(({ job }) => job.startsWith(`${name}-`));
  },

  async accounting(jobs, since) {
    const start = new Date(since.getTime() - 60_000 * since.getTimezoneOffset()).toISOString().slice(0, 19);
    const fields = ["--noheader", "--parsable2", "--allocations", "--array", "--format=JobName,JobID,State,NodeList"];
    const answer = await ask(["sacct", ...fields, `--starttime=${start}`, `--name=${jobs.join(",")}`], ASK_LIMIT);
    return answer === undefined ? undefined : accountsIn(answer);
  },
};

export function arraySizeIn(config: string): number {
  const size = Number(/^MaxArraySize\s*=\s*(\d+)/m.exec(config)?.[1] ?? USUAL_ARRAY_SIZE);
  return size > 0 ? size : USUAL_ARRAY_SIZE;
}

export function sightingsIn(text: string): Sighting[] {
  return text.split("\n").flatMap((line) => {
    const [job = "", index = "", state = "", node = ""] = line.trim().split("|");
    return /^\d+$/.test(index) ? [{ job, index: Number(index), state, node }] : [];
  });
}

export function accountsIn(text: string): Sighting[] {
  return text.split("\n").flatMap((line) => {
    const [job = "", id = "", state = "", node = ""] = line.trim().split("|");
    const index = /_(\d+)$/.exec(id)?.[1];
    return index === undefined ? [] : [{ job, index: Number(index), state: state.split(" ")[0]!, node }];
  });
}

const GOING_ON = new Set(
  "PENDING RUNNING SUSPENDED COMPLETING CONFIGURING RESIZING REQUEUED REQUEUE_HOLD REQUEUE_FED SIGNALING STAGE_OUT STOPPED SPECIAL_EXIT RESV_DEL_HOLD".split(
    " ",
  ),
);

export function isGoingOn({ state }: Sighting): boolean {
  return GOING_ON.has(state);
}

/** Whether a refusal passes by itself: a limit that is reached, or a controller that is busy. */
export function isForLater(refusal: string): boolean {
  return (
    /limit|temporarily|no answer|queue full|retrying|unable to contact|timed out|try again/i.test(refusal) &&
    !/invalid/i.test(refusal)
  );
}

/** [0, 1, 2, 5] → `0-2,5` */
export function ranges(indices: readonly number[]): string {
  const parts: [number, number][] = [];
  for (const index of [...indices].sort((a, b) => a - b)) {
    const last = parts.at(-1);
    if (last !== undefined && last[1] === index - 1) last[1] = index;
    else parts.push([index, index]);
  }
  return parts.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(",");
}
