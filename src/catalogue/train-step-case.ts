// Cases of one training step: the models of the four tasks, from names in the lists of models and sizes.

import type { StepInput, StepOptimiser, TrainStepCase } from "#case/case";
import type { SuiteContext } from "#case/suite";
import { shapeOf } from "#case/shape";
import { tokenCount } from "#weights/backbone";
import { tokenGrid } from "#weights/model";
import { modelSizes, namedModel } from "./sizes/model-sizes.ts";

interface StepTask {
  readonly task: string;
  /** whether its models read forwards */
  readonly causal: boolean;
  /** what its input says beside the size */
  readonly parts: { readonly positions?: "sinusoidal"; readonly scored?: number };
  /** size at which programs are checked */
  readonly checkedAt: string;
}

/** The tasks that have such a step; one list for suites and checks. */
export const STEP_TASKS: readonly StepTask[] = [
  { task: "image-classification", causal: false, parts: {}, checkedAt: "nano" },
  { task: "image-generation", causal: false, parts: { positions: "sinusoidal" }, checkedAt: "DiT-nano" },
  { task: "bidirectional-lm", causal: false, parts: { scored: 0.25 }, checkedAt: "mlm-nano" },
  { task: "autoregressive-lm", causal: true, parts: {}, checkedAt: "lm-nano" },
];

export interface StepPoint {
  readonly suite: string;
  /** id in STEP_TASKS */
  readonly task: string;
  /** id of a model size */
  readonly size: string;
  /** id of a model */
  readonly model: string;
  readonly batch: number;
  readonly optimiser: StepOptimiser;
}

/** @throws {UnknownNameError} no such model or size */
export function trainStepCase(context: SuiteContext, point: StepPoint): TrainStepCase {
  const { suite, task, batch, optimiser } = point;
  const size = modelSizes.get(point.size);
  const model = namedModel(size, point.model);
  const input = { ...size.input, ...STEP_TASKS.find((one) => one.task === task)?.parts } as StepInput;
  const tokens = tokenGrid(model, input);
  const D = model.width / model.heads;
  const { grid, prefix } = tokens;
  return {
    kind: "train-step",
    suite,
    contender: point.model,
    engine: context.engine,
    precision: "float32",
    scale: context.scale,
    seed: 0,
    task,
    model,
    spec: model.mixer.operator,
    input,
    optimiser,
    shape: { ...shapeOf({ grid, B: batch, H: model.heads, D, prefix }), N: tokenCount(tokens) },
  };
}

/** So small a norm that gradients are clipped. */
const CHECKED = {
  batch: 3,
  optimiser: { learningRate: 1e-3, weightDecay: 0.05, clipNorm: 0.1 },
} as const;

/** A step of a model at the size at which programs are checked. @throws {UnknownNameError} no such model or task */
export function checkedStepCase(task: string, model: string, engine: TrainStepCase["engine"]): TrainStepCase {
  const size = STEP_TASKS.find((one) => one.task === task)?.checkedAt ?? task;
  return trainStepCase({ scale: "smoke", engine, datasets: [] }, { suite: "check", task, size, model, ...CHECKED });
}
