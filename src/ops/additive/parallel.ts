// Strategy `parallel`: all pairs of tokens at once, w_tj = e^{g_j − m_t} for j ≤ t, per channel. Holds B·H·N·N·D
// floats; for small N, and as a second way of computing what `chunked` computes.

import * as tf from "#engine/tf";
import { inverseWeight, runningMaximum } from "./causal.ts";
import type { CausalAlgorithm, CausalInputs } from "./causal.ts";

/** Longest sequence: 128 × 128 × 64 channels are 4 MB a head. */
export const PARALLEL_LIMIT = 128;

/** Weights of all pairs, of the start, and their sums; the final token's are the last row. */
function weightsOf({ g, top0, weight0 }: CausalInputs) {
  const [BH, N, D] = g.shape;
  const start = tf.expandDims(top0, 1); // [BH, 1, D]
  const m = tf.maximum(runningMaximum(g), tf.add(start, tf.zeros([1, N, 1]))); // [BH, N, D]
  const difference = tf.sub(tf.reshape(g, [BH, 1, N, D]), tf.reshape(m, [BH, N, 1, D])); // [BH, t, j, D]
  const below = tf.reshape(tf.linalg.bandPart(tf.ones([N, N]), -1, 0), [1, N, N, 1]);
  // Above the diagonal the difference may be large: it is cut to 0 before it is exponentiated and hidden.
  const pairs = tf.mul(tf.exp(tf.neg(tf.relu(tf.neg(difference)))), below);
  const initial = tf.mul(tf.exp(tf.sub(start, m)), tf.expandDims(weight0, 1)); // [BH, N, D]
  const sums = tf.add(tf.sum(pairs, 2), initial); // [BH, N, D]
  const inverse = inverseWeight(sums);
  return { m, sums, pairs: tf.mul(pairs, tf.expandDims(inverse, 2)), initial: tf.mul(initial, inverse) };
}

const rows = (x: tf.Tensor) => tf.expandDims(x, 2); // [BH, N, 1, ·]
const columns = (x: tf.Tensor) => tf.expandDims(x, 1); // [BH, 1, N, ·]

export const parallelAlgorithm: CausalAlgorithm = {
  forward(inputs) {
    const { q, g, v, k, state0 } = inputs;
    const [BH, N, D] = g.shape;
    const E = v.shape[2];
    const { m, sums, pairs, initial } = weightsOf(inputs);
    const keys = k === undefined ? pairs : tf.mul(pairs, columns(k)); // [BH, t, j, D]
    const scores = tf.sum(tf.mul(keys, rows(q)), 3); // [BH, t, j]
    const out = tf.add(tf.matMul(scores, v), tf.matMul(tf.mul(q, initial), state0));
    const last = <T extends tf.Tensor>(x: T) => tf.reshape(tf.slice(x, [0, N - 1], [BH, 1]), [BH, -1, D]);
    const state = tf.add(tf.matMul(last(keys), v, true), tf.mul(tf.reshape(last(initial), [BH, D, 1]), state0));
    return {
      out: out as tf.Tensor3D,
      state: tf.reshape(state, [BH, D, E]),
      lse: tf.reshape(tf.add(last(m), tf.log(last(sums))), [BH, D]),
      saved: {},
    };
  },

  backward(inputs, _saved, cotangents) {
    const { q, g, v, k, state0 } = inputs;
    const [BH, N, D] = g.shape;
    const { pairs, initial } = weightsOf(inputs);
    const keys = k === undefined ? pairs : tf.mul(pairs, columns(k));
    const values = tf.expandDims(tf.matMul(cotangents.out, v, false, true), 3); // [BH, t, j, 1], do_t·v_j
    const dq = tf.add(tf.sum(tf.mul(keys, values), 2), tf.mul(initial, tf.matMul(cotangents.out, state0, false, true)));
    const flow = tf.mul(q, dq); // [BH, N, D]
    // The final state reads with weights of the last row; it is a query of one per channel and value column.
    const lastRow = (x: tf.Tensor) => tf.reshape(tf.slice(x, [0, N - 1], [BH, 1]), [BH, -1, D]);
    const lastPairs = lastRow(pairs); // [BH, j, D]
    const lastInitial = lastRow(initial); // [BH, 1, D]
    const state = tf.add(tf.matMul(lastRow(keys), v, true), tf.mul(tf.reshape(lastInitial, [BH, D, 1]), state0));
    const stateFlow = tf.sub(tf.sum(tf.mul(cotangents.state, state), 2), cotangents.lse); // [BH, D]
    const fromState = tf.matMul(v, cotangents.state, false, true); // [BH, j, D]

    const u = tf.add(tf.sum(tf.mul(tf.mul(pairs, rows(q)), values), 1), tf.mul(lastPairs, fromState)); // [BH, j, D]
    const y = tf.add(tf.sum(tf.mul(pairs, rows(flow)), 1), tf.mul(lastPairs, columns(stateFlow)));
    const scores = tf.sum(tf.mul(keys, rows(q)), 3); // [BH, t, j]
    const dv = tf.add(tf.matMul(scores, cotangents.out, true), tf.matMul(lastRow(keys), cotangents.state));
    const initialState = tf.add(
      tf.matMul(tf.mul(q, initial), cotangents.out, true),
      tf.mul(tf.reshape(lastInitial, [BH, D, 1]), cotangents.state),
    );
    const y0 = tf.add(tf.sum(tf.mul(initial, flow), 1), tf.mul(tf.reshape(lastInitial, [BH, D]), stateFlow));
    return {
      q: dq,
      g: tf.sub(k === undefined ? u : tf.mul(k, u), y),
      v: dv,
      k: u,
      initialState,
      initialLse: tf.sub(tf.sum(tf.mul(state0, initialState), 2), y0),
    };
  },
};
