// The causal additive form on the GPU: a decay rule whose decays come from the running maxima of the logits, so that every
// exponent is ≤ 0, read by q / l. No gradient passes through the maxima: the result does not depend on them.

import type { AdditiveCausalInputs, FusedKernels, StateOutputs } from "../kernels.ts";
import * as tf from "../tf.ts";
import { inverseWeight } from "./additive-global.ts";
import { additiveWeights, suffixSums } from "./column-scan.ts";
import { scanBackward, scanForward, scanOf, type Scan } from "./decay-scan.ts";
import type { Gpu } from "./dispatch.ts";
import { elementwise } from "./elementwise.ts";
import { widthOf } from "./half.ts";
import { COLUMN_TOKENS, segmentsOf } from "./shares.ts";

type Kernel = NonNullable<FusedKernels["additiveCausal"]>;

/**
 * q, g, v and k as float32, or all as halves; out, its cotangent and the gradients then are as well. The rule's own queries and
 * keys, weights and sums are float32.
 *
 * @param leastTokens shortest segment of the matrix scan
 */
export function additiveCausal(gpu: Gpu, leastTokens: number): Kernel {
  return {
    forward: (inputs) => tf.tidy(() => ({ ...forward(prepare(gpu, inputs, leastTokens)) })) as StateOutputs,
    backward: (inputs, cotangents) =>
      tf.tidy(() => ({ ...backward(gpu, inputs, cotangents, leastTokens) })) as ReturnType<Kernel["backward"]>,
  };
}

interface Prepared {
  readonly scan: Scan;
  readonly key: tf.Tensor3D; // e^{g − m}
  readonly inverse: tf.Tensor3D; // 1 / l
  readonly logKeep: tf.Tensor3D;
  readonly top: tf.Tensor2D; // the last maximum and sum
  readonly weight: tf.Tensor2D;
}

function prepare(gpu: Gpu, { q, g, v, k, top0, weight0, state0 }: AdditiveCausalInputs, leastTokens: number): Prepared {
  const [G, N] = g.shape;
  const D = widthOf(g);
  const { logKeep, key, inverse, after } = additiveWeights(gpu, {
    logits: g,
    top0,
    weight0,
    ...segmentsOf(G, N, Math.min(COLUMN_TOKENS, leastTokens)),
  });
  const last = (row: number) => tf.reshape(tf.slice(after, [0, row, 0], [G, 1, D]), [G, D]) as tf.Tensor2D;
  const inputs = {
    q: elementwise(gpu, { inputs: { q, inverse }, value: "q * inverse", like: inverse }),
    k: k === undefined ? key : elementwise(gpu, { inputs: { k, key }, value: "k * key", like: key }),
    v,
    logDecay: logKeep,
    initialState: tf.mul<tf.Tensor3D>(state0, tf.expandDims(weight0, 2)),
  };
  return { scan: scanOf(gpu, inputs, leastTokens), key, inverse, logKeep, top: last(0), weight: last(1) };
}

/** 1 / l, 0 where nothing was seen. [G, D, 1] */
function inverseOf(weight: tf.Tensor2D): tf.Tensor {
  return tf.expandDims(inverseWeight(weight), 2);
}

function forward({ scan, top, weight }: Prepared): StateOutputs {
  const { out, state } = scanForward(scan);
  return { out, state: tf.mul(state, inverseOf(weight)), lse: tf.add(top, tf.log(weight)) };
}

/** dv = Rᵀ p, dk = p ∘ (R v), dg = k ∘ dk − p ∘ r with R and r the sums over later tokens of q doᵀ / l and q ∘ dq / l. */
function backward(
  gpu: Gpu,
  inputs: AdditiveCausalInputs,
  cotangents: StateOutputs,
  leastTokens: number,
): ReturnType<Kernel["backward"]> {
  const { scan, key, inverse, logKeep, weight } = prepare(gpu, inputs, leastTokens);
  const [G, N] = key.shape;
  const last = inverseOf(weight); // [G, D, 1]
  const scans = scanBackward(scan, cotangents.out, tf.mul(cotangents.state, last), false);
  const atEnd = tf.sub(tf.sum(tf.mul(cotangents.state, tf.mul(scans.final, last)), 2), cotangents.lse);
  const { sums, left } = suffixSums(gpu, {
    x: elementwise(gpu, {
      inputs: { q: scan.inputs.q, dq: scans.q, inverse },
      value: "q * dq * inverse",
      like: inverse,
    }),
    initial: tf.mul(atEnd, tf.squeeze(last, [2])),
    decay: logKeep,
    order: undefined,
    ...segmentsOf(G, N, Math.min(COLUMN_TOKENS, leastTokens)),
  });
  const state0 = tf.mul<tf.Tensor3D>(scans.initialState, tf.expandDims(inputs.weight0, 2));
  return {
    q: elementwise(gpu, { inputs: { dq: scans.q, inverse }, value: "dq * inverse", like: inputs.q }),
    g: elementwise(gpu, {
      inputs: { k: scan.inputs.k, dk: scans.k, key, sums },
      value: "k * dk - key * sums",
      like: inputs.g,
    }),
    v: scans.v,
    ...(inputs.k === undefined
      ? {}
      : { k: elementwise(gpu, { inputs: { key, dk: scans.k }, value: "key * dk", like: inputs.k }) }),
    state0,
    top0: tf.sub(tf.sum(tf.mul(inputs.state0, state0), 2), tf.mul(left, inputs.weight0)),
  };
}
