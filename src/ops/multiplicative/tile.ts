// Inside a chunk: every token against the tokens before it, through a C×C tile of weights.

import type * as tf from "#engine/tf";

/** Tensors of all chunks at once; X = rows · chunks. */
export interface TileInputs {
  readonly q: tf.Tensor3D; // [X, C, D]
  readonly k: tf.Tensor3D; // [X, C, D]
  readonly v: tf.Tensor3D; // [X, C, E]
  readonly logDecay: tf.Tensor3D | undefined; // [X, C, 1 or D]
  /** the one log decay of each row, [G, 1, 1], where it is constant: its tile is the same in every chunk */
  readonly constant: tf.Tensor3D | undefined;
}

export interface TileGradients {
  readonly q: tf.Tensor3D;
  readonly k: tf.Tensor3D;
  readonly v: tf.Tensor3D;
  readonly logDecay: tf.Tensor3D | undefined; // [X, C, 1 or D]
}

/** `both`: tokens also see those after them, decayed the other way round; the current one then counts twice. */
export interface Tile {
  forward(inputs: TileInputs, both: boolean): tf.Tensor3D;
  backward(inputs: TileInputs, dOut: tf.Tensor3D, both: boolean): TileGradients;
}
