// Losses: cross-entropy of predicted tokens, over the positions that are scored, and of classes; the squared error.

import { inPart } from "#base/scopes";
import type { LogitRows, RowKernels } from "#engine/kernels";
import { currentKernels } from "#engine/registry";
import * as tf from "#engine/tf";
import { withGradient } from "#ops/with-gradient";

export interface CrossEntropyOptions {
  /** share of the target's probability that is spread evenly over the vocabulary; default 0 */
  readonly smoothing?: number | undefined;
}

/**
 * −Σ_c p_c log softmax(logits)_c of each position, in nats, with p the (smoothed) target; 0 where the target is −1.
 * The largest logit is taken off before the exponential, and the gradient is softmax − p, so that no logit overflows.
 *
 * @param logits [B, N, V]
 * @param targets int32 [B, N], −1 for positions that are not scored
 * @returns [B, N]
 */
export function positionNats(logits: tf.Tensor, targets: tf.Tensor, options: CrossEntropyOptions = {}): tf.Tensor2D {
  return inPart("loss", () => natsOf(logits, targets, options));
}

function natsOf(logits: tf.Tensor, targets: tf.Tensor, { smoothing = 0 }: CrossEntropyOptions): tf.Tensor2D {
  const [B, N, V] = logits.shape as [number, number, number];
  const rows = tf.reshape(logits, [-1, V]);
  const flat = tf.reshape(targets, [-1]) as tf.Tensor1D;
  const { rows: kernels } = currentKernels();
  if (kernels !== undefined) return tf.reshape(fusedNats(kernels, { logits: rows, targets: flat, smoothing }), [B, N]);
  const scored = tf.cast(tf.greaterEqual(flat, 0), "float32"); // [R]
  const hits = tf.cast(tf.oneHot(flat, V), "float32"); // [R, V], zeros where the target is −1
  const op = tf.customGrad((...args: unknown[]) => {
    const [x, save] = args as [tf.Tensor, tf.GradSaveFunc];
    const shifted = tf.sub(x, tf.max(x, 1, true));
    const exponentials = tf.exp(shifted);
    const total = tf.sum(exponentials, 1, true); // [R, 1]
    const target = tf.sum(tf.mul(shifted, hits), 1);
    const expected =
      smoothing === 0 ? target : tf.add(tf.mul(target, 1 - smoothing), tf.mul(tf.mean(shifted, 1), smoothing));
    const value = tf.mul(tf.sub(tf.log(tf.squeeze(total, [1])), expected), scored);
    save([exponentials, total, hits, scored]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor => {
      const [weights, sum, target, counts] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      const wanted = smoothing === 0 ? target : tf.add(tf.mul(target, 1 - smoothing), smoothing / V);
      return tf.mul(tf.sub(tf.div(weights, sum), wanted), tf.expandDims(tf.mul(dy, counts), 1));
    };
    return { value, gradFunc: gradFunc as never };
  }) as (x: tf.Tensor) => tf.Tensor;
  return tf.reshape(op(rows), [B, N]) as tf.Tensor2D;
}

/** The same by the engine's own kernel. [R] */
function fusedNats(kernels: RowKernels, { logits, targets, smoothing }: LogitRows): tf.Tensor {
  const { nats } = withGradient({
    inputs: { logits },
    forward: () => {
      const { nats: found, top, sum } = kernels.nats({ logits, targets, smoothing });
      return { outputs: { nats: found }, saved: { logits, targets, top, sum } };
    },
    backward: ({ nats: dy }, saved) => {
      const { logits: x, targets: wanted, top, sum } = saved as Record<"logits" | "targets" | "top" | "sum", tf.Tensor>;
      return { logits: kernels.natsGradient({ logits: x, targets: wanted, smoothing }, { top, sum }, dy) };
    },
  });
  return nats;
}

/** Mean of `positionNats` over the scored positions; 0 where none is scored. */
export function meanNats(logits: tf.Tensor, targets: tf.Tensor, options: CrossEntropyOptions = {}): tf.Scalar {
  return inPart("loss", () => {
    const scored = tf.sum(tf.cast(tf.greaterEqual(targets, 0), "float32"));
    return tf.div(tf.sum(natsOf(logits, targets, options)), tf.maximum(scored, 1)) as tf.Scalar;
  });
}

/** −mean Σ_c target_c log softmax(logits)_c, in nats. logits, targets [B, classes]. */
export function softNats(logits: tf.Tensor, targets: tf.Tensor): tf.Scalar {
  return inPart("loss", () => tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(logits as tf.Tensor2D)), 1))));
}

/** Mean of (predicted − wanted)². */
export function meanSquaredError(predicted: tf.Tensor, wanted: tf.Tensor): tf.Scalar {
  return inPart("loss", () => tf.mean(tf.square(tf.sub(predicted, wanted))));
}
