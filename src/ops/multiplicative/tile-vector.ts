// The tile where every channel has its own decay. No matrix of weights exists: the decay between two tokens
// is split at a point between them and put on q and on k.

import * as tf from "#engine/tf";
import type { Tile, TileGradients, TileInputs } from "./tile.ts";

/** Tokens of a block that is done in one product, with the reference in mid-range. */
const BLOCK = 16;
/**
 * Centred factors reach e^{±range/2}: at 80, e^{±40} are far from float32's limits and their exponents'
 * rounding still below the tolerance.
 */
const CENTRED_RANGE = 80;

/** Whether a block's log decays may be centred: needs to look at values; `never` where that would stall a device. */
export type Centring = "in-range" | "never";

/**
 * By halves: the second half of a span sees the first through their common border, so both exponents are ≤ 0
 * whatever the decays; then each half likewise, down to blocks of 16 where the range allows, else to single tokens.
 */
export function vectorTile(centring: Centring): Tile {
  return {
    forward(inputs, both) {
      const base = baseOf(inputs, centring);
      const atBase = base === 1 ? tf.mul(inputs.v, diagonal(inputs, both)) : centredForward(inputs, both, base);
      const total = halves(inputs.q.shape[1], base).reduce(
        (sum, half) => tf.add(sum, acrossForward(inputs, half, both)),
        atBase,
      );
      return total as tf.Tensor3D;
    },
    backward(inputs, dOut, both) {
      const base = baseOf(inputs, centring);
      const atBase = base === 1 ? undefined : centredBackward(inputs, dOut, both, base);
      const parts = halves(inputs.q.shape[1], base).map((half) => acrossBackward(inputs, dOut, half, both));
      return addGradients([diagonalBackward(inputs, dOut, both), ...(atBase === undefined ? [] : [atBase]), ...parts]);
    },
  };
}

/** Lengths of the halves, C/2 … base. */
function halves(C: number, base: number): number[] {
  const lengths: number[] = [];
  for (let half = C / 2; half >= base; half /= 2) lengths.push(half);
  return lengths;
}

function baseOf({ logDecay }: TileInputs, centring: Centring): number {
  const C = logDecay!.shape[1];
  if (centring === "never" || C < 2) return 1;
  const base = Math.min(BLOCK, C);
  const range = tf.tidy(() => tf.neg(tf.min(tf.sum(blocks(logDecay!, base), 1))));
  const value = range.dataSync()[0]!;
  range.dispose();
  return value <= CENTRED_RANGE ? base : 1; // NaN goes the exact way too
}

function blocks(tensor: tf.Tensor3D, length: number): tf.Tensor3D {
  const [X, C, W] = tensor.shape;
  return tensor.reshape([(X * C) / length, length, W]);
}

/** q_t·k_t, [X, C, 1], twice where both directions count it. */
function diagonal({ q, k }: TileInputs, both: boolean): tf.Tensor3D {
  const products = tf.sum(tf.mul(q, k), 2, true) as tf.Tensor3D;
  return both ? tf.mul(products, 2) : products;
}

function diagonalBackward(inputs: TileInputs, dOut: tf.Tensor3D, both: boolean): TileGradients {
  const { q, k, v } = inputs;
  const products = tf.sum(tf.mul(dOut, v), 2, true);
  const share = both ? tf.mul(products, 2) : products;
  return { q: tf.mul(k, share), k: tf.mul(q, share), v: tf.mul(dOut, diagonal(inputs, both)), logDecay: undefined };
}

// ── across the border between two halves ────────────────────────────────────────────────────────────────

interface Side {
  readonly x: tf.Tensor3D;
  /** e^{sum of log decays between the token and the border} */
  readonly factor: tf.Tensor3D;
}

interface Crossing {
  readonly q: Side;
  readonly k: Side;
  readonly v: tf.Tensor3D;
}

/** Queries of one half, keys and values of the other; the earlier half is the keys' in the forward direction. */
function crossing(inputs: TileInputs, half: number, forward: boolean): Crossing {
  const queries = forward ? 1 : 0;
  const w = (side: number) => halfOf(inputs.logDecay!, half, side);
  // A query's own decay counts, a key's own does not.
  return {
    q: { x: halfOf(inputs.q, half, queries), factor: tf.exp(tf.cumsum(w(queries), 1, false, !forward)) },
    k: { x: halfOf(inputs.k, half, 1 - queries), factor: tf.exp(tf.cumsum(w(1 - queries), 1, true, forward)) },
    v: halfOf(inputs.v, half, 1 - queries),
  };
}

