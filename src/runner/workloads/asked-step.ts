// Training steps that a program is asked for in a check: its models at a size that takes a second.

import type { TrainStepCase } from "#case/case";
import { models } from "#catalogue/models";
import { checkedStepCase, STEP_TASKS } from "#catalogue/train-step-case";
import type { RunningEngine } from "#engine/engine";
import type { Asked } from "#programs/asked";
import { sameSpec } from "#programs/forms";
import type { Form } from "#programs/manifest";
import { describeStep } from "#tasks/step-description";
import { stepSet } from "./program-inputs.ts";
import { DrawnStep } from "./train-step-inputs.ts";

/** A step on the first batch and on the second, which is compared; expected values are ours on this engine. */
export async function askedStep(item: TrainStepCase, engine: RunningEngine): Promise<Asked> {
  const { spec, shape, precision } = item;
  const drawn = await DrawnStep.create(item, engine);
  try {
    const expected = await drawn.expected(1);
    const sets = drawn.batches.map((batch) => stepSet(drawn.start, batch));
    const step = describeStep(item);
    return {
      id: `${item.task} ${item.contender}`,
      form: { workload: "train-step", spec, shape, pass: "forward+backward", precision, step, sets },
      errorsOf: (fetched) => {
        const given = new Map([...fetched].map(([name, { data }]) => [name, data]));
        return expected.errorsOf(given, engine.device.kind);
      },
    };
  } finally {
    drawn.dispose();
  }
}

/** The model of a case at the size of a check; one without a name is what it is. */
export function smallStep(item: TrainStepCase): TrainStepCase {
  const { task, model, engine } = item;
  return model.id === undefined ? item : checkedStepCase(task, model.id, engine);
}

/** All steps that a form of a manifest claims. */
export async function* stepsOfForm(
  { operator, tasks, models: names }: Form,
  engine: RunningEngine,
): AsyncGenerator<Asked> {
  for (const { task } of STEP_TASKS.filter(
    (one) => one.causal === operator.causal && (tasks?.includes(one.task) ?? true),
  ))
    for (const { id, mixer } of models.all())
      if (sameSpec(mixer.operator, operator) && (names?.includes(id) ?? true))
        yield await askedStep(checkedStepCase(task, id, engine.id as TrainStepCase["engine"]), engine);
}
