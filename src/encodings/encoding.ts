// What a positional encoding is. Relative ones act inside the token mixer, on q and on the keys' weights;
// absolute ones are added to the embedding, once.

import type { ENCODINGS } from "#case/case";
import type * as tf from "#engine/tf";
import type { Place } from "./place.ts";

export type EncodingId = (typeof ENCODINGS)[number];

/** The part that needs no tensor library. */
export interface EncodingDeclaration {
  readonly id: EncodingId;
  readonly title: string;
  readonly kind: "none" | "relative" | "absolute";
  /** width of an encoded head over its width before */
  readonly widening: 1 | 1.5 | 2;
  /** undefined when heads of width D can be encoded on this grid, else the rule broken */
  impossible(D: number, grid: readonly number[]): string | undefined;
  /** Loads the tensor library. */
  load(): Promise<EncodingOperations>;
}

export interface RelativeOptions {
  readonly heads: number;
  /** width of a head */
  readonly D: number;
  readonly place: Place;
  /** frequencies of each axis of its own instead of shared ones (multi-dimensional forms) */
  readonly perAxis?: boolean;
  /** trained frequencies [heads, angles], read at every use; absent: fixed at where they start */
  readonly theta?: () => tf.Tensor;
}

export interface RelativeEncoding {
  readonly widening: EncodingDeclaration["widening"];
  readonly isIdentity: boolean;
  /** […, H, N, D] → […, H, N, widening · D] */
  encode(x: tf.Tensor): tf.Tensor;
  /** the same of two, where tables are made at every use: these are made once for both */
  encodeBoth?(q: tf.Tensor, k: tf.Tensor): { readonly q: tf.Tensor; readonly k: tf.Tensor };
  /** fixed cosine forms: cosines, then sines, [1, H, N, 2D], for kernels that encode on the fly */
  readonly cosineTable?: tf.Tensor;
  /** Frees the tables. */
  dispose(): void;
}

export interface AbsoluteOptions {
  /** model width */
  readonly C: number;
  readonly place: Place;
}

/** One of the two is there, by kind. */
export interface EncodingOperations {
  relative?(options: RelativeOptions): RelativeEncoding;
  /** Initial table, [N · C]: fixed for sinusoidal, trained for learned. `random` draws standard normals. */
  absolute?(options: AbsoluteOptions, random: { normal(): number }): Float32Array;
  /** whether the absolute table is trained */
  readonly trained?: boolean;
}