function halfOf(tensor: tf.Tensor3D, half: number, side: number): tf.Tensor3D {
  const spans = blocks(tensor, 2 * half);
  return tf.slice(spans, [0, side * half, 0], [spans.shape[0], half, spans.shape[2]]);
}

/** The two halves put together again, in the shape of `like` but for the width; a missing one is 0. */
function together(first: tf.Tensor3D | undefined, second: tf.Tensor3D | undefined, like: tf.Tensor3D): tf.Tensor3D {
  const known = (first ?? second)!;
  const spans = tf.concat([first ?? tf.zerosLike(known), second ?? tf.zerosLike(known)], 1);
  return spans.reshape([like.shape[0], like.shape[1], known.shape[2]]);
}

function acrossForward(inputs: TileInputs, half: number, both: boolean): tf.Tensor3D {
  const product = (forward: boolean) => {
    const { q, k, v } = crossing(inputs, half, forward);
    return tf.matMul<tf.Tensor3D>(
      tf.matMul<tf.Tensor3D>(tf.mul<tf.Tensor3D>(q.x, q.factor), tf.mul(k.x, k.factor), false, true),
      v,
    );
  };
  return together(both ? product(false) : undefined, product(true), inputs.v);
}

function acrossBackward(inputs: TileInputs, dOut: tf.Tensor3D, half: number, both: boolean): TileGradients {
  const later = crossingBackward(crossing(inputs, half, true), halfOf(dOut, half, 1), true);
  const earlier = both ? crossingBackward(crossing(inputs, half, false), halfOf(dOut, half, 0), false) : undefined;
  const sum = (a: tf.Tensor3D, b: tf.Tensor3D | undefined) => (b === undefined ? a : tf.add<tf.Tensor3D>(a, b));
  return {
    q: together(earlier?.q, later.q, inputs.q),
    k: together(later.k, earlier?.k, inputs.k),
    v: together(later.v, earlier?.v, inputs.v),
    logDecay: together(sum(later.keyDecay, earlier?.queryDecay), sum(later.queryDecay, earlier?.keyDecay), inputs.q),
  };
}

/** The log decays between a token and the border share its x∘dx: running sums of like terms, no difference of large ones. */
function crossingBackward({ q, k, v }: Crossing, dOut: tf.Tensor3D, forward: boolean) {
  const qDecayed = tf.mul<tf.Tensor3D>(q.x, q.factor);
  const kDecayed = tf.mul<tf.Tensor3D>(k.x, k.factor);
  const scores = tf.matMul<tf.Tensor3D>(qDecayed, kDecayed, false, true);
  const dScores = tf.matMul<tf.Tensor3D>(dOut, v, false, true);
  const dq = tf.mul<tf.Tensor3D>(tf.matMul<tf.Tensor3D>(dScores, kDecayed), q.factor);
  const dk = tf.mul<tf.Tensor3D>(tf.matMul<tf.Tensor3D>(dScores, qDecayed, true), k.factor);
  return {
    q: dq,
    k: dk,
    v: tf.matMul<tf.Tensor3D>(scores, dOut, true),
    queryDecay: tf.cumsum<tf.Tensor3D>(tf.mul<tf.Tensor3D>(q.x, dq), 1, false, forward),
    keyDecay: tf.cumsum<tf.Tensor3D>(tf.mul<tf.Tensor3D>(k.x, dk), 1, true, !forward),
  };
}

// ── blocks with the reference in mid-range ──────────────────────────────────────────────────────────────

interface Centred {
  readonly q: Side;
  readonly k: Side;
  /** which pairs [query, key] count, without the diagonal */
  readonly strict: tf.Tensor2D;
}

