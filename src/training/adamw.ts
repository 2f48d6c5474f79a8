// AdamW on one flat vector: all parameters, both moments and the moving average are each a single tensor, so that a
// step costs a dozen operations whatever the number of weights.

import { inPart } from "#base/scopes";
import type { AdamWVectors } from "#engine/kernels";
import { currentKernels } from "#engine/registry";
import * as tf from "#engine/tf";
import type { Parameters } from "#models/parameters";
import { sizeOf } from "#weights/weights";

export const BETA1 = 0.9;
export const BETA2 = 0.999;
const ADAM_EPSILON = 1e-8;

export interface AdamWOptions {
  readonly weightDecay: number;
  /** memory of the second moment; default 0.999 */
  readonly beta2?: number | undefined;
  /** global norm to which gradients are scaled down */
  readonly clipNorm?: number | undefined;
  /** keeps a moving average of the weights: ema ← d·ema + (1 − d)·w */
  readonly emaDecay?: number | undefined;
}

/** The vectors a checkpoint stores, by name. */
export type OptimiserState = Readonly<Record<string, tf.Tensor1D>>;

/** @source Loshchilov and Hutter, arXiv 1711.05101 (decoupled decay, bias-corrected moments) */
export class AdamW {
  readonly #parameters: Parameters;
  readonly #options: AdamWOptions;
  readonly #sizes: readonly number[];
  readonly #decayed: tf.Tensor1D;
  #state: Record<string, tf.Tensor1D>;

  constructor(parameters: Parameters, options: AdamWOptions) {
    this.#parameters = parameters;
    this.#options = options;
    this.#sizes = parameters.declarations.map(({ shape }) => sizeOf(shape));
    this.#decayed = flat(parameters.declarations.map(({ decays }, i) => tf.fill([this.#sizes[i]!], decays ? 1 : 0)));
    const weights = this.flatten(parameters.list());
    const emaDecay = options.emaDecay;
    this.#state = {
      weights,
      firstMoment: tf.zerosLike(weights),
      secondMoment: tf.zerosLike(weights),
      ...(emaDecay === undefined ? {} : { average: weights.clone() }),
    };
  }

  /** Tensors in the order of the declarations, joined: [P]. */
  flatten(tensors: readonly tf.Tensor[]): tf.Tensor1D {
    return inPart("optimiser", () =>
      tf.tidy(() => tf.concat1d(tensors.map((tensor) => tf.reshape(tensor, [-1]) as tf.Tensor1D))),
    );
  }

  /**
   * One update. With the decayed part of the weights D:
   *
   *   w ← w − η (m̂/(√v̂ + ε) + λ·D w)
   *
   * @param gradient [P]
   * @param step from 0
   * @returns the global norm of the gradient before clipping, a scalar tensor
   */
  update(gradient: tf.Tensor1D, step: number, learningRate: number): tf.Scalar {
    return inPart("optimiser", () => this.#update(gradient, step, learningRate));
  }

  #update(gradient: tf.Tensor1D, step: number, learningRate: number): tf.Scalar {
    const { weightDecay, clipNorm, emaDecay, beta2 = BETA2 } = this.#options;
    const old = this.#state;
    const { rows } = currentKernels();
    const [norm, next] = tf.tidy(() => {
      if (rows !== undefined) {
        const { weights, firstMoment, secondMoment, average } = old as Record<string, tf.Tensor1D> & AdamWVectors;
        const state = { weights, firstMoment, secondMoment, average, decayed: this.#decayed };
        const { norm: found, ...stepped } = rows.adamW(state, gradient, {
          ...{ beta1: BETA1, beta2, epsilon: ADAM_EPSILON, clipNorm, averageDecay: emaDecay },
          rate: learningRate / (1 - BETA1 ** (step + 1)),
          secondScale: 1 / (1 - beta2 ** (step + 1)),
          decay: learningRate * weightDecay,
        });
        return [found, stepped];
      }
      const gradientNorm = tf.sqrt(tf.sum(tf.square(gradient))) as tf.Scalar;
      const clipped =
        clipNorm === undefined
          ? gradient
          : tf.mul(gradient, tf.minimum(1, tf.div(clipNorm, tf.add(gradientNorm, 1e-6))));
      const firstMoment = tf.add(tf.mul(old.firstMoment!, BETA1), tf.mul(clipped, 1 - BETA1));
      const secondMoment = tf.add(tf.mul(old.secondMoment!, beta2), tf.mul(tf.square(clipped), 1 - beta2));
      const rate = learningRate / (1 - BETA1 ** (step + 1));
      const root = tf.add(tf.sqrt(tf.mul(secondMoment, 1 / (1 - beta2 ** (step + 1)))), ADAM_EPSILON);
      const moved = tf.sub(old.weights!, tf.mul(tf.div(firstMoment, root), rate));
      const weights =
        weightDecay === 0
          ? moved
          : tf.sub(moved, tf.mul(tf.mul(old.weights!, this.#decayed), learningRate * weightDecay));
      const state = { weights, firstMoment, secondMoment };
      if (emaDecay === undefined) return [gradientNorm, state];
      return [
        gradientNorm,
        { ...state, average: tf.add(tf.mul(old.average!, emaDecay), tf.mul(weights, 1 - emaDecay)) },
      ];
    }) as [tf.Scalar, Record<string, tf.Tensor1D>];
    tf.dispose(Object.values(old));
    this.#state = next;
    this.#assign(next.weights!);
    return norm;
  }

  /** The vectors of this optimiser; they stay its own. */
  state(): OptimiserState {
    return this.#state;
  }

  /** Takes over the vectors of a checkpoint, the weights of the model included. */
  restore(state: OptimiserState): void {
    tf.dispose(Object.values(this.#state));
    this.#state = { ...state };
    this.#assign(state.weights!);
  }

  /** Runs `evaluate` with the averaged weights in the model, where an average is kept. */
  async withAveragedWeights<T>(evaluate: () => Promise<T>): Promise<T> {
    if (this.#state.average === undefined) return evaluate();
    this.#assign(this.#state.average);
    try {
      return await evaluate();
    } finally {
      this.#assign(this.#state.weights!);
    }
  }

  #assign(vector: tf.Tensor1D): void {
    tf.tidy(() => {
      const parts = tf.split(vector, [...this.#sizes]);
      this.#parameters.list().forEach((variable, i) => variable.assign(tf.reshape(parts[i]!, variable.shape)));
    });
  }

  dispose(): void {
    tf.dispose([this.#decayed, ...Object.values(this.#state)]);
  }
}

function flat(tensors: readonly tf.Tensor[]): tf.Tensor1D {
  const joined = tf.concat1d(tensors as tf.Tensor1D[]);
  tf.dispose([...tensors]);
  return joined;
}
