// What a case of a training step computes on: a start in the middle of a training, batches in turn, and what a call is checked by.

import { CorrectnessError } from "#base/errors";
import { Random } from "#base/random";
import type { TrainStepCase } from "#case/case";
import type { DeviceDescription, RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import type { NamedError } from "#ops/compare";
import { drawBatch, type Batch, type BoundBatch } from "#tasks/step-model";
import { stepErrors, type StepValues } from "#tasks/step-check";
import { TrainingStep, type Stepped } from "#tasks/step";
import type { StepStart } from "#tasks/step-start";
import { sizeOf } from "#weights/weights";

/** Two batches in turn, so that who gives the result of another call is found. */
const INPUT_SETS = 2;

export interface ExpectedStep {
  readonly errorsOf: (given: StepValues, kind: DeviceDescription["kind"]) => NamedError[];
}

export class DrawnStep {
  readonly batches: readonly Batch[];
  readonly #item: TrainStepCase;
  readonly #step: TrainingStep;
  readonly #bound: readonly BoundBatch[];

  private constructor(item: TrainStepCase, step: TrainingStep) {
    this.#item = item;
    this.#step = step;
    const random = new Random(item.seed).fork("batches");
    this.batches = Array.from({ length: INPUT_SETS }, (_, set) => drawBatch(item, random.fork(`batch ${set}`)));
    this.#bound = this.batches.map((batch) => step.bind(batch));
  }

  /** @throws {UsageError} a model that does not fit its input */
  static async create(item: TrainStepCase, engine: RunningEngine): Promise<DrawnStep> {
    return new DrawnStep(item, await TrainingStep.create(item, engine));
  }

  get start(): StepStart {
    return this.#step.start;
  }

  /** A step of ours on the batch of a set. */
  run(set: number): Stepped {
    return this.#step.run(this.#bound[set]!);
  }

  /** @throws {CorrectnessError} a step gave something else than ours gives at the same weights and batch */
  async check(given: StepValues, set: number, kind: DeviceDescription["kind"]): Promise<void> {
    const errors = (await this.expected(set)).errorsOf(given, kind);
    const wrong = errors.find(({ error, tolerance }) => !(error <= tolerance));
    if (wrong === undefined) return;
    const { name, error, tolerance, at } = wrong;
    throw new CorrectnessError(
      `correctness: in a timed call, chosen at random, ${name} is off by ${error.toExponential(2)} at ${at}, allowed ${tolerance}`,
    );
  }

  /** What a right step gives: of ours, made now. */
  async expected(set: number): Promise<ExpectedStep> {
    const { start } = this;
    const { optimiser } = this.#item;
    const stepped = this.run(set);
    const expected = await stepValues(stepped, start);
    tf.dispose({ ...stepped });
    return { errorsOf: (given, kind) => stepErrors(given, { optimiser, start, expected, kind }) };
  }

  dispose(): void {
    for (const bound of this.#bound) bound.dispose();
    this.#step.dispose();
  }
}

/** What a step of ours gave, by the names of the protocol. */
export async function stepValues({ loss, gradient, weights }: Stepped, start: StepStart): Promise<StepValues> {
  const [value, gradients, after] = [await loss.data(), await gradient.data(), await weights.data()];
  const values = new Map<string, ArrayLike<number>>([["loss", value]]);
  let offset = 0;
  for (const { name, shape } of start.declarations) {
    const end = offset + sizeOf(shape);
    values.set(`grad.${name}`, gradients.subarray(offset, end));
    values.set(`weight.${name}`, after.subarray(offset, end));
    offset = end;
  }
  return values;
}
