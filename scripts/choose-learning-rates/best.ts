// The best of the swept learning rates of each contender.

import { groupBy } from "#base/group";
import type { RunRecord } from "#store/record";
import type { RatePoint } from "#catalogue/learning-rates";
import type { Scale } from "#case/case";

export interface SweptScore extends RatePoint {
  readonly scale: Scale;
  readonly learningRate: number;
  /** the leading score of the task on held-out training data */
  readonly score: number;
  readonly better: "higher" | "lower";
}

type Metric = { readonly name: string; readonly better: "higher" | "lower" };

/** One entry a finished case of the sweep; a case that failed, by divergence say, has no score and cannot be chosen. */
export function sweptScores(records: readonly RunRecord[], metricOf: (task: string) => Metric): SweptScore[] {
  return records.flatMap((record): SweptScore[] => {
    const { case: item } = record;
    if (
      record.status !== "ok" ||
      record.training === undefined ||
      item.kind !== "training" ||
      item.suite !== "learning-rates"
    )
      return [];
    const { name, better } = metricOf(item.task);
    const score = record.training.scores[name];
    if (score === undefined || !Number.isFinite(score)) return [];
    const { task, dataset, scale, contender, recipe } = item;
    return [{ task, dataset, scale, contender, learningRate: recipe.learningRate, score, better }];
  });
}

/**
 * The rate with the best mean over seeds, among those that most seeds have finished at: a rate at which a seed diverges is
 * not chosen. Of equal means the smaller rate is taken.
 */
export function bestRates(scores: readonly SweptScore[]): SweptScore[] {
  const groups = groupBy(scores, ({ task, dataset, scale, contender }) => `${task}/${dataset}/${scale}/${contender}`);
  return [...groups.values()].map((entries) => {
    const sign = entries[0]!.better === "higher" ? -1 : 1;
    const rates = [...groupBy(entries, ({ learningRate }) => String(learningRate)).values()];
    const most = Math.max(...rates.map(({ length }) => length));
    return rates
      .filter(({ length }) => length === most)
      .map((seeds) => ({ ...seeds[0]!, score: seeds.reduce((sum, { score }) => sum + score, 0) / seeds.length }))
      .toSorted((a, b) => sign * (a.score - b.score) || a.learningRate - b.learningRate)[0]!;
  });
}
