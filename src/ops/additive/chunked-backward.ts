// Backward pass of `chunked`, with the same chunks, halves and weights. No gradient flows through a decay:
//   dq_t = (1/l_t) Σ_j e^{g_j−m_t} k_j (do_t·v_j)        u_j = Σ_t e^{g_j−m_t} (q_t/l_t) (do_t·v_j)
//   y_j = Σ_t e^{g_j−m_t} (q_t∘dq_t/l_t)                dg = k∘u − y,  dk = u,  dv_j = Σ_t (q_t·k_j weighted) do_t
// Between chunks travel R = Σ e^{·} (q/l) doᵀ and the sums of y, from the last chunk to the first.

import * as tf from "#engine/tf";
import type { TensorMap } from "../with-gradient.ts";
import { HIDDEN, inverseWeight } from "./causal.ts";
import type { CausalCotangents, CausalGradients, CausalInputs } from "./causal.ts";
import {
  addToHalf,
  chunksOf,
  edgesOf,
  fromChunks,
  half,
  intoChunks,
  levelsOf,
  listOfChunks,
  stackOfChunks,
} from "./chunks.ts";

export function backwardChunked(inputs: CausalInputs, saved: TensorMap, cotangents: CausalCotangents): CausalGradients {
  const [BH, N, D] = inputs.g.shape;
  const E = inputs.v.shape[2];
  const chunks = chunksOf(inputs.g);
  const { n } = chunks;
  const { m, prior } = saved as { m: tf.Tensor3D; prior: tf.Tensor3D };
  const g = intoChunks(inputs.g, chunks, HIDDEN);
  const v = intoChunks(inputs.v, chunks);
  const k = inputs.k === undefined ? undefined : intoChunks(inputs.k, chunks);
  const dOut = intoChunks(cotangents.out, chunks);
  const { keep, toEnd, fromStart } = edgesOf(g, inputs.top0, chunks);
  const levels = levelsOf(g, m);
  const diagonal = tf.exp(tf.sub(g, m)) as tf.Tensor3D;
  const withKey = (weight: tf.Tensor3D, key = k): tf.Tensor3D => (key === undefined ? weight : tf.mul(weight, key));
  const leftKey = (h: number) => (k === undefined ? undefined : half(k, h, "left"));

  const inverse = inverseWeight(saved["l"] as tf.Tensor3D);
  const q = intoChunks(inputs.q, chunks);
  const scaled: tf.Tensor3D = tf.mul(q, inverse); // q / l
  const ownPair = tf.sum(tf.mul(dOut, v), 2, true); // [G, C, 1], do_t·v_t

  let dq: tf.Tensor3D = tf.add(
    tf.mul(withKey(diagonal), ownPair),
    tf.mul(fromStart, tf.matMul(dOut, prior, false, true)),
  );
  for (const { h, key, query } of levels) {
    dq = tf.tidy(() => {
      const pairs = tf.matMul(half(dOut, h, "right"), half(v, h, "left"), false, true); // [X, h, h]
      return addToHalf(dq, tf.mul(query, tf.matMul(pairs, withKey(key, leftKey(h)))), "right");
    });
  }
  dq = tf.mul(dq, inverse);
  const flow: tf.Tensor3D = tf.mul(scaled, dq); // what y sums

  const last = finalCotangents(saved, cotangents);
  const steps = tf.concat(
    [tf.matMul(tf.mul(scaled, fromStart), dOut, true), tf.expandDims(tf.sum(tf.mul(flow, fromStart), 1), 2)],
    2,
  );
  const passed = passBack(tf.reshape(steps, [BH, n, D, E + 1]), keep, last);
  const after = tf.reshape(passed.after, [BH * n, D, E + 1]);
  const R = tf.slice(after, [0, 0, 0], [BH * n, D, E]) as tf.Tensor3D;
  const ySum = tf.reshape(tf.slice(after, [0, 0, E], [BH * n, D, 1]), [BH * n, 1, D]);

  let u: tf.Tensor3D = tf.add(tf.mul(tf.mul(diagonal, scaled), ownPair), tf.mul(toEnd, tf.matMul(v, R, false, true)));
  let y: tf.Tensor3D = tf.add(tf.mul(diagonal, flow), tf.mul(toEnd, ySum));
  let dv: tf.Tensor3D = tf.add(
    tf.mul(tf.sum(tf.mul(scaled, withKey(diagonal)), 2, true), dOut),
    tf.matMul(withKey(toEnd), R),
  );
  for (const { h, key, query } of levels) {
    [u, y, dv] = tf.tidy(() => {
      const dRight = half(dOut, h, "right");
      const queries = tf.mul(half(scaled, h, "right"), query);
      const pairs = tf.matMul(dRight, half(v, h, "left"), false, true); // [X, t, j]
      const scores = tf.matMul(queries, withKey(key, leftKey(h)), false, true); // [X, t, j]
      const ySums = tf.sum(tf.mul(query, half(flow, h, "right")), 1, true); // [X, 1, D]
      return [
        addToHalf(u, tf.mul(key, tf.matMul(pairs, queries, true)), "left"),
        addToHalf(y, tf.mul(key, ySums), "left"),
        addToHalf(dv, tf.matMul(scores, dRight, true) as tf.Tensor3D, "left"),
      ];
    }) as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
  }
  const first = tf.mul(passed.before, tf.expandDims(inputs.weight0, 2)); // [BH, D, E+1]
  const initialState = tf.slice(first, [0, 0, 0], [BH, D, E]);
  const y0 = tf.reshape(tf.slice(first, [0, 0, E], [BH, D, 1]), [BH, D]);
  return {
    q: fromChunks(dq, chunks, N),
    g: fromChunks(tf.sub(withKey(u), y), chunks, N),
    v: fromChunks(dv, chunks, N),
    k: fromChunks(u, chunks, N),
    initialState,
    initialLse: tf.sub(tf.sum(tf.mul(inputs.state0, initialState), 2), y0),
  };
}

/** [R | y] after the last token: the final state is one more query, the final lse one more weight. [BH,D,E+1] */
function finalCotangents(saved: TensorMap, { state: dState, lse: dLse }: CausalCotangents): tf.Tensor3D {
  const inverse = inverseWeight(saved["weightAfter"]!); // [BH, D, 1]
  const state = tf.mul(saved["stateAfter"]!, inverse);
  const y = tf.sub(tf.sum(tf.mul(dState, state), 2, true), tf.expandDims(dLse, 2));
  return tf.mul(tf.concat([dState, y as tf.Tensor3D], 2), inverse);
}

/** x ← keep·x + step from the last chunk to the first. Returns x after every chunk (stacked) and before the first. */
function passBack(
  steps: tf.Tensor4D,
  keep: tf.Tensor3D,
  last: tf.Tensor3D,
): { after: tf.Tensor4D; before: tf.Tensor3D } {
  const keeps = listOfChunks(tf.expandDims(keep, 3));
  const list = listOfChunks(steps);
  const after: tf.Tensor3D[] = [];
  let state = last;
  for (let i = list.length - 1; i >= 0; i--) {
    after.push(state);
    state = tf.add(tf.mul(state, keeps[i]!), list[i]!);
  }
  return { after: stackOfChunks(after.reverse()), before: state };
}
