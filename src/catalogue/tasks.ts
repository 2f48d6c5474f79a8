// The list of tasks: what is predicted from which kind of data. What a task does lives in src/tasks/<id>.

import { Registry } from "#base/registry";
import type { DatasetKind } from "#case/case";

/**
 * How far above the predictor that sees no input a model must come to have learned anything:
 * `absolute` in the unit of the score, `relative` as a share of the trivial score.
 */
export interface Margin {
  readonly by: number;
  readonly of: "absolute" | "relative";
}

export interface Task {
  readonly id: string;
  readonly title: string;
  readonly datasetKind: DatasetKind;
  /** the score that tables lead with, and which way it is good */
  readonly metric: { readonly name: string; readonly better: "higher" | "lower" };
  /** on `metric` */
  readonly margin: Margin;
}

export const tasks = new Registry<Task>("task", [
  {
    id: "image-classification",
    title: "image classification",
    datasetKind: "images",
    metric: { name: "top1", better: "higher" },
    margin: { by: 0.1, of: "absolute" },
  },
  {
    id: "image-generation",
    title: "image generation",
    datasetKind: "images",
    metric: { name: "mse", better: "lower" },
    margin: { by: 0.2, of: "relative" },
  },
  {
    id: "autoregressive-lm",
    title: "autoregressive language model",
    datasetKind: "text",
    metric: { name: "loss", better: "lower" },
    margin: { by: 0.2, of: "absolute" },
  },
  {
    id: "recall",
    title: "recall",
    datasetKind: "sequences",
    metric: { name: "accuracy", better: "higher" },
    margin: { by: 0.1, of: "absolute" },
  },
  {
    id: "bidirectional-lm",
    title: "bidirectional language model",
    datasetKind: "text",
    metric: { name: "loss", better: "lower" },
    margin: { by: 0.2, of: "absolute" },
  },
  {
    id: "sentence-classification",
    title: "judging sentences",
    datasetKind: "sentences",
    metric: { name: "official", better: "higher" },
    margin: { by: 0.1, of: "absolute" },
  },
]);
