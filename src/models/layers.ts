// Layers shared by every model. Activations and norms carry their own gradients: one pass each way instead of a
// chain of small operations, which is what an engine without fusion spends its time on.

import type { Random } from "#base/random";
import type { AffineNormedInputs, GateActivation, Gated, Normed } from "#engine/kernels";
import { currentKernels } from "#engine/registry";
import * as tf from "#engine/tf";
import { withGradient } from "#ops/with-gradient";

export const NORM_EPSILON = 1e-6;

/** [..., C] → [rows, C]. Products that share x share this too: a reshape costs as much as a small operation. */
export function rowsOf(x: tf.Tensor): tf.Tensor2D {
  return x.rank === 2 ? (x as tf.Tensor2D) : tf.reshape(x, [-1, x.shape.at(-1)!]);
}

/** x W (+ bias) over the last axis: [..., inputs] · [inputs, outputs] → [..., outputs]. */
export function dense(x: tf.Tensor, weight: tf.Tensor, bias?: tf.Tensor): tf.Tensor {
  const rows = tf.matMul(rowsOf(x), weight as tf.Tensor2D); // [rows, outputs]
  const biased = bias === undefined ? rows : tf.add(rows, bias);
  return x.rank === 2 ? biased : tf.reshape(biased, [...x.shape.slice(0, -1), weight.shape[1]!]);
}

/** x · sigmoid(x). */
export function silu(x: tf.Tensor): tf.Tensor {
  return siluOp(x);
}

const siluOp = tf.customGrad((...args: unknown[]) => {
  const [x, save] = args as [tf.Tensor, tf.GradSaveFunc];
  save([x]);
  const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor => {
    const input = saved[0]!;
    const { rows } = currentKernels();
    if (rows !== undefined) return rows.siluGradient(input, dy);
    const gate = tf.sigmoid(input);
    // d/dx x·σ(x) = σ + xσ(1 − σ) = σ + y(1 − σ), with y = xσ
    const y = tf.mul(input, gate);
    return tf.mul(dy, tf.add(gate, tf.sub(y, tf.mul(y, gate))));
  };
  return { value: currentKernels().rows?.silu(x) ?? tf.mul(x, tf.sigmoid(x)), gradFunc: gradFunc as never };
}) as (x: tf.Tensor) => tf.Tensor;

export type NormKind = "layer" | "rms";

/**
 * Normalises the last axis to mean 0 and variance 1 ("layer"), or to mean square 1 ("rms"); no gain, no bias.
 *
 * @source Ba et al., arXiv 1607.06450; Zhang and Sennrich, arXiv 1910.07467
 */
export function normalise(x: tf.Tensor, kind: NormKind): tf.Tensor {
  return kind === "layer" ? layerNormOp(x) : rmsNormOp(x);
}

/** Gain and bias after a norm: LayerNorm with affine, as residual blocks use it. Of x [B, N, C] both [C] or both [B, 1, C]. */
export function affineNorm(x: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const { rows } = currentKernels();
  if (rows === undefined) return tf.add(tf.mul(normalise(x, "layer"), gain), bias);
  const { y } = withGradient({
    inputs: { x, gain, bias },
    forward: () => {
      const { y: normedRows, ...statistics } = rows.affineNorm(x, { gain, bias }, NORM_EPSILON);
      return { outputs: { y: normedRows }, saved: { x, gain, ...statistics } };
    },
    backward: ({ y: dy }, saved) => rows.affineNormGradient(saved as unknown as AffineNormedInputs, dy),
  });
  return y;
}

/** activation(a) ∘ b */
export function gate(a: tf.Tensor, b: tf.Tensor, activation: GateActivation): tf.Tensor {
  const { rows } = currentKernels();
  if (rows === undefined) return tf.mul(activation === "silu" ? silu(a) : tf.sigmoid(a), b);
  const { y } = withGradient({
    inputs: { a, b },
    forward: () => ({ outputs: { y: rows.gate(a, b, activation) }, saved: { a, b } }),
    backward: ({ y: dy }, saved) => ({ ...rows.gateGradient(saved as unknown as Gated, dy, activation) }),
  });
  return y;
}

