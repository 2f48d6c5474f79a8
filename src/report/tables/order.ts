// The order of rows: results that are compared stand together, from the best to the worst.

import { groupBy } from "#base/group";
import { tasks } from "#catalogue/tasks";
import type { Result } from "#evidence/result";

/** Place by place in the order given; in each the least rank first, and last what has none. */
export function bestFirst(
  results: readonly Result[],
  rankOf: (result: Result) => number | undefined = leadingRank,
): Result[] {
  const rank = (result: Result): number => rankOf(result) ?? Infinity;
  return [...groupBy(results, ({ place }) => place).values()].flatMap((members) =>
    members.toSorted((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b))),
  );
}

/** By a score, whichever way it is good. */
export function scoreRank(name: string, better: "higher" | "lower" = "higher"): (result: Result) => number | undefined {
  const sign = better === "lower" ? 1 : -1;
  return ({ training }) => {
    const score = training?.scores.get(name);
    return score === undefined ? undefined : sign * score.estimate;
  };
}

/** Times from fast to slow, trainings by the score that their task is judged by, memory from little to much. */
function leadingRank(result: Result): number | undefined {
  const { case: item, time, memory } = result;
  if (item.kind !== "training") return time?.estimate ?? memory?.enginePeakBytes ?? memory?.processPeakBytes;
  if (!tasks.has(item.task)) return undefined;
  const { name, better } = tasks.get(item.task).metric;
  return scoreRank(name, better)(result);
}
