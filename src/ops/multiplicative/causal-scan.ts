// What every way of computing one causal scan takes and gives. Directions, layouts, masks and tied keys
// are arranged around it (directions.ts), so a new way needs these two functions and nothing else.

import * as tf from "#engine/tf";

/** e^{this} is 0 in float32, and sums of a million of them are finite. */
const FORGOTTEN = -1e4;

/**
 * Log decays without infinities. −∞ is legal (the state is forgotten at that token), but a mask or a distance of 0 times
 * it is NaN, and GPUs need not honour infinities at all.
 */
export function finiteLogDecay(logDecay: tf.Tensor3D): tf.Tensor3D {
  return tf.maximum(logDecay, FORGOTTEN);
}

/** Tensors of one scan; G = rows of batch and head. */
export interface ScanInputs {
  readonly q: tf.Tensor3D; // [G, N, D]
  readonly k: tf.Tensor3D; // [G, N, D]
  readonly v: tf.Tensor3D; // [G, N, E]
  /** −∞ … 0; [G, 1, 1] constant, [G, N, 1] scalar, [G, N, D] vector; undefined: no decay */
  readonly logDecay: tf.Tensor3D | undefined;
  readonly initialState: tf.Tensor3D | undefined; // [G, D, E]
}

export interface ScanOutputs {
  readonly out: tf.Tensor3D; // [G, N, E]
  /** the last one; undefined where there is no such thing */
  readonly state: tf.Tensor3D | undefined; // [G, D, E]
}

/** Gradients in the shapes of the inputs; absent where the input is. */
export interface ScanInputGradients {
  readonly q: tf.Tensor3D;
  readonly k: tf.Tensor3D;
  readonly v: tf.Tensor3D;
  readonly logDecay: tf.Tensor3D | undefined;
  readonly initialState: tf.Tensor3D | undefined;
}

/** Neither function is seen by a tape; each runs inside a tidy. */
export interface CausalScan {
  forward(inputs: ScanInputs): ScanOutputs;
  /** @param dState gradient of the final state; undefined = 0 */
  backward(inputs: ScanInputs, dOut: tf.Tensor3D, dState: tf.Tensor3D | undefined): ScanInputGradients;
}

/** Two directions over the same inputs, outputs summed: 0 … N−1 and N−1 … 0. */
export interface TwoWayScan {
  forward(inputs: Omit<ScanInputs, "initialState">): tf.Tensor3D; // [G, N, E]
  backward(inputs: Omit<ScanInputs, "initialState">, dOut: tf.Tensor3D): ScanInputGradients;
}
