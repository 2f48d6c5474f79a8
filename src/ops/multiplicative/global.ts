// Without decay and without order: every token sees the sum over all. Two products, in the cheaper order.

import * as tf from "#engine/tf";
import type { CausalScan } from "./causal-scan.ts";

/** o = q (kᵀv + s₀), as (q kᵀ) v + q s₀ where N < 2DE/(D + E). */
export const globalSum: CausalScan = {
  forward({ q, k, v, initialState }) {
    const [, N, D] = q.shape;
    const E = v.shape[2];
    const sum = tf.matMul<tf.Tensor3D>(k, v, true); // [G, D, E]
    const state = initialState === undefined ? sum : tf.add<tf.Tensor3D>(sum, initialState);
    const fewTokens = N * (D + E) < 2 * D * E && initialState === undefined;
    return {
      out: fewTokens
        ? tf.matMul<tf.Tensor3D>(tf.matMul<tf.Tensor3D>(q, k, false, true), v)
        : tf.matMul<tf.Tensor3D>(q, state),
      state,
    };
  },

  backward({ q, k, v, initialState }, dOut, dState) {
    const sum = tf.matMul<tf.Tensor3D>(k, v, true);
    const state = initialState === undefined ? sum : tf.add<tf.Tensor3D>(sum, initialState);
    const fromOut = tf.matMul<tf.Tensor3D>(q, dOut, true); // [G, D, E]
    const dSum = dState === undefined ? fromOut : tf.add<tf.Tensor3D>(fromOut, dState);
    return {
      q: tf.matMul<tf.Tensor3D>(dOut, state, false, true),
      k: tf.matMul<tf.Tensor3D>(v, dSum, false, true),
      v: tf.matMul<tf.Tensor3D>(k, dSum),
      logDecay: undefined,
      initialState: initialState === undefined ? undefined : dSum,
    };
  },
};
