// Chunks of tokens, and halves of chunks: how strategy `chunked` cuts its tensors.

import * as tf from "#engine/tf";
import { runningMaximum } from "./causal.ts";
import { chunkOf } from "./cost.ts";

/** Running maxima at chunk edges, and the weights that take tokens to the end and the start of their chunk. */
export interface Edges {
  readonly m: tf.Tensor3D; // [G, C, D]
  readonly last: tf.Tensor2D; // [BH, D]
  readonly keep: tf.Tensor3D; // [BH, n, D], e^{before − after}
  readonly toEnd: tf.Tensor3D; // [G, C, D], e^{g − after}
  readonly fromStart: tf.Tensor3D; // [G, C, D], e^{before − m}
}

/** Weights of one level: of the keys on the left and the queries on the right of each block of 2h tokens. */
export interface Level {
  readonly h: number;
  readonly key: tf.Tensor3D; // [X, h, D]
  readonly query: tf.Tensor3D; // [X, h, D]
}

/** G = B·H·n groups of C tokens. */
export interface Chunks {
  readonly BH: number;
  readonly n: number;
  readonly C: number;
}

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

/** [BH,n,D,F] → n tensors [BH,D,F]. Slices of the first axis are contiguous, the only ones that are fast everywhere. */
export function listOfChunks(x: tf.Tensor4D): tf.Tensor3D[] {
  return tf.unstack(tf.transpose(x, [1, 0, 2, 3])) as tf.Tensor3D[];
}

/** n tensors [BH,D,F] → [BH,n,D,F]. */
export function stackOfChunks(list: tf.Tensor3D[]): tf.Tensor4D {
  return tf.transpose(tf.stack(list) as tf.Tensor4D, [1, 0, 2, 3]);
}