function centred(inputs: TileInputs, base: number, forward: boolean): Centred {
  const w = blocks(inputs.logDecay!, base);
  const sums = tf.cumsum(w, 1, false, !forward); // [X·C/base, base, D]
  const middle = tf.mul(tf.sum(w, 1, true), 0.5);
  const toMiddle = tf.sub<tf.Tensor3D>(sums, middle);
  return {
    q: { x: blocks(inputs.q, base), factor: tf.exp(toMiddle) },
    k: { x: blocks(inputs.k, base), factor: tf.exp(tf.neg(toMiddle)) },
    strict: forward ? lowerTriangle(base) : lowerTriangle(base).transpose(),
  };
}

function lowerTriangle(size: number): tf.Tensor2D {
  const values = Uint8Array.from({ length: size * size }, (_, at) => Number(at % size < Math.floor(at / size)));
  return tf.tensor2d(values, [size, size], "bool");
}

/** Outside the triangle a product may be infinite: selected, never multiplied by 0. */
function select(pairs: tf.Tensor2D, tensor: tf.Tensor3D): tf.Tensor3D {
  return tf.where(tf.broadcastTo(pairs.expandDims(0), tensor.shape), tensor, tf.zerosLike(tensor));
}

function centredForward(inputs: TileInputs, both: boolean, base: number): tf.Tensor3D {
  const v = blocks(inputs.v, base);
  const scoresOf = (forward: boolean) => {
    const { q, k, strict } = centred(inputs, base, forward);
    return select(
      strict,
      tf.matMul<tf.Tensor3D>(tf.mul<tf.Tensor3D>(q.x, q.factor), tf.mul(k.x, k.factor), false, true),
    );
  };
  const scores = both ? tf.add<tf.Tensor3D>(scoresOf(true), scoresOf(false)) : scoresOf(true);
  const out = tf.matMul<tf.Tensor3D>(scores, v).reshape<tf.Tensor3D>(inputs.v.shape);
  return tf.add(out, tf.mul(inputs.v, diagonal(inputs, both)));
}

/** The strictly triangular part; the diagonal has no decay and is left to `diagonalBackward`. */
function centredBackward(inputs: TileInputs, dOut: tf.Tensor3D, both: boolean, base: number): TileGradients {
  const v = blocks(inputs.v, base);
  const cotangent = blocks(dOut, base);
  const dScores = tf.matMul<tf.Tensor3D>(cotangent, v, false, true);
  const one = (forward: boolean): TileGradients => {
    const { q, k, strict } = centred(inputs, base, forward);
    const qDecayed = tf.mul<tf.Tensor3D>(q.x, q.factor);
    const kDecayed = tf.mul<tf.Tensor3D>(k.x, k.factor);
    const scores = select(strict, tf.matMul<tf.Tensor3D>(qDecayed, kDecayed, false, true));
    const chosen = select(strict, dScores);
    const dq = tf.mul<tf.Tensor3D>(tf.matMul<tf.Tensor3D>(chosen, kDecayed), q.factor);
    const dk = tf.mul<tf.Tensor3D>(tf.matMul<tf.Tensor3D>(chosen, qDecayed, true), k.factor);
    const shares = tf.sub<tf.Tensor3D>(tf.mul(q.x, dq), tf.mul(k.x, dk));
    return {
      q: dq,
      k: dk,
      v: tf.matMul<tf.Tensor3D>(scores, cotangent, true),
      logDecay: tf.cumsum(shares, 1, false, forward),
    };
  };
  const parts = both ? [one(true), one(false)] : [one(true)];
  const { q, k, v: dv, logDecay } = addGradients(parts);
  return {
    q: q.reshape(inputs.q.shape),
    k: k.reshape(inputs.k.shape),
    v: dv.reshape(inputs.v.shape),
    logDecay: logDecay!.reshape(inputs.q.shape),
  };
}

/** Sums the parts; the log decays' is absent where no part has one (a single token). */
function addGradients(parts: readonly TileGradients[]): TileGradients {
  const sum = (tensors: readonly tf.Tensor3D[]) =>
    tensors.slice(1).reduce((total, part) => tf.add(total, part), tensors[0]!);
  const decays = parts.flatMap(({ logDecay }) => (logDecay === undefined ? [] : [logDecay]));
  return {
    q: sum(parts.map(({ q }) => q)),
    k: sum(parts.map(({ k }) => k)),
    v: sum(parts.map(({ v }) => v)),
    logDecay: decays.length === 0 ? undefined : sum(decays),
  };
}
