// Scores of a judge of sentences: which metrics are official for which data set, and the trivial predictor's values.

import { accuracy, f1, matthews, pearson, spearman } from "./metrics.ts";

const METRICS = { accuracy, f1, matthews, pearson, spearman } as const;
export type MetricName = keyof typeof METRICS;

/** As on the leaderboard of GLUE; where there are two, their mean is the task's score. */
const OFFICIAL: Readonly<Record<string, readonly MetricName[]>> = {
  "glue-cola": ["matthews"],
  "glue-sst2": ["accuracy"],
  "glue-mrpc": ["accuracy", "f1"],
  "glue-rte": ["accuracy"],
  "glue-stsb": ["pearson", "spearman"],
  "glue-qnli": ["accuracy"],
};

/** Official metrics of a data set; accuracy for classes elsewhere, the two correlations for real values. */
export function officialMetrics(dataset: string, hasClasses: boolean): readonly MetricName[] {
  return OFFICIAL[dataset] ?? (hasClasses ? ["accuracy"] : ["pearson", "spearman"]);
}

/**
 * Data sets that are read at every scale. The other tasks of GLUE ask for knowledge of the language that thousands of pairs
 * do not teach: a model trained on little text stays near the trivial predictor, whatever its mixer.
 */
const INFORMATIVE_WHEN_SMALL = new Set(["glue-sst2", "synthetic-sentences"]);

/** The note that goes with scores of a data set at a scale, for every label; absent where scores speak for themselves. */
export function scaleNote(dataset: string, scale: string): string | undefined {
  return scale === "paper" || INFORMATIVE_WHEN_SMALL.has(dataset) ? undefined : "not informative at this scale";
}

export interface Judged {
  /** class numbers, or real values */
  readonly predicted: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
}

/** Every official metric by name, and `official`, their mean; classes always with accuracy. */
export function sentenceScores(
  { predicted, labels }: Judged,
  metrics: readonly MetricName[],
  hasClasses: boolean,
): Record<string, number> {
  const named = new Set<MetricName>(hasClasses ? ["accuracy", ...metrics] : metrics);
  const scores = Object.fromEntries([...named].map((name) => [name, METRICS[name](predicted, labels)]));
  return { official: metrics.reduce((sum, name) => sum + scores[name]!, 0) / metrics.length, ...scores };
}

/** What the predictor that reads nothing says of each test item: the most frequent class of the train split, or its mean value. */
export function trivialPrediction(
  train: ArrayLike<number>,
  testCount: number,
  classes: number | undefined,
): Float64Array {
  const values = Array.from({ length: train.length }, (_, i) => train[i]!);
  if (classes === undefined)
    return new Float64Array(testCount).fill(values.reduce((sum, value) => sum + value, 0) / values.length);
  const counts = new Array<number>(classes).fill(0);
  for (const value of values) counts[value]!++;
  return new Float64Array(testCount).fill(counts.indexOf(Math.max(...counts)));
}
