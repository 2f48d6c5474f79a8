// What follows from the state of a run on Slurm: which tasks wait, which may run, which are given up, and which nodes fail.

import { groupBy } from "#base/group";
import { atomName } from "#store/atoms";
import type { Atom } from "../../plan.ts";
import type { Attempt, State, Task } from "./state.ts";

const MOST_ATTEMPTS = 3;
/** A node is given no more work after so many attempts that failed on it, and none that did its work. */
export const BAD_ENDS = 2;
/** How an attempt is called that did all it was given. */
export const WHOLE = "ended";

/** Atoms without records yet, by name. */
export type OpenAtoms = Map<string, Atom>;

export interface TaskAttempt {
  readonly task: Task;
  readonly attempt: Attempt;
}

export function nameOf({ matchup, process }: Atom): string {
  return atomName(matchup, process);
}

export function atomsLeft({ atoms }: Task, open: OpenAtoms): Atom[] {
  return atoms.flatMap((name) => open.get(name) ?? []);
}

/** Attempts that may be in the queue or at work. */
export function attemptsGoingOn({ tasks }: State): TaskAttempt[] {
  return tasks.flatMap((task) =>
    task.attempts.filter(({ ended }) => ended === undefined).map((attempt) => ({ task, attempt })),
  );
}

/** Tasks with work and no attempt that may do it. */
export function waitingTasks({ tasks }: State, open: OpenAtoms): Task[] {
  return tasks.filter(
    (task) => task.attempts.every(({ ended }) => ended !== undefined) && atomsLeft(task, open).length > 0,
  );
}

/** Attempts that got on until their limit are no failures. */
export function countedAttempts(attempts: readonly Attempt[]): number {
  return attempts.filter(({ gotOn }) => gotOn !== true).length;
}

/** No further attempt is made. */
export function isGivenUp({ attempts }: Task): boolean {
  return attempts.every(({ ended }) => ended !== undefined) && countedAttempts(attempts) >= MOST_ATTEMPTS;
}

/** Its place in the array of an attempt: the last word of a job's name is the task at index 0. */
export function indexIn({ id }: Task, { job }: Attempt): number {
  return id - Number(job.split("-").at(-1));
}

/** Nodes on which attempts fail rather than end, while there are others: excluding all would leave nowhere to run. */
export function badNodes({ tasks }: State): string[] {
  const attempts = tasks.flatMap((task) => task.attempts).filter(({ node }) => node !== undefined);
  const byNode = groupBy(attempts, ({ node }) => node!);
  const isGood = (node: string) => byNode.get(node)!.some(({ ended }) => ended === WHOLE);
  const isBad = (node: string) => {
    const failures = byNode.get(node)!.filter(({ failed }) => failed === true).length;
    return failures >= BAD_ENDS && !isGood(node);
  };
  const nodes = [...byNode.keys()];
  return nodes.some(isGood) ? nodes.filter(isBad) : [];
}

/** All ends of a task's attempts, for people. */
export function endsOf({ attempts }: Task): string {
  return attempts.map(({ ended = "", node }) => `${ended}${node === undefined ? "" : ` on ${node}`}`).join("; ");
}
