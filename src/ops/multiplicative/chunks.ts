// Sequences cut into chunks, and the states carried from chunk to chunk.

import * as tf from "#engine/tf";

export interface Chunking {
  readonly G: number;
  readonly N: number;
  /** tokens of a chunk */
  readonly C: number;
  /** chunks of a row */
  readonly count: number;
}

export function chunking(G: number, N: number, C: number): Chunking {
  return { G, N, C, count: Math.ceil(N / C) };
}

/** [G, N, W] → [G·count, C, W]; the last chunk is filled up with zeros, which no token before it sees. */
export function cut(tensor: tf.Tensor3D, { G, N, C, count }: Chunking): tf.Tensor3D {
  const missing = count * C - N;
  const whole =
    missing === 0
      ? tensor
      : tf.pad(tensor, [
          [0, 0],
          [0, missing],
          [0, 0],
        ]);
  return tf.reshape(whole, [G * count, C, tensor.shape[2]]);
}

/** The inverse of `cut`. */
export function join(tensor: tf.Tensor3D, { G, N, C, count }: Chunking): tf.Tensor3D {
  const W = tensor.shape[2];
  const whole = tf.reshape(tensor, [G, count * C, W]);
  return count * C === N ? (whole as tf.Tensor3D) : tf.slice(whole as tf.Tensor3D, [0, 0, 0], [G, N, W]);
}

/**
 * Decay factors inside each chunk, [X, C, 1 or D]. Every exponent is a sum of log decays, so ≤ 0, and each sum
 * is taken on its own: differences of long running sums would cancel.
 */
export interface ChunkDecays {
  /** Π λ from the chunk's first token to this one, both included */
  readonly fromStart: tf.Tensor3D;
  /** Π λ from the token after this one to the chunk's last */
  readonly toEnd: tf.Tensor3D;
  /** Π λ of the whole chunk, [X, 1 or D, 1]: factor on a state */
  readonly total: tf.Tensor3D;
}

export function chunkDecays(logDecay: tf.Tensor3D | undefined, reverse = false): ChunkDecays | undefined {
  if (logDecay === undefined) return undefined;
  const [X, , d] = logDecay.shape;
  return {
    fromStart: tf.exp(tf.cumsum(logDecay, 1, false, reverse)),
    toEnd: tf.exp(tf.cumsum(logDecay, 1, true, !reverse)),
    total: tf.exp(tf.sum(logDecay, 1)).reshape([X, d, 1]),
  };
}

export function times(tensor: tf.Tensor3D, factor: tf.Tensor3D | undefined): tf.Tensor3D {
  return factor === undefined ? tensor : tf.mul(tensor, factor);
}

export interface CarryInputs {
  /** what each chunk adds, [G·count, D, E] */
  readonly added: tf.Tensor3D;
  /** factor of each chunk on what it is handed, [G·count, 1 or D, 1]; undefined = 1 */
  readonly total: tf.Tensor3D | undefined;
  /** [G, D, E]; undefined = 0 */
  readonly initial: tf.Tensor3D | undefined;
  readonly count: number;
  /** from the last chunk to the first */
  readonly reverse?: boolean;
}

/** `handed[c]` is what chunk c is handed by those before it, [G·count, D, E]; `final` [G, D, E] what the last one leaves. */
export function carry({ added, total, initial, count, reverse = false }: CarryInputs): {
  handed: tf.Tensor3D;
  final: tf.Tensor3D;
} {
  const [X, D, E] = added.shape;
  const G = X / count;
  const zero = () => tf.zeros<tf.Rank.R3>([G, D, E]);
  if (count === 1) {
    const handed = initial ?? zero();
    return { handed, final: initial === undefined ? added : tf.add(times(initial, total), added) };
  }
  const ofChunk = (tensor: tf.Tensor3D) =>
    tf.split(tensor.reshape<tf.Tensor4D>([G, count, tensor.shape[1], tensor.shape[2]]), count, 1);
  const parts = ofChunk(added);
  const factors = total === undefined ? undefined : ofChunk(total);
  let state = (initial ?? zero()).reshape<tf.Tensor4D>([G, 1, D, E]);
  const handed: tf.Tensor4D[] = [];
  for (let step = 0; step < count; step++) {
    const c = reverse ? count - 1 - step : step;
    handed[c] = state;
    state = tf.add(factors === undefined ? state : tf.mul(state, factors[c]!), parts[c]!);
  }
  return { handed: tf.concat(handed, 1).reshape([X, D, E]), final: state.reshape([G, D, E]) };
}
