// Strategy `chunked`: N/C chunks. Between chunks travels the state; inside a chunk the triangle j ≤ t is cut into
// halves, quarters, … down to the diagonal.
//
// A weight e^{g_j − z_t} with j in the left and t in the right half is e^{g_j − μ} · e^{μ − m_t} / l_t, where m is the
// running maximum of g, l_t = Σ_{i≤t} e^{g_i − m_t}, and μ = m at the end of the left half. Since g_j ≤ μ ≤ m_t, only
// differences ≤ 0 are exponentiated, at any logits; and no sum runs over more than C terms and N/C chunks.

import * as tf from "#engine/tf";
import type { TensorMap } from "../with-gradient.ts";
import { HIDDEN, inverseWeight, runningMaximum } from "./causal.ts";
import type { CausalAlgorithm, CausalInputs, CausalResult } from "./causal.ts";
import { backwardChunked } from "./chunked-backward.ts";
import { chunkOf } from "./cost.ts";

/** G = B·H·n groups of C tokens. */
export interface Chunks {
  readonly BH: number;
  readonly n: number;
  readonly C: number;
}

export const chunkedAlgorithm: CausalAlgorithm = { forward: forwardChunked, backward: backwardChunked };

/** Chunks of [BH,N,·] tensors. */
export function chunksOf(g: tf.Tensor3D): Chunks {
  const [BH, N] = g.shape;
  const C = chunkOf(N);
  return { BH, n: Math.ceil(N / C), C };
}

/** [BH,N,F] → [BH·n,C,F], the tail filled with `fill`. */
export function intoChunks(x: tf.Tensor3D, { BH, n, C }: Chunks, fill = 0): tf.Tensor3D {
  const missing = n * C - x.shape[1];
  const whole: tf.Tensor3D =
    missing === 0
      ? x
      : tf.pad(
          x,
          [
            [0, 0],
            [0, missing],
            [0, 0],
          ],
          fill,
        );
  return tf.reshape(whole, [BH * n, C, x.shape[2]]);
}

/** [BH·n,C,F] → [BH,N,F]. */
export function fromChunks(x: tf.Tensor3D, { BH, n, C }: Chunks, N: number): tf.Tensor3D {
  const F = x.shape[2];
  const flat: tf.Tensor3D = tf.reshape(x, [BH, n * C, F]);
  return n * C === N ? flat : tf.slice(flat, [0, 0, 0], [BH, N, F]);
}

/** The first or second h rows of each 2h rows: [X·2h,·] seen as [X,2h,F] → [X,h,F]. */
export function half(x: tf.Tensor3D, h: number, side: "left" | "right"): tf.Tensor3D {
  const [G, C, F] = x.shape;
  const blocks: tf.Tensor3D = tf.reshape(x, [(G * C) / (2 * h), 2 * h, F]);
  return tf.slice(blocks, [0, side === "left" ? 0 : h, 0], [blocks.shape[0], h, F]);
}

/** Adds [X,h,F] to the left or right halves of x [G,C,F]. */
export function addToHalf(x: tf.Tensor3D, part: tf.Tensor3D, side: "left" | "right"): tf.Tensor3D {
  const h = part.shape[1];
  const whole = tf.pad(part, [[0, 0], side === "left" ? [0, h] : [h, 0], [0, 0]]);
  return tf.add(x, tf.reshape(whole, x.shape));
}

/** Weights of one level: of the keys on the left and the queries on the right of each block of 2h tokens. */
export interface Level {
  readonly h: number;
  readonly key: tf.Tensor3D; // [X, h, D]
  readonly query: tf.Tensor3D; // [X, h, D]
}

/** @param m running maximum [G,C,D], state before the chunk included */
export function levelsOf(g: tf.Tensor3D, m: tf.Tensor3D): Level[] {
  const [, C, D] = g.shape;
  const levels: Level[] = [];
  for (let h = C / 2; h >= 1; h /= 2) {
    const left = half(m, h, "left");
    const edge = tf.slice(left, [0, h - 1, 0], [left.shape[0], 1, D]); // [X, 1, D]
    const difference = tf.sub(half(g, h, "left"), edge) as tf.Tensor3D;
    levels.push({ h, key: tf.exp(difference), query: tf.exp(tf.sub(edge, half(m, h, "right")) as tf.Tensor3D) });
  }
  return levels;
}

/** Running maxima at chunk edges, and the weights that take tokens to the end and the start of their chunk. */
export interface Edges {
  readonly m: tf.Tensor3D; // [G, C, D]
  readonly last: tf.Tensor2D; // [BH, D]
  readonly keep: tf.Tensor3D; // [BH, n, D], e^{before − after}
  readonly toEnd: tf.Tensor3D; // [G, C, D], e^{g − after}
  readonly fromStart: tf.Tensor3D; // [G, C, D], e^{before − m}
}

/** @param g logits in chunks [G,C,D] */
export function edgesOf(g: tf.Tensor3D, top0: tf.Tensor2D, { BH, n, C }: Chunks): Edges {
  const D = g.shape[2];
  const inside = runningMaximum(g); // [G, C, D]
  const ends: tf.Tensor3D = tf.reshape(tf.slice(inside, [0, C - 1, 0], [BH * n, 1, D]), [BH, n, D]);
  const edges = runningMaximum(tf.concat([tf.expandDims(top0, 1) as tf.Tensor3D, ends], 1)); // [BH, n+1, D]
  const before = tf.slice(edges, [0, 0, 0], [BH, n, D]);
  const after = tf.slice(edges, [0, 1, 0], [BH, n, D]);
  const row = (x: tf.Tensor3D): tf.Tensor3D => tf.reshape(x, [BH * n, 1, D]);
  // A broadcast maximum takes the wasm backend hundreds of times as long as one of equal shapes.
  const m = tf.maximum(inside, tf.add(row(before), tf.zeros([1, C, 1]))) as tf.Tensor3D;
  return {
    m,
    last: tf.reshape(tf.slice(edges, [0, n, 0], [BH, 1, D]), [BH, D]),
    keep: tf.exp(tf.sub(before, after) as tf.Tensor3D),
    toEnd: tf.exp(tf.sub(g, row(after)) as tf.Tensor3D),
    fromStart: tf.exp(tf.sub(row(before), m) as tf.Tensor3D),
  };
}

/** [BH,n,D,F] → n tensors [BH,D,F]. Slices of the first axis are contiguous, the only ones that are fast everywhere. */
export function listOfChunks(x: tf.Tensor4D): tf.Tensor3D[] {
  return tf.unstack(tf.transpose(x, [1, 0, 2, 3])) as tf.Tensor3D[];
}

/** n tensors [BH,D,F] → [BH,n,D,F]. */
export function stackOfChunks(list: tf.Tensor3D[]): tf.Tensor4D {
  return tf.transpose(tf.stack(list) as tf.Tensor4D, [1, 0, 2, 3]);
}

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
