// What a model must beat before its score means anything: the predictor that sees no input, by the margin of the task,
// and the counts of a count model where the task records them.

import { floorOf } from "#catalogue/floor";
import { tasks } from "#catalogue/tasks";
import type { Result } from "./result.ts";

export interface BaselineFinding {
  readonly score: string;
  readonly reached: number;
  readonly limit: number;
  readonly beaten: boolean;
  readonly against: "the trivial predictor with the margin of its task" | "counts of both neighbours";
}

/** Recorded as what a model gains over the counts: above zero it beats them. */
const COUNT_SCORE = "underNeighbourCounts";

/** The baseline that stands in the way, else the one that was beaten last; undefined where nothing was recorded. */
export function beatsBaseline({ case: item, training }: Result): BaselineFinding | undefined {
  if (training === undefined || item.kind !== "training" || !tasks.has(item.task)) return undefined;
  const task = tasks.get(item.task);
  const reached = training.scores.get(task.metric.name)?.estimate;
  const trivial = training.trivial.get(task.metric.name);
  const gained = training.scores.get(COUNT_SCORE)?.estimate;
  const found: BaselineFinding[] = [];
  if (reached !== undefined && trivial !== undefined) {
    const { name } = task.metric;
    const floor = floorOf(task, { [name]: reached }, { [name]: trivial });
    found.push({ ...floor, against: "the trivial predictor with the margin of its task" });
  }
  if (gained !== undefined)
    found.push({
      score: COUNT_SCORE,
      reached: gained,
      limit: 0,
      beaten: gained > 0,
      against: "counts of both neighbours",
    });
  return found.find(({ beaten }) => !beaten) ?? found[0];
}
