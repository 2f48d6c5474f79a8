// Strategy `tiled`: online softmax over tiles of keys, one tile of queries at a time. Holds O(N) beside a tile; the
// backward pass computes the tiles again from the saved row maxima and sums. Causal: tiles above the diagonal are skipped.

import * as tf from "#engine/tf";
import type { OperatorSpec, Shape } from "#case/case";
import { maskOfHeads, mergeHeads } from "../heads.ts";
import type { Inputs, Outputs } from "../operator.ts";
import { differentiableOf, withGradient, type TensorMap } from "../with-gradient.ts";
import { TILE } from "./cost.ts";
import { scoreScale } from "./reference.ts";

/** Hidden scores stay finite; the row maximum starts far above them, so their weight is e^{−huge} = 0. */
const HIDDEN = -1e38;
export const NOTHING = -1e30;

interface Tile {
  readonly from: number;
  readonly count: number;
}

interface Attention {
  readonly q: tf.Tensor3D; // [BH, N, D], already scaled
  readonly k: tf.Tensor3D; // [BH, N, D]
  readonly v: tf.Tensor3D; // [BH, N, E]
  readonly hidden: tf.Tensor3D | undefined; // [BH, 1, N], 0 or HIDDEN
  readonly causal: boolean;
  readonly scale: number;
}

/** Merges heads and scales q once, instead of N² scores. */
export function attentionOf(inputs: Inputs<tf.Tensor>, spec: OperatorSpec, shape: Shape): Attention {
  const scale = scoreScale(spec, shape);
  const hidden =
    inputs.mask === undefined
      ? undefined
      : tf.expandDims(tf.mul(tf.sub(1, maskOfHeads(inputs.mask, shape.H)), HIDDEN), 1);
  return {
    q: tf.mul(mergeHeads(inputs.q!), scale),
    k: mergeHeads(inputs.k!),
    v: mergeHeads(inputs.v!),
    hidden: hidden as tf.Tensor3D | undefined,
    causal: spec.causal,
    scale,
  };
}

/** Scores of a tile [BH, rows, columns], hidden where mask or order hide them. */
export function scoresOf({ q, k, hidden, causal }: Attention, rows: Tile, columns: Tile): tf.Tensor3D {
  let scores: tf.Tensor3D = tf.matMul(part(q, rows), part(k, columns), false, true);
  if (hidden !== undefined) scores = tf.add(scores, tf.slice(hidden, [0, 0, columns.from], [-1, 1, columns.count]));
  if (!causal || columns.from + columns.count - 1 <= rows.from) return scores;
  // Token rows.from + r sees column columns.from + c when c ≤ r + (rows.from − columns.from).
  const shift = rows.from - columns.from;
  const order = tf.greater(
    tf.expandDims(tf.range(0, columns.count), 0),
    tf.expandDims(tf.range(shift, shift + rows.count), 1),
  );
  return tf.add(scores, tf.mul(tf.cast(order, "float32"), HIDDEN));
}

export function part(x: tf.Tensor3D, { from, count }: Tile): tf.Tensor3D {
  return tf.slice(x, [0, from, 0], [x.shape[0], count, x.shape[2]]);
}

function tilesOf(N: number): Tile[] {
  return Array.from({ length: Math.ceil(N / TILE) }, (_, i) => ({
    from: i * TILE,
    count: Math.min(TILE, N - i * TILE),
  }));
}

const sees = (causal: boolean, rows: Tile, columns: Tile) => !causal || columns.from < rows.from + rows.count;

/** 1/l, or 0 for a row that saw nothing. */
export function inverseSum(l: tf.Tensor): tf.Tensor {
  const empty = tf.cast(tf.equal(l, 0), "float32");
  return tf.div(tf.sub(1, empty), tf.add(l, empty));
}

type Running = [out: tf.Tensor3D, m: tf.Tensor3D, l: tf.Tensor3D];

