// The list of tasks: what is predicted from which kind of data. The models and objectives of a task live in src/training.

import { Registry } from "#base/registry";

export interface Task {
  readonly id: string;
  readonly title: string;
  readonly datasetKind: "images";
  /** the score that tables lead with, and which way it is good */
  readonly metric: { readonly name: string; readonly better: "higher" | "lower" };
}

export const tasks = new Registry<Task>("task", [
  { id: "image-classification", title: "image classification", datasetKind: "images", metric: { name: "top1", better: "higher" } },
]);
