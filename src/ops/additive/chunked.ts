// Strategy `chunked`: N/C chunks. Between chunks travels the state; inside a chunk the triangle j ≤ t is cut into
// halves, quarters, … down to the diagonal.
//
// A weight e^{g_j − z_t} with j in the left and t in the right half is e^{g_j − μ} · e^{μ − m_t} / l_t, where m is the
// running maximum of g, l_t = Σ_{i≤t} e^{g_i − m_t}, and μ = m at the end of the left half. Since g_j ≤ μ ≤ m_t, only
// differences ≤ 0 are exponentiated, at any logits; and no sum runs over more than C terms and N/C chunks.

import * as tf from "#engine/tf";
import type { TensorMap } from "../with-gradient.ts";
import { HIDDEN, inverseWeight } from "./causal.ts";
import type { CausalAlgorithm, CausalInputs, CausalResult } from "./causal.ts";
import { backwardChunked } from "./chunked-backward.ts";
import {
  chunksOf,
  intoChunks,
  fromChunks,
  half,
  addToHalf,
  edgesOf,
  levelsOf,
  listOfChunks,
  stackOfChunks,
} from "./chunks.ts";

export const chunkedAlgorithm: CausalAlgorithm = { forward: forwardChunked, backward: backwardChunked };

/** x ← keep·x + step along the chunks. Returns x before every chunk (stacked) and after the last. */
function passAlong(
  steps: tf.Tensor4D,
  keep: tf.Tensor3D,
  start: tf.Tensor3D,
): { before: tf.Tensor4D; after: tf.Tensor3D } {
  const keeps = listOfChunks(tf.expandDims(keep, 3)); // n × [BH, D, 1]
  const before: tf.Tensor3D[] = [];
  let state = start;
  for (const [i, step] of listOfChunks(steps).entries()) {
    before.push(state);
    state = tf.add(tf.mul(state, keeps[i]!), step);
  }
  return { before: stackOfChunks(before), after: state };
}

function forwardChunked(inputs: CausalInputs): CausalResult {
  const [BH, N, D] = inputs.g.shape;
  const E = inputs.v.shape[2];
  const chunks = chunksOf(inputs.g);
  const { n } = chunks;
  const g = intoChunks(inputs.g, chunks, HIDDEN);
  const v = intoChunks(inputs.v, chunks);
  const k = inputs.k === undefined ? undefined : intoChunks(inputs.k, chunks);
  const { m, last, keep, toEnd, fromStart } = edgesOf(g, inputs.top0, chunks);

  // The weights' own sum l is one more column of the state.
  const sums = tf.matMul(k === undefined ? toEnd : tf.mul(toEnd, k), v, true); // [G, D, E]
  const weights = tf.expandDims(tf.sum(toEnd, 1), 2); // [G, D, 1]
  const weight0 = tf.expandDims(inputs.weight0, 2); // [BH, D, 1]
  const start = tf.concat([tf.mul(inputs.state0, weight0), weight0], 2) as tf.Tensor3D;
  const passed = passAlong(tf.reshape(tf.concat([sums, weights], 2), [BH, n, D, E + 1]), keep, start);
  const columns = (x: tf.Tensor3D, from: number, count: number) => tf.slice(x, [0, 0, from], [x.shape[0], D, count]);
  const before = tf.reshape(passed.before, [BH * n, D, E + 1]) as tf.Tensor3D;
  const prior = columns(before, 0, E); // [G, D, E]
  const levels = levelsOf(g, m);
  const diagonal = tf.exp(tf.sub(g, m) as tf.Tensor3D); // [G, C, D]

  let l: tf.Tensor3D = tf.add(diagonal, tf.mul(fromStart, tf.reshape(columns(before, E, 1), [BH * n, 1, D]))); // [G, C, D]
  for (const { key, query } of levels) l = addToHalf(l, tf.mul(query, tf.sum(key, 1, true)), "right");
  const scaled: tf.Tensor3D = tf.mul(intoChunks(inputs.q, chunks), inverseWeight(l)); // q / l

  const own = tf.mul(scaled, k === undefined ? diagonal : tf.mul(diagonal, k));
  let out: tf.Tensor3D = tf.add(tf.matMul(tf.mul(scaled, fromStart), prior), tf.mul(tf.sum(own, 2, true), v)); // [G, C, E]
  for (const { h, key, query } of levels) {
    out = tf.tidy(() => {
      const keys = k === undefined ? key : tf.mul(key, half(k, h, "left"));
      const scores = tf.matMul(tf.mul(half(scaled, h, "right"), query), keys, false, true); // [X, h, h]
      return addToHalf(out, tf.matMul(scores, half(v, h, "left")) as tf.Tensor3D, "right");
    });
  }
  const weightAfter = columns(passed.after, E, 1); // [BH, D, 1]
  const saved: TensorMap = { m, l, prior, last, weightAfter, stateAfter: columns(passed.after, 0, E) };
  return {
    out: fromChunks(out, chunks, N),
    state: tf.mul(columns(passed.after, 0, E), inverseWeight(weightAfter)),
    lse: tf.add(last, tf.log(tf.reshape(weightAfter, [BH, D]))),
    saved,
  };
}