/** Output rows of one tile of queries with their maxima and sums. */
function forwardRows(attention: Attention, rows: Tile, tiles: readonly Tile[]): Running {
  const { v, causal } = attention;
  const BH = v.shape[0];
  return tf.tidy(() => {
    let running: Running = [
      tf.zeros([BH, rows.count, v.shape[2]]),
      tf.fill([BH, rows.count, 1], NOTHING),
      tf.zeros([BH, rows.count, 1]),
    ];
    for (const columns of tiles.filter((tile) => sees(causal, rows, tile))) {
      const [out, m, l] = running;
      running = tf.tidy(() => {
        const scores = scoresOf(attention, rows, columns);
        const top = tf.maximum(m, tf.max(scores, 2, true)); // [BH, rows, 1]
        const keep = tf.exp(tf.sub(m, top));
        const p = tf.exp(tf.sub(scores, top)) as tf.Tensor3D;
        const sum = tf.add(tf.mul(l, keep), tf.sum(p, 2, true));
        return [tf.add(tf.mul(out, keep), tf.matMul(p, part(v, columns))), top, sum] as Running;
      });
      tf.dispose([out, m, l]);
    }
    return [tf.mul(running[0], inverseSum(running[2])), running[1], running[2]] as Running;
  });
}

export function runTiled(inputs: Inputs<tf.Tensor>, spec: OperatorSpec, shape: Shape): Outputs<tf.Tensor> {
  const { B, H, N, E } = shape;
  const tiles = tilesOf(N);
  return withGradient({
    inputs: differentiableOf(inputs),
    forward: () => {
      const attention = attentionOf(inputs, spec, shape);
      const rows = tiles.map((tile) => forwardRows(attention, tile, tiles));
      const joined = (index: 0 | 1 | 2) =>
        tf.concat(
          rows.map((row) => row[index]),
          1,
        );
      const out = joined(0);
      return {
        outputs: { out: tf.reshape(out, [B, H, N, E]) },
        saved: { ...(inputs as TensorMap), out, m: joined(1), l: joined(2) },
      };
    },
    backward: ({ out: cotangent }, saved) => {
      const attention = attentionOf(saved as Inputs<tf.Tensor>, spec, shape);
      const { dq, dk, dv } = backwardTiles(attention, saved as Saved, mergeHeads(cotangent), tiles);
      return {
        q: tf.reshape(tf.mul(dq, attention.scale), inputs.q!.shape),
        k: tf.reshape(dk, inputs.k!.shape),
        v: tf.reshape(dv, inputs.v!.shape),
      };
    },
  });
}

type Saved = { readonly out: tf.Tensor3D; readonly m: tf.Tensor3D; readonly l: tf.Tensor3D };

/** dq is with respect to the scaled q. */
function backwardTiles(attention: Attention, { out, m, l }: Saved, cotangent: tf.Tensor3D, tiles: readonly Tile[]) {
  const { q, k, v, causal } = attention;
  const inverse = inverseSum(l) as tf.Tensor3D;
  const mean = tf.sum(tf.mul(cotangent, out), 2, true) as tf.Tensor3D; // Σ_j p dp = do·o
  const zeros = (x: tf.Tensor3D) => tiles.map(({ count }): tf.Tensor3D => tf.zeros([x.shape[0], count, x.shape[2]]));
  const [dq, dk, dv] = [zeros(q), zeros(k), zeros(v)];
  for (const [r, rows] of tiles.entries()) {
    for (const [c, columns] of tiles.entries()) {
      if (!sees(causal, rows, columns)) continue;
      const old = [dq[r]!, dk[c]!, dv[c]!];
      [dq[r], dk[c], dv[c]] = tf.tidy(() => {
        const dRows = part(cotangent, rows);
        const scores = scoresOf(attention, rows, columns);
        const p = tf.mul(tf.exp(tf.sub(scores, part(m, rows))), part(inverse, rows)) as tf.Tensor3D;
        const dp = tf.matMul(dRows, part(v, columns), false, true);
        const ds = tf.mul(p, tf.sub(dp, part(mean, rows))) as tf.Tensor3D;
        return [
          tf.add(dq[r]!, tf.matMul(ds, part(k, columns))),
          tf.add(dk[c]!, tf.matMul(ds, part(q, rows), true)),
          tf.add(dv[c]!, tf.matMul(p, dRows, true)),
        ] as Running;
      });
      tf.dispose(old);
    }
  }
  return { dq: tf.concat(dq, 1), dk: tf.concat(dk, 1), dv: tf.concat(dv, 1) };
}
