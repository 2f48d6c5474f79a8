// One token at a time with a carried state [B, H, D, E]: constant time and memory, whatever the context.

import { UsageError } from "#base/errors";
import * as tf from "#engine/tf";
import type { Decoder } from "../operator.ts";
import { chunkedScan } from "./chunked.ts";
import { runDirections } from "./directions.ts";
import { featuresOf, withFeatures } from "./features.ts";
import { CHUNK } from "./work.ts";

/** s ← diag(λ) s + k vᵀ, o = sᵀ q. */
export const decoder: Decoder = {
  begin(inputs, spec, shape) {
    if (!spec.causal)
      throw new UsageError("decoding needs a causal operator: a form that sees all tokens has no next one.");
    if (inputs === undefined) return { state: tf.zeros([shape.B, shape.H, shape.D, shape.E]) };
    const scan = chunkedScan({ chunk: CHUNK, centring: "never" });
    return { state: tf.tidy(() => runDirections(withFeatures(inputs, spec), spec, shape, scan).state!) };
  },

  step({ q, k, v, logDecay }, { state }, spec) {
    const [out, next] = tf.tidy(() => {
      const [B, H, , D] = q!.shape as [number, number, number, number];
      const decay =
        logDecay === undefined ? undefined : tf.exp(logDecay).reshape([spec.decay === "constant" ? 1 : B, H, -1, 1]);
      const key =
        spec.tiedKey === true
          ? tf.neg(tf.expm1(logDecay!))
          : spec.feature === undefined
            ? k!
            : featuresOf(k!, spec.feature);
      const added = tf.mul(key.reshape([B, H, D, 1]), v!); // [B, H, D, E]
      const next = tf.add(decay === undefined ? state! : tf.mul(state!, decay), added);
      return [tf.matMul(q!, next), next] as [tf.Tensor, tf.Tensor];
    });
    return { out: out!, state: { state: next! } };
  },
};
