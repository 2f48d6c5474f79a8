// A training step of ours, again and again from the same start: loss, gradients, and the weights after AdamW.

import { inPart } from "#base/scopes";
import type { TrainStepCase } from "#case/case";
import type { RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import { AdamW } from "#training/adamw";
import { createStepModel, type Batch, type BoundBatch, type StepModel } from "./step-model.ts";
import { STEP, stepStart, type NamedWeights, type StepStart } from "./step-start.ts";

export interface Stepped {
  readonly loss: tf.Scalar;
  /** of all weights in the order of their declarations, before clipping: [P] */
  readonly gradient: tf.Tensor1D;
  /** after the step: [P] */
  readonly weights: tf.Tensor1D;
}

export class TrainingStep {
  readonly start: StepStart;
  readonly #item: TrainStepCase;
  readonly #model: StepModel;
  readonly #optimiser: AdamW;
  readonly #state: Readonly<Record<"weights" | "firstMoment" | "secondMoment", tf.Tensor1D>>;

  private constructor(item: TrainStepCase, model: StepModel) {
    const { weightDecay, clipNorm, beta2 } = item.optimiser;
    this.#item = item;
    this.#model = model;
    this.start = stepStart(item);
    this.#optimiser = new AdamW(model.parameters, { weightDecay, clipNorm, beta2 });
    this.#state = {
      weights: joined(this.start.weight),
      firstMoment: joined(this.start.moment1),
      secondMoment: joined(this.start.moment2),
    };
  }

  /** @throws {UsageError} a model that does not fit its input */
  static async create(item: TrainStepCase, engine: RunningEngine): Promise<TrainingStep> {
    return new TrainingStep(item, await createStepModel(item, engine));
  }

  bind(batch: Batch): BoundBatch {
    return this.#model.bind(batch);
  }

  /** Forward, backward, optimiser. What it gives is the caller's. */
  run({ loss: lossOf }: BoundBatch): Stepped {
    this.#optimiser.restore({
      weights: this.#state.weights.clone(),
      firstMoment: this.#state.firstMoment.clone(),
      secondMoment: this.#state.secondMoment.clone(),
    });
    const variables = this.#model.parameters.list();
    const { loss, gradient } = tf.tidy(() => {
      const { value, grads } = inPart("backward", () => tf.variableGrads(() => inPart("forward", lossOf), variables));
      return { loss: value, gradient: this.#optimiser.flatten(variables.map(({ name }) => grads[name]!)) };
    });
    this.#optimiser.update(gradient, STEP - 1, this.#item.optimiser.learningRate).dispose();
    return { loss, gradient, weights: this.#optimiser.state()["weights"]!.clone() };
  }

  dispose(): void {
    this.#optimiser.dispose();
    this.#model.parameters.dispose();
    tf.dispose({ ...this.#state });
  }
}

function joined(weights: NamedWeights): tf.Tensor1D {
  return tf.tidy(() => tf.concat1d([...weights.values()].map(({ data }) => tf.tensor1d(data))));
}