const layerNormOp = normOp(true);
const rmsNormOp = normOp(false);

function normOp(centred: boolean): (x: tf.Tensor) => tf.Tensor {
  return tf.customGrad((...args: unknown[]) => {
    const [x, save] = args as [tf.Tensor, tf.GradSaveFunc];
    const { y, scale: inverse } =
      currentKernels().rows?.norm(x, centred ? "layer" : "rms", NORM_EPSILON) ?? normed(x, centred);
    save([y, inverse]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor => {
      const [out, scale] = saved as [tf.Tensor, tf.Tensor];
      const { rows } = currentKernels();
      if (rows !== undefined) return rows.normGradient({ y: out, scale }, dy, centred ? "layer" : "rms");
      // dx = (dy − mean(dy) − y·mean(dy∘y)) / σ; without centring the middle term is gone
      const along = tf.mul(out, tf.mean(tf.mul(dy, out), -1, true));
      const across = centred ? tf.sub(dy, tf.mean(dy, -1, true)) : dy;
      return tf.mul(tf.sub(across, along), scale);
    };
    return { value: y, gradFunc: gradFunc as never };
  }) as (x: tf.Tensor) => tf.Tensor;
}

function normed(x: tf.Tensor, centred: boolean): Normed {
  const shifted = centred ? tf.sub(x, tf.mean(x, -1, true)) : x;
  const scale = tf.rsqrt(tf.add(tf.mean(tf.square(shifted), -1, true), NORM_EPSILON)); // [..., 1]
  return { y: tf.mul(shifted, scale), scale };
}

/** Each value kept with probability 1 − rate and divided by it. Drawn on the host: not every engine draws alike. */
export function dropout(x: tf.Tensor, rate: number, random: Random): tf.Tensor {
  return rate === 0 ? x : tf.mul(x, keepMask(x.shape, rate, random));
}

/** Drops a whole residual branch for some items of the batch (stochastic depth). x [B, N, C]. */
export function dropPath(x: tf.Tensor, rate: number, random: Random): tf.Tensor {
  return rate === 0 ? x : tf.mul(x, keepMask([x.shape[0]!, 1, 1], rate, random));
}

function keepMask(shape: readonly number[], rate: number, random: Random): tf.Tensor {
  const kept = 1 / (1 - rate);
  const size = shape.reduce((product, axis) => product * axis, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => (random.uniform() < rate ? 0 : kept)),
    [...shape],
  );
}

/** [B, N, C], or [B·N, C] of so many tokens N, → [B, H, N, C/H]. */
export function splitHeads(x: tf.Tensor, heads: number, tokens = x.shape.at(-2)!): tf.Tensor {
  const { rows } = currentKernels();
  const rank = x.rank === 2 ? 2 : 3;
  if (rows === undefined)
    return tf.transpose(tf.reshape(x, [-1, tokens, heads, x.shape.at(-1)! / heads]), [0, 2, 1, 3]);
  const { y } = withGradient({
    inputs: { x },
    forward: () => ({ outputs: { y: rows.splitHeads(x, heads, tokens) }, saved: {} }),
    backward: ({ y: dy }) => ({ x: rows.mergeHeads(dy, rank) }),
  });
  return y;
}

/** [B, H, N, E] → [B, N, H·E]. */
export function mergeHeads(x: tf.Tensor): tf.Tensor {
  return merged(x, 3);
}

/** [B, H, N, E] → [B·N, H·E]. */
export function mergeHeadsToRows(x: tf.Tensor): tf.Tensor {
  return merged(x, 2);
}

function merged(x: tf.Tensor, rank: 2 | 3): tf.Tensor {
  const { rows } = currentKernels();
  const [B, H, N, E] = x.shape as [number, number, number, number];
  const shape = rank === 2 ? [B * N, H * E] : [B, N, H * E];
  if (rows === undefined) return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), shape);
  const { y } = withGradient({
    inputs: { x },
    forward: () => ({ outputs: { y: rows.mergeHeads(x, rank) }, saved: {} }),
    backward: ({ y: dy }) => ({ x: rows.splitHeads(dy, H, N) }),
  });
  return y;
}
