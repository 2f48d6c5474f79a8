// [B,H,N,F] ↔ [B·H,N,F]: products run on three contiguous dimensions, which every engine has a fast path for.

import * as tf from "#engine/tf";

/** [B,H,N,F] → [B·H,N,F], without a copy. */
export function mergeHeads(x: tf.Tensor): tf.Tensor3D {
  const [B, H, N, F] = x.shape as [number, number, number, number];
  return tf.reshape(x, [B * H, N, F]);
}

/** Mask [B,N] → [B·H,N]. */
export function maskOfHeads(mask: tf.Tensor, H: number): tf.Tensor2D {
  const [B, N] = mask.shape as [number, number];
  return tf.reshape(tf.tile(tf.reshape(mask, [B, 1, N]), [1, H, 1]), [B * H, N]);
}
