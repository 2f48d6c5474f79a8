// From atoms to tasks of minutes. All processes of a matchup stay together, on one node.

import { groupBy } from "#base/group";
import type { Seconds } from "#base/units";
import type { SecondsOf } from "../../estimate.ts";
import { isTraining, isTimed } from "../../phases.ts";
import type { Atom } from "../../plan.ts";

/** timed work has its node to itself; what is only scored shares one */
export const TASK_KINDS = ["timed", "shared"] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

export interface Packed {
  readonly kind: TaskKind;
  readonly atoms: readonly Atom[];
  /** undefined where a training of it is not known */
  readonly seconds: Seconds | undefined;
}

export interface Packing {
  /** of a task that is long enough */
  readonly seconds: Seconds;
  readonly secondsOf: SecondsOf;
}

/** Matchups of a kind one after another until a task is long enough; a training is a task of its own. Short tasks come first. */
export function packTasks(atoms: readonly Atom[], { seconds: enough, secondsOf }: Packing): Packed[] {
  const tasks: Packed[] = [];
  const open = new Map<TaskKind, { atoms: Atom[]; seconds: Seconds }>();
  for (const group of groupBy(atoms, ({ matchup }) => matchup).values()) {
    const kind: TaskKind = group.some(isTimed) ? "timed" : "shared";
    const seconds = sumOf(group.map(secondsOf));
    const before = open.get(kind);
    if (seconds === undefined || group.some(isTraining)) tasks.push({ kind, atoms: group, seconds });
    else if (before !== undefined && before.seconds + seconds <= enough) {
      before.atoms.push(...group);
      before.seconds += seconds;
    } else {
      if (before !== undefined) tasks.push({ kind, ...before });
      open.set(kind, { atoms: [...group], seconds });
    }
  }
  for (const [kind, last] of open) tasks.push({ kind, ...last });
  return tasks.toSorted((a, b) => (a.seconds ?? Infinity) - (b.seconds ?? Infinity) || 0); // ∞ − ∞ is no order
}

function sumOf(seconds: readonly (Seconds | undefined)[]): Seconds | undefined {
  return seconds.reduce((sum, each) => (sum === undefined || each === undefined ? undefined : sum + each), 0);
}

/** @returns undefined where one is not known */
export function longestOf(tasks: readonly { readonly seconds?: Seconds | undefined }[]): Seconds | undefined {
  const longest = Math.max(...tasks.map(({ seconds = Infinity }) => seconds));
  return Number.isFinite(longest) ? longest : undefined;
}

/** Tasks cut into arrays of at most `most`: an index counts from the first task of its array, and is smaller than `size`. */
export function partsOf<T extends { readonly id: number }>(
  tasks: readonly T[],
  { size, most = Infinity }: { readonly size: number; readonly most?: number },
): T[][] {
  const parts: T[][] = [];
  for (const task of tasks) {
    const last = parts.at(-1);
    if (last !== undefined && task.id - last[0]!.id < size && last.length < most) last.push(task);
    else parts.push([task]);
  }
  return parts;
}
