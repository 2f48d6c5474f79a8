// The floor of a task: the score below which a model has not been shown to have learned anything.

import type { Task } from "./tasks.ts";

export interface Floor {
  readonly score: string;
  readonly limit: number;
  readonly reached: number;
  readonly beaten: boolean;
}

/**
 * The trivial score plus or minus the task's margin, against what was reached; a model at the limit has not beaten it.
 *
 * @throws {Error} the leading score is missing from one of the two
 */
export function floorOf(
  { id, metric, margin }: Task,
  scores: Readonly<Record<string, number>>,
  trivial: Readonly<Record<string, number>>,
): Floor {
  const { name, better } = metric;
  const [reached, start] = [scores[name], trivial[name]];
  if (reached === undefined || start === undefined) throw new Error(`task ${id} has no score ${name}`);
  const step = margin.of === "absolute" ? margin.by : margin.by * Math.abs(start);
  const limit = better === "higher" ? start + step : start - step;
  return { score: name, limit, reached, beaten: better === "higher" ? reached > limit : reached < limit };
}
