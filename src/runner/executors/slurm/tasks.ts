// From atoms to tasks of minutes. All processes of a matchup stay together, on one node.

import { groupBy } from "#base/group";
import type { Seconds } from "#base/units";
import { isTraining, isTimed } from "../../phases.ts";
import type { Atom } from "../../plan.ts";

/** timed work has its node to itself; what is only scored shares one */
export type TaskKind = "timed" | "shared";

export interface Packed {
  readonly kind: TaskKind;
  readonly atoms: readonly Atom[];
  readonly seconds: Seconds;
}

/**
 * Matchups of a kind one after another until a task is long enough; a training is a task of its own. Short tasks come first.
 *
 * @param secondsOf what an atom is expected to take
 */
export function packTasks(
  atoms: readonly Atom[],
  { seconds: enough, secondsOf }: { readonly seconds: Seconds; readonly secondsOf: (atom: Atom) => Seconds },
): Packed[] {
  const tasks: Packed[] = [];
  const open = new Map<TaskKind, Packed>();
  for (const group of groupBy(atoms, ({ matchup }) => matchup).values()) {
    const kind: TaskKind = group.some(isTimed) ? "timed" : "shared";
    const seconds = group.reduce((sum, atom) => sum + secondsOf(atom), 0);
    if (group.some(isTraining)) {
      tasks.push({ kind, atoms: group, seconds });
      continue;
    }
    const before = open.get(kind);
    const isFull = before === undefined || before.seconds + seconds > enough;
    if (isFull && before !== undefined) tasks.push(before);
    open.set(
      kind,
      isFull
        ? { kind, atoms: group, seconds }
        : { kind, atoms: [...before.atoms, ...group], seconds: before.seconds + seconds },
    );
  }
  return [...tasks, ...open.values()].toSorted((a, b) => a.seconds - b.seconds);
}

/** Tasks cut into arrays: an index counts from the first task of its array, and is smaller than `size`. */
export function partsOf<T extends { readonly id: number }>(tasks: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (const task of tasks) {
    const last = parts.at(-1);
    if (last !== undefined && task.id - last[0]!.id < size) last.push(task);
    else parts.push([task]);
  }
  return parts;
}
