// What a task asks of training: a loss over positions in the data, and an evaluation. The loop knows nothing else.

import type { Random } from "#base/random";
import type { RunningEngine } from "#engine/engine";
import type * as tf from "#engine/tf";
import type { Parameters } from "#models/parameters";
import type { TrainingResult } from "#store/record";
import type { TrainingCase } from "#case/case";

export interface ObjectiveContext {
  readonly engine: RunningEngine;
  readonly dataDir: string | undefined;
  /** weights of the Inception network that generated images are judged by as well */
  readonly inceptionWeights?: string | undefined;
  /**
   * The model of another case: trained first, with the options of this training, or read from its checkpoint. So stages
   * follow each other within one record, and cases that begin with the same stage share it where checkpoints are kept.
   */
  trained(item: TrainingCase): Promise<TrainedModel>;
}

export interface TrainedModel {
  /** values by name, averaged where the recipe keeps an average */
  readonly weights: ReadonlyMap<string, Float32Array>;
  readonly result: TrainingResult;
}

export interface Evaluation {
  /** by metric, on the test split */
  readonly scores: Readonly<Record<string, number>>;
  /** the leading metric of each test item, in order */
  readonly itemScores: readonly number[];
}

/** What is worked out once, on the trained model: too long for every evaluation. */
export interface Conclusion {
  /** added to those of the last evaluation */
  readonly scores: Readonly<Record<string, number>>;
  readonly trivialScores: Readonly<Record<string, number>>;
  /** how these scores came about, for people: samples, features, what they were trained on */
  readonly method?: string;
  /** draws what the model makes, as a PNG file, where somebody keeps it */
  readonly picture?: () => Uint8Array;
}

/** What the task's simple baseline reaches on the same data: a model without a token mixer, or counts. */
export interface SimpleBaseline {
  /** "linear-on-pixels" */
  readonly id: string;
  readonly scores: Readonly<Record<string, number>>;
}

/** A model with its data, ready to be trained. */
export interface Prepared {
  readonly parameters: Parameters;
  readonly dataLabel: string;
  readonly synthetic: boolean;
  readonly trainExamples: number;
  readonly testExamples: number;
  /** forward operations of one example, a multiply-add counted as two */
  readonly flopsPerExample?: number;
  /** the same metrics for the predictor that sees no input */
  readonly trivialScores: Readonly<Record<string, number>>;
  /**
   * Awaited before `loss` is called with the same position and count: what must be read or decoded first.
   *
   * @throws {DataError} an example that is missing or damaged
   */
  ready?(position: number, count: number): Promise<void>;
  /**
   * Mean loss of the `count` training examples from `position` on, in nats or the task's own unit; differentiable, called within a tidy.
   *
   * @param position number of examples drawn before; the order is the seed's alone
   * @param random stream of this step, for whatever is dropped at random
   */
  loss(position: number, count: number, random: Random): tf.Scalar;
  evaluate(): Promise<Evaluation>;
  /** Worked out once, at the end; undefined where the data are too many for it. */
  simple(): Promise<SimpleBaseline | undefined>;
  /** @param alive called now and then: silence would be taken for a standstill */
  conclude?(alive: () => void): Promise<Conclusion>;
  dispose(): void;
}

export interface Objective {
  /** id of the task */
  readonly id: string;
  /** @throws {DataError} | {UsageError} data missing or damaged, a model that does not fit them */
  prepare(item: TrainingCase, context: ObjectiveContext): Promise<Prepared>;
}
