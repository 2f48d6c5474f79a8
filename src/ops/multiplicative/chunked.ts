// Linear time on dense products: a tile of weights inside each chunk, a state between chunks.

import * as tf from "#engine/tf";
import { finiteLogDecay, type CausalScan, type ScanInputs } from "./causal-scan.ts";
import { carry, chunkDecays, chunking, cut, join, times, type Chunking } from "./chunks.ts";
import { sumTo } from "./sequential.ts";
import { denseTile } from "./tile-dense.ts";
import { vectorTile, type Centring } from "./tile-vector.ts";
import type { Tile, TileInputs } from "./tile.ts";

export interface ChunkOptions {
  /** most tokens of a chunk, a power of two */
  readonly chunk: number;
  readonly centring: Centring;
}

/** Inputs cut into chunks, and the tile that suits their decay. */
export interface Prepared {
  readonly inputs: TileInputs;
  readonly chunks: Chunking;
  readonly tile: Tile;
}

/**
 * o_i = (q_i ∘ e^{b_i})ᵀ S + Σ_{j≤i} (q_i·(e^{b_i − b_j} ∘ k_j)) v_j inside a chunk that is handed the state S, with b the
 * running sum of log decays; S' = diag(e^{b_C}) S + Σ_j (e^{b_C − b_j} ∘ k_j) v_jᵀ.
 */
export function chunkedScan(options: ChunkOptions): CausalScan {
  return {
    forward(scan) {
      const { inputs, chunks, tile } = prepare(scan, options);
      const decays = chunkDecays(inputs.logDecay);
      const { handed, final } = carry({
        added: tf.matMul<tf.Tensor3D>(times(inputs.k, decays?.toEnd), inputs.v, true),
        total: decays?.total,
        initial: scan.initialState,
        count: chunks.count,
      });
      const between = tf.matMul<tf.Tensor3D>(times(inputs.q, decays?.fromStart), handed); // [X, C, E]
      return { out: join(tf.add(between, tile.forward(inputs, false)), chunks), state: final };
    },

    backward(scan, dOut, dState) {
      const { inputs, chunks, tile } = prepare(scan, options);
      const cotangent = cut(dOut, chunks);
      const inside = tile.backward(inputs, cotangent, false);
      const between = betweenBackward({
        inputs,
        cotangent,
        chunks,
        initial: scan.initialState,
        dFinal: dState,
        reverse: false,
      });
      const decays = [inside.logDecay, between.logDecay].filter((part) => part !== undefined);
      return {
        q: join(tf.add(inside.q, between.q), chunks),
        k: join(tf.add(inside.k, between.k), chunks),
        v: join(tf.add(inside.v, between.v), chunks),
        logDecay: scan.logDecay === undefined ? undefined : sumTo(join(tf.addN(decays), chunks), scan.logDecay.shape),
        initialState: scan.initialState === undefined ? undefined : between.initial,
      };
    },
  };
}

/** Cuts a scan's inputs; a constant decay becomes one a token, as padding must not decay the final state. */
export function prepare(
  { q, k, v, logDecay: given }: Omit<ScanInputs, "initialState">,
  { chunk, centring }: ChunkOptions,
): Prepared {
  const [G, N] = q.shape;
  const logDecay = given === undefined ? undefined : finiteLogDecay(given);
  const vector = logDecay !== undefined && logDecay.shape[2] !== 1;
  const C = Math.min(chunk, vector ? 2 ** Math.ceil(Math.log2(N)) : N);
  const chunks = chunking(G, N, C);
  const constant = logDecay !== undefined && logDecay.shape[1] === 1 && N > 1 ? logDecay : undefined;
  const perToken = constant === undefined ? logDecay : tf.broadcastTo<tf.Rank.R3>(constant, [G, N, 1]);
  return {
    chunks,
    tile: vector ? vectorTile(centring) : denseTile,
    inputs: {
      q: cut(q, chunks),
      k: cut(k, chunks),
      v: cut(v, chunks),
      logDecay: perToken === undefined ? undefined : cut(perToken, chunks),
      constant,
    },
  };
}

export interface BetweenInputs {
  readonly inputs: TileInputs;
  readonly cotangent: tf.Tensor3D; // [X, C, E]
  readonly chunks: Chunking;
  readonly initial: tf.Tensor3D | undefined;
  readonly dFinal: tf.Tensor3D | undefined;
  /** the scan from the last token to the first */
  readonly reverse: boolean;
}

/** Gradients of what passes between chunks; `initial` is the gradient of the first state handed over. */
export function betweenBackward({ inputs, cotangent, chunks, initial, dFinal, reverse }: BetweenInputs) {
  const { q, k, v, logDecay } = inputs;
  const decays = chunkDecays(logDecay, reverse);
  const qDecayed = times(q, decays?.fromStart);
  const kDecayed = times(k, decays?.toEnd);
  const { count } = chunks;
  const { handed } = carry({
    added: tf.matMul<tf.Tensor3D>(kDecayed, v, true),
    total: decays?.total,
    initial,
    count,
    reverse,
  });
  // The gradient of the state that a chunk leaves, carried the other way.
  const { handed: dLeft, final: dInitial } = carry({
    added: tf.matMul<tf.Tensor3D>(qDecayed, cotangent, true),
    total: decays?.total,
    initial: dFinal,
    count,
    reverse: !reverse,
  });
  const dq = times(tf.matMul<tf.Tensor3D>(cotangent, handed, false, true), decays?.fromStart);
  const dk = times(tf.matMul<tf.Tensor3D>(v, dLeft, false, true), decays?.toEnd);
  const gradients = { q: dq, k: dk, v: tf.matMul<tf.Tensor3D>(kDecayed, dLeft), initial: dInitial };
  if (decays === undefined) return { ...gradients, logDecay: undefined };

  const width = logDecay!.shape[2];
  const [X, , D] = q.shape;
  const perToken = (x: tf.Tensor3D, dx: tf.Tensor3D) => {
    const shares = tf.mul<tf.Tensor3D>(x, dx);
    return width === 1 ? (tf.sum(shares, 2, true) as tf.Tensor3D) : shares;
  };
  const crossing = tf.sum(tf.mul(tf.mul(handed, decays.total), dLeft), 2).reshape<tf.Tensor3D>([X, 1, D]);
  const wholeChunk = width === 1 ? (tf.sum(crossing, 2, true) as tf.Tensor3D) : crossing;
  const logDecayGradient = tf.add(
    tf.add(tf.cumsum(perToken(q, dq), 1, false, !reverse), tf.cumsum(perToken(k, dk), 1, true, reverse)),
    wholeChunk,
  ) as tf.Tensor3D;
  return { ...gradients, logDecay: logDecayGradient };
}
