// Strategy `materialised`: the N×N probabilities in memory, kept for the backward pass.

import * as tf from "#engine/tf";
import type { OperatorSpec, Shape } from "#case/case";
import { mergeHeads } from "../heads.ts";
import type { Inputs, Outputs } from "../operator.ts";
import { differentiableOf, withGradient } from "../with-gradient.ts";
import { scoreScale } from "./reference.ts";
import { attentionOf, inverseSum, NOTHING, scoresOf } from "./tiled.ts";

export function runMaterialised(inputs: Inputs<tf.Tensor>, spec: OperatorSpec, shape: Shape): Outputs<tf.Tensor> {
  const { B, H, N, E } = shape;
  const all = { from: 0, count: N };
  return withGradient({
    inputs: differentiableOf(inputs),
    forward: () => {
      const attention = attentionOf(inputs, spec, shape);
      const p = tf.tidy(() => {
        const scores = scoresOf(attention, all, all); // [BH, N, N]
        const weights = tf.exp(tf.sub(scores, tf.maximum(tf.max(scores, 2, true), NOTHING)));
        return tf.mul(weights, inverseSum(tf.sum(weights, 2, true))) as tf.Tensor3D;
      });
      const { q, k, v } = attention;
      return { outputs: { out: tf.reshape(tf.matMul(p, v), [B, H, N, E]) }, saved: { p, q, k, v } };
    },
    backward: ({ out }, saved) => {
      const { p, q, k, v } = saved as Record<"p" | "q" | "k" | "v", tf.Tensor3D>;
      const cotangent = mergeHeads(out);
      const dp = tf.matMul(cotangent, v, false, true); // [BH, N, N]
      const ds = tf.mul(p, tf.sub(dp, tf.sum(tf.mul(p, dp), 2, true))) as tf.Tensor3D;
      const scale = scoreScale(spec, shape);
      return {
        q: tf.reshape(tf.mul(tf.matMul(ds, k), scale), inputs.q!.shape),
        k: tf.reshape(tf.matMul(ds, q, true), inputs.k!.shape), // q is already scaled
        v: tf.reshape(tf.matMul(p, cotangent, true), inputs.v!.shape),
      };
    },
  });
}
