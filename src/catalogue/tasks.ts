// The list of tasks: what is predicted from which kind of data. What a task does lives in src/tasks/<id>.

import { Registry } from "#base/registry";
import type { DatasetKind } from "#case/case";
import { scores, type Margin } from "./scores.ts";

export interface Task {
  readonly id: string;
  readonly title: string;
  readonly datasetKind: DatasetKind;
  /** the score that tables lead with, and which way it is good */
  readonly metric: { readonly name: string; readonly better: "higher" | "lower" };
  /** how far above the predictor that sees no input a model must come, in `metric`, to have learned anything */
  readonly margin: Margin;
}

function leading(name: string): Task["metric"] {
  return { name, better: scores.get(name).better! };
}

export const tasks = new Registry<Task>("task", [
  {
    id: "image-classification",
    title: "image classification",
    datasetKind: "images",
    metric: leading("top1"),
    margin: { by: 0.1, of: "absolute" },
  },
  {
    id: "image-generation",
    title: "image generation",
    datasetKind: "images",
    metric: leading("mse"),
    margin: { by: 0.2, of: "relative" },
  },
  {
    id: "autoregressive-lm",
    title: "autoregressive language model",
    datasetKind: "text",
    metric: leading("loss"),
    margin: { by: 0.2, of: "absolute" },
  },
  {
    id: "recall",
    title: "recall",
    datasetKind: "sequences",
    metric: leading("accuracy"),
    margin: { by: 0.1, of: "absolute" },
  },
  {
    id: "bidirectional-lm",
    title: "bidirectional language model",
    datasetKind: "text",
    metric: leading("loss"),
    margin: { by: 0.2, of: "absolute" },
  },
  {
    id: "sentence-classification",
    title: "judging sentences",
    datasetKind: "sentences",
    metric: leading("official"),
    margin: { by: 0.1, of: "absolute" },
  },
]);
