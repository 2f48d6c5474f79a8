// Softmax attention by TensorFlow's own softmax, where there are no kernels of ours (on a GPU, off x64): blocks of queries against
// all keys they see. One pass over the scores where plain tfjs operations take six; measured on two cores 2.3 times as fast as
// strategy `tiled` at N 4096, 1.8 at 1024.

import type { AttentionInputs, FusedKernels } from "../kernels.ts";
import * as tf from "../tf.ts";

type Kernel = NonNullable<FusedKernels["attention"]>;

/** Scores of a block: 16 MiB. More leaves the caches, fewer queries make thin products. */
const BLOCK_SCORES = 2 ** 22;
const FEWEST_QUERIES = 16;
/** Added to a hidden score; twice that is still a finite float32. */
const HIDDEN = -1e38;

interface Block {
  readonly from: number;
  readonly queries: number;
  /** keys 0 … keys − 1 take part */
  readonly keys: number;
}

/** Blocks of queries: with causal order each sees the keys up to its own end. */
export function blocksOf(G: number, N: number, causal: boolean): Block[] {
  const size = Math.min(N, Math.max(FEWEST_QUERIES, Math.floor(BLOCK_SCORES / (G * N))));
  return Array.from({ length: Math.ceil(N / size) }, (_, i) => {
    const queries = Math.min(size, N - i * size);
    return { from: i * size, queries, keys: causal ? i * size + queries : N };
  });
}

function rows(x: tf.Tensor3D, from: number, count: number): tf.Tensor3D {
  return count === x.shape[1] ? x : tf.slice(x, [0, from, 0], [-1, count, -1]);
}

/** 1 where a query of the block may see a key, else 0; undefined where all may. [1 or G, queries or 1, keys] */
function seen({ causal, visible }: AttentionInputs, { from, queries, keys }: Block): tf.Tensor3D | undefined {
  const shown = visible === undefined ? undefined : tf.expandDims(tf.slice(visible, [0, 0], [-1, keys]), 1);
  if (!causal) return shown as tf.Tensor3D | undefined;
  const order = tf.cast(tf.lessEqual(tf.range(0, keys), tf.expandDims(tf.range(from, from + queries), 1)), "float32");
  return (shown === undefined ? tf.expandDims(order, 0) : tf.mul(shown, order)) as tf.Tensor3D;
}

interface Probabilities {
  readonly scores: tf.Tensor3D; // [G, queries, keys]
  /** over all keys, hidden ones too where a query sees none */
  readonly softmax: tf.Tensor3D;
  readonly p: tf.Tensor3D;
}

function probabilities(inputs: AttentionInputs, block: Block): Probabilities {
  const q = tf.mul(rows(inputs.q, block.from, block.queries), inputs.scale);
  const products = tf.matMul(q, rows(inputs.k, 0, block.keys), false, true) as tf.Tensor3D;
  const mask = seen(inputs, block);
  const scores = (mask === undefined ? products : tf.add(products, tf.mul(tf.sub(1, mask), HIDDEN))) as tf.Tensor3D;
  const softmax = tf.softmax(scores);
  // Without padding every query sees a key, and hidden ones get e^{−huge} = 0. With padding one may see none.
  return { scores, softmax, p: inputs.visible === undefined ? softmax : (tf.mul(softmax, mask!) as tf.Tensor3D) };
}

/** log Σ e^s = s − log p of any key; of the likeliest, p is not rounded to 0. [G, queries] */
function logSum({ scores, softmax }: Probabilities): tf.Tensor2D {
  return tf.sub(tf.max(scores, 2), tf.log(tf.max(softmax, 2)));
}

/** Gradients of a block of queries: its own of q, and its share of those of the keys and values that it sees. */
function backwardBlock(
  inputs: Parameters<Kernel["backward"]>[0],
  dOut: tf.Tensor3D,
  block: Block,
): [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D] {
  const { from, queries, keys } = block;
  return tf.tidy(() => {
    const { p } = probabilities(inputs, block);
    const given = rows(dOut, from, queries);
    const mean = tf.sum(tf.mul(given, rows(inputs.out, from, queries)), 2, true); // Σ_j p dp = do·o
    const dp = tf.matMul(given, rows(inputs.v, 0, keys), false, true);
    const ds = tf.mul(tf.mul(p, tf.sub(dp, mean)), inputs.scale) as tf.Tensor3D;
    const dq = tf.matMul(ds, rows(inputs.k, 0, keys)) as tf.Tensor3D;
    const dk = tf.matMul(ds, rows(inputs.q, from, queries), true) as tf.Tensor3D;
    return [dq, dk, tf.matMul(p, given, true) as tf.Tensor3D];
  });
}

/** Adds to the first rows; both summands are disposed of. */
function accumulate(sum: tf.Tensor3D | undefined, part: tf.Tensor3D, N: number): tf.Tensor3D {
  const next = tf.tidy(() => {
    const whole =
      part.shape[1] === N
        ? part.clone()
        : tf.pad(part, [
            [0, 0],
            [0, N - part.shape[1]],
            [0, 0],
          ]);
    return sum === undefined ? whole : (tf.add(sum, whole) as tf.Tensor3D);
  });
  part.dispose();
  sum?.dispose();
  return next;
}

/** Joins parts along the tokens and disposes of them. */
function joined<T extends tf.Tensor>(parts: readonly T[]): T {
  const whole = tf.concat([...parts], 1) as T;
  tf.dispose([...parts]);
  return whole;
}

export const attentionInBlocks: Kernel = {
  forward(inputs) {
    const parts = blocksOf(inputs.q.shape[0], inputs.k.shape[1], inputs.causal).map((block) =>
      tf.tidy(() => {
        const all = probabilities(inputs, block);
        return { out: tf.matMul(all.p, rows(inputs.v, 0, block.keys)) as tf.Tensor3D, rowLse: logSum(all) };
      }),
    );
    return { out: joined(parts.map(({ out }) => out)), rowLse: joined(parts.map(({ rowLse }) => rowLse)) };
  },

  backward(inputs, { out: dOut }) {
    const N = inputs.k.shape[1];
    const dq: tf.Tensor3D[] = [];
    let dk: tf.Tensor3D | undefined;
    let dv: tf.Tensor3D | undefined;
    for (const block of blocksOf(inputs.q.shape[0], N, inputs.causal)) {
      const [ofQueries, ofKeys, ofValues] = backwardBlock(inputs, dOut, block);
      dq.push(ofQueries);
      dk = accumulate(dk, ofKeys, N);
      dv = accumulate(dv, ofValues, N);
    }
    return { q: joined(dq), k: dk!, v: dv! };
  },
};
