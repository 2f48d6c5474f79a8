// What a model must beat before its score means anything: the predictor that sees no input, by the margin of its task, and
// the task's simple baseline (linear on pixels, counts of neighbours, the mean as denoiser), at all.

import { floorOf } from "#catalogue/floor";
import { tasks } from "#catalogue/tasks";
import type { TrainingResult } from "#store/record";
import type { Result } from "./result.ts";
import { scoreOf } from "./trained.ts";

export interface BaselineFinding {
  readonly score: string;
  readonly reached: number;
  readonly limit: number;
  readonly beaten: boolean;
  /** id of the simple baseline; absent: the trivial predictor with the margin of its task */
  readonly simple?: string;
}

/** The baseline that stands in the way, else the one that was beaten last; undefined where nothing was recorded. */
export function beatsBaseline({ case: item, training }: Result): BaselineFinding | undefined {
  if (training === undefined || item.kind !== "training" || !tasks.has(item.task)) return undefined;
  const task = tasks.get(item.task);
  const { name, better } = task.metric;
  const reached = training.scores.get(name)?.estimate;
  if (reached === undefined) return undefined;
  const trivial = training.trivial.get(name);
  const simple = simpleScoreOf(training.first, name);
  const found: BaselineFinding[] = [];
  if (simple !== undefined) {
    const beaten = better === "higher" ? reached > simple.score : reached < simple.score;
    found.push({ score: name, reached, limit: simple.score, beaten, simple: simple.id });
  }
  if (trivial !== undefined) found.push(floorOf(task, { [name]: reached }, { [name]: trivial }));
  return found.find(({ beaten }) => !beaten) ?? found[0];
}

/** Recorded before simple scores were: what a masked language model gains over counts of both neighbours. */
const GAIN_OVER_COUNTS = "underNeighbourCounts";

/** The simple baseline of a training, where its record holds one. */
export function simpleScoreOf(
  run: TrainingResult,
  metric: string,
): { readonly id: string; readonly score: number } | undefined {
  const { simpleScores = {}, simpleBaseline = "simple baseline" } = run;
  const score = Object.hasOwn(simpleScores, metric) ? simpleScores[metric] : undefined;
  if (score !== undefined) return { id: simpleBaseline, score };
  const [loss, gain] = [scoreOf(run, "loss"), scoreOf(run, GAIN_OVER_COUNTS)];
  if (metric !== "loss" || loss === undefined || gain === undefined) return undefined;
  return { id: "neighbour-counts", score: loss + gain };
}
