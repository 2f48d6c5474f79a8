// MD-TPE, the encoding of LightNet's embedding: a Toeplitz filter along each axis, a norm, a projection.

import * as tf from "#engine/tf";
import type { Place } from "./place.ts";
import { toeplitzFilter } from "./toeplitz.ts";

const NORM_EPSILON = 1e-6; // a part of the definition, as in every RMSNorm, not a tolerance

export interface MdTpeWeights {
  readonly q: tf.Tensor; // [axes, C]
  readonly k: tf.Tensor; // [axes, C]
  /** λ = sigmoid(decay) */
  readonly decay: tf.Tensor; // [axes, heads]
  readonly projection: tf.Tensor; // [C, C]
}

export interface MdTpeOptions {
  readonly place: Place;
  /** x + encoding instead of the encoding alone; default false: the encoding replaces the embedding */
  readonly residual?: boolean;
  readonly bothDirections?: boolean;
}

/** Causal scans that MD-TPE adds to a model, once: one an axis and direction. */
export function mdTpeScans({ place, bothDirections = false }: MdTpeOptions): number {
  return place.grid.length * (bothDirections ? 2 : 1);
}

/**
 * RMSNorm per head group of the filter's output, times the projection: [B, N, C] → [B, N, C].
 * Prefix tokens are on no axis: they pass by the filter and share norm and projection.
 */
export function mdTpe(x: tf.Tensor3D, { q, k, decay, projection }: MdTpeWeights, options: MdTpeOptions): tf.Tensor3D {
  const { place, residual = false, bothDirections = false } = options;
  const [B, N, C] = x.shape;
  const prefix = place.prefix ?? 0;
  const heads = decay.shape[1]!;
  const grid = tf.reshape(tf.slice(x, [0, prefix, 0], [B, N - prefix, C]), [B, ...place.grid, C]);
  const logDecay = tf.neg(tf.softplus(tf.neg(decay))); // log sigmoid
  const filtered = tf.reshape(toeplitzFilter(grid, { q, k, logDecay }, { bothDirections }), [B, N - prefix, C]);
  const all = prefix === 0 ? filtered : tf.concat([tf.slice(x, [0, 0, 0], [B, prefix, C]), filtered], 1);
  const groups = tf.reshape(all, [B * N, heads, C / heads]);
  const scale = tf.rsqrt(tf.add(tf.mean(tf.square(groups), 2, true), NORM_EPSILON));
  const encoded = tf.matMul(tf.reshape(tf.mul(groups, scale), [B * N, C]), projection as tf.Tensor2D);
  const out = tf.reshape<tf.Rank.R3>(encoded, [B, N, C]);
  return residual ? tf.add(x, out) : out;
}
