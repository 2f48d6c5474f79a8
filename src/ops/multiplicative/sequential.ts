// One step at a time, the recurrence as it is written: for decoding, short sequences and as a second opinion.

import * as tf from "#engine/tf";
import type { CausalScan, ScanInputs } from "./causal-scan.ts";

/** s_t = diag(λ_t) s_{t−1} + k_t v_tᵀ, o_t = s_tᵀ q_t; backward D_t = q_t do_tᵀ + diag(λ_{t+1}) D_{t+1}. */
export const sequentialScan: CausalScan = {
  forward(inputs) {
    const states = allStates(inputs);
    const q = steps(inputs.q, 1);
    const out = states.slice(1).map((state, t) => tf.matMul<tf.Tensor3D>(q[t]!, state)); // [G, 1, E]
    return { out: tf.concat(out, 1) as tf.Tensor3D, state: states.at(-1)! };
  },

  backward(inputs, dOut, dFinal) {
    const { q, k, v, logDecay } = inputs;
    const N = q.shape[1];
    const states = allStates(inputs);
    const rows = { q: steps(q, 1), k: steps(k, 1), v: steps(v, 1), dOut: steps(dOut, 1), decay: decaySteps(inputs) };
    const dq: tf.Tensor[] = [];
    const dk: tf.Tensor[] = [];
    const dv: tf.Tensor[] = [];
    const dLogDecay: tf.Tensor[] = [];
    let dState: tf.Tensor3D = dFinal ?? tf.zerosLike(states[0]!);
    for (let t = N - 1; t >= 0; t--) {
      dState = tf.add(dState, tf.matMul<tf.Tensor3D>(rows.q[t]!, rows.dOut[t]!, true));
      dq.unshift(tf.matMul<tf.Tensor3D>(rows.dOut[t]!, states[t + 1]!, false, true));
      dk.unshift(tf.matMul<tf.Tensor3D>(rows.v[t]!, dState, false, true));
      dv.unshift(tf.matMul<tf.Tensor3D>(rows.k[t]!, dState));
      if (rows.decay === undefined) continue;
      dState = tf.mul(dState, rows.decay[t]!); // [G, D, E]
      dLogDecay.unshift(tf.sum(tf.mul(dState, states[t]!), 2).expandDims(1)); // [G, 1, D]
    }
    return {
      q: tf.concat(dq, 1) as tf.Tensor3D,
      k: tf.concat(dk, 1) as tf.Tensor3D,
      v: tf.concat(dv, 1) as tf.Tensor3D,
      logDecay: logDecay === undefined ? undefined : sumTo(tf.concat(dLogDecay, 1) as tf.Tensor3D, logDecay.shape),
      initialState: inputs.initialState === undefined ? undefined : dState,
    };
  },
};

/** Sums over the axes along which `shape` has one entry. */
export function sumTo(tensor: tf.Tensor3D, shape: readonly number[]): tf.Tensor3D {
  const axes = shape.flatMap((size, axis) => (size === 1 && tensor.shape[axis] !== 1 ? [axis] : []));
  return axes.length === 0 ? tensor : tf.sum(tensor, axes, true);
}

/** The state before the first step, then after each: N + 1 of [G, D, E]. */
function allStates(inputs: ScanInputs): tf.Tensor3D[] {
  const [G, N, D] = inputs.q.shape;
  const k = steps(inputs.k, 1);
  const v = steps(inputs.v, 1);
  const decay = decaySteps(inputs);
  let state: tf.Tensor3D = inputs.initialState ?? tf.zeros([G, D, inputs.v.shape[2]]);
  const states = [state];
  for (let t = 0; t < N; t++) {
    const kept = decay === undefined ? state : tf.mul<tf.Tensor3D>(state, decay[t]!);
    state = tf.add(kept, tf.matMul<tf.Tensor3D>(k[t]!, v[t]!, true));
    states.push(state);
  }
  return states;
}

/** λ of each step, ready to multiply a state: [G, 1 or D, 1]. */
function decaySteps({ q, logDecay }: ScanInputs): tf.Tensor3D[] | undefined {
  if (logDecay === undefined) return undefined;
  const decay = tf.exp(logDecay).transpose<tf.Tensor3D>([0, 2, 1]); // [G, 1 or D, 1 or N]
  return decay.shape[2] === 1 ? Array<tf.Tensor3D>(q.shape[1]).fill(decay) : steps(decay, 2);
}

function steps(tensor: tf.Tensor3D, axis: number): tf.Tensor3D[] {
  return tf.split(tensor, tensor.shape[axis]!, axis);
}
