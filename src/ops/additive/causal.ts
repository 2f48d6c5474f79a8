// What the causal strategies share: heads merged into one axis, padding, initial values and the tape node. A strategy
// is then two functions on [B·H,N,·] tensors.
//
// Logits stay finite: −∞ − (−∞) has no value, and GPUs need not honour infinities. A hidden token has logit HIDDEN;
// the running maximum starts at NOTHING, far above it, so that e^{HIDDEN − maximum} is 0 and no mask is multiplied in.

import * as tf from "#engine/tf";
import type { OperatorSpec, Shape } from "#case/case";
import { maskOfHeads, mergeHeads } from "../heads.ts";
import type { Inputs, Outputs } from "../operator.ts";
import { differentiableOf, withGradient, type TensorMap } from "../with-gradient.ts";

export const HIDDEN = -1e38;
export const NOTHING = -1e30;

/** Causal inputs with heads merged. The start is a token before the first: running maximum, its weight (0 or 1), state. */
export interface CausalInputs {
  readonly q: tf.Tensor3D; // [BH, N, D]
  readonly g: tf.Tensor3D; // [BH, N, D]
  readonly v: tf.Tensor3D; // [BH, N, E]
  readonly k?: tf.Tensor3D; // [BH, N, D]
  readonly top0: tf.Tensor2D; // [BH, D]
  readonly weight0: tf.Tensor2D; // [BH, D]
  readonly state0: tf.Tensor3D; // [BH, D, E]
}

export interface CausalResult {
  readonly out: tf.Tensor3D; // [BH, N, E]
  readonly state: tf.Tensor3D; // [BH, D, E]
  readonly lse: tf.Tensor2D; // [BH, D]
  /** what the backward pass needs besides the inputs */
  readonly saved: TensorMap;
}

export interface CausalCotangents {
  readonly out: tf.Tensor3D;
  readonly state: tf.Tensor3D;
  readonly lse: tf.Tensor2D;
}

/** `state0` and `lse0` are those of the initial state and lse. */
export interface CausalGradients {
  readonly q: tf.Tensor;
  readonly g: tf.Tensor;
  readonly v: tf.Tensor;
  readonly k: tf.Tensor;
  readonly initialState: tf.Tensor;
  readonly initialLse: tf.Tensor;
}

export interface CausalAlgorithm {
  forward(inputs: CausalInputs): CausalResult;
  backward(inputs: CausalInputs, saved: TensorMap, cotangents: CausalCotangents): CausalGradients;
}

/** Turns an algorithm on merged heads into a strategy's `run`, differentiable in every input and every output. */
export function runCausal(
  algorithm: CausalAlgorithm,
): (inputs: Inputs<tf.Tensor>, spec: OperatorSpec, shape: Shape) => Outputs<tf.Tensor> {
  return (inputs, spec, shape) => {
    const { B, H, N, D, E } = shape;
    const differentiable = differentiableOf(inputs);
    return withGradient({
      inputs: differentiable,
      forward: () => {
        const { out, state, lse, saved } = algorithm.forward(causalInputs(inputs, spec, shape));
        return {
          outputs: {
            out: tf.reshape(out, [B, H, N, E]),
            state: tf.reshape(state, [B, H, D, E]),
            lse: tf.reshape(lse, [B, H, D]),
          },
          saved: { ...saved, ...prefixed(inputs) },
        };
      },
      backward: (cotangents, saved) => {
        const given = causalInputs(unprefixed(saved), spec, shape);
        const gradients = algorithm.backward(given, saved, {
          out: mergeHeads(cotangents.out),
          state: mergeHeads(cotangents.state),
          lse: tf.reshape(cotangents.lse, [B * H, D]),
        });
        const names = Object.keys(differentiable) as (keyof CausalGradients)[];
        return Object.fromEntries(names.map((name) => [name, tf.reshape(gradients[name], inputs[name]!.shape)]));
      },
    });
  };
}

const PREFIX = "input.";

function prefixed(inputs: Inputs<tf.Tensor>): TensorMap {
  return Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [PREFIX + name, tensor]));
}

function unprefixed(saved: TensorMap): Inputs<tf.Tensor> {
  const entries = Object.entries(saved).filter(([name]) => name.startsWith(PREFIX));
  return Object.fromEntries(entries.map(([name, tensor]) => [name.slice(PREFIX.length), tensor]));
}

/** Merges heads, hides padding, and spells out the initial values. */
export function causalInputs(
  inputs: Inputs<tf.Tensor>,
  spec: OperatorSpec,
  { B, H, D, E }: Pick<Shape, "B" | "H" | "D" | "E">,
): CausalInputs {
  return {
    q: mergeHeads(inputs.q!),
    g: hidePadding(mergeHeads(inputs.g!), inputs.mask, H),
    v: mergeHeads(inputs.v!),
    ...(inputs.k === undefined ? {} : { k: mergeHeads(inputs.k) }),
    ...initialValues(inputs, spec, [B * H, D, E]),
  };
}

function initialValues(
  { initialState, initialLse }: Inputs<tf.Tensor>,
  spec: OperatorSpec,
  [BH, D, E]: [number, number, number],
) {
  const state0: tf.Tensor3D = initialState === undefined ? tf.zeros([BH, D, E]) : mergeHeads(initialState);
  if (initialLse === undefined) {
    const seen = spec.initialLse === "zero";
    return {
      state0,
      top0: tf.fill([BH, D], seen ? 0 : NOTHING) as tf.Tensor2D,
      weight0: tf.fill([BH, D], seen ? 1 : 0) as tf.Tensor2D,
    };
  }
  const top0 = tf.maximum(tf.reshape(initialLse, [BH, D]), NOTHING) as tf.Tensor2D;
  return { state0, top0, weight0: tf.cast(tf.greater(top0, NOTHING), "float32") as tf.Tensor2D };
}

/** g where the mask is 1, HIDDEN where it is 0. */
export function hidePadding(g: tf.Tensor3D, mask: tf.Tensor | undefined, H: number): tf.Tensor3D {
  if (mask === undefined) return g;
  const visible = tf.expandDims(maskOfHeads(mask, H), 2); // [BH, N, 1]
  return tf.add(tf.mul(g, visible), tf.mul(tf.sub(1, visible), HIDDEN));
}

/** 1/x where x > 0; 1 where nothing was seen and the numerator is 0 as well. */
export function inverseWeight<T extends tf.Tensor>(weight: T): T {
  return tf.div(1, tf.add(weight, tf.cast(tf.equal(weight, 0), "float32")));
}

/** Running maximum along axis 1, in log₂ steps of doubling reach. */
export function runningMaximum(x: tf.Tensor3D): tf.Tensor3D {
  const [G, N, F] = x.shape;
  let top = x;
  for (let reach = 1; reach < N; reach *= 2) {
    const earlier = tf.slice(top, [0, 0, 0], [G, N - reach, F]);
    top = tf.maximum(
      top,
      tf.pad(
        earlier,
        [
          [0, 0],
          [reach, 0],
          [0, 0],
        ],
        HIDDEN,
      ),
    );
  }
  return top;
}
