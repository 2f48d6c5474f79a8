// Training a case of any task: the loop, given the list of tasks.

import type { TrainingCase } from "#case/case";
import { floorOf } from "#catalogue/floor";
import { tasks } from "#catalogue/tasks";
import type { TrainingResult } from "#store/record";
import { train as trainTask, type TrainableTasks, type TrainOptions } from "#training/train";
import { objectives } from "./registry.ts";

const TRAINABLE: TrainableTasks = {
  objectiveOf: (task) => objectives.get(task),
  floorOf: (task, scores, trivial) => floorOf(tasks.get(task), scores, trivial),
};

/** Trains the model of a case and scores it on the test split; throws as `#training/train` does. */
export function train(item: TrainingCase, options: TrainOptions): Promise<TrainingResult> {
  return trainTask(item, TRAINABLE, options);
}
