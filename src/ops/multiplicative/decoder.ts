// One token at a time with a carried state [B, H, D, E]: constant time and memory, whatever the context.

import { UsageError } from "#base/errors";
import type { DecayStep, FusedKernels } from "#engine/kernels";
import { currentKernels } from "#engine/registry";
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
    return tf.tidy(() => {
      const key =
        spec.tiedKey === true
          ? tf.neg(tf.expm1(logDecay!))
          : spec.feature === undefined
            ? k!
            : featuresOf(k!, spec.feature);
      const token = { q: q!, k: key, v: v!, state: state!, ...(logDecay === undefined ? {} : { logDecay }) };
      const { out, state: next } = stepOf(token);
      return { out, state: { state: next } };
    });
  },
};

/** The engine's own step, else its scan over one token, else products. */
function stepOf(token: DecayStep): Stepped {
  const { decayStep, decayScan } = currentKernels();
  return decayStep?.(token) ?? (decayScan === undefined ? byProducts(token) : byScan(token, decayScan));
}

type Stepped = { readonly out: tf.Tensor; readonly state: tf.Tensor };

function byScan({ q, k, v, state, logDecay }: DecayStep, scan: NonNullable<FusedKernels["decayScan"]>): Stepped {
  const [B, H, D, E] = state.shape as [number, number, number, number];
  const G = B * H;
  const perToken = logDecay?.rank === 1 ? tf.tile(logDecay, [B]) : logDecay;
  const next = scan.forward({
    q: tf.reshape(q, [G, 1, D]),
    k: tf.reshape(k, [G, 1, D]),
    v: tf.reshape(v, [G, 1, E]),
    initialState: tf.reshape(state, [G, D, E]),
    ...(perToken === undefined ? {} : { logDecay: tf.reshape(perToken, [G, 1, -1]) as tf.Tensor3D }),
  });
  return { out: tf.reshape(next.out, [B, H, 1, E]), state: tf.reshape(next.state!, [B, H, D, E]) };
}

function byProducts({ q, k, v, state, logDecay }: DecayStep): Stepped {
  const [B, H, D] = state.shape as [number, number, number];
  const decay = logDecay === undefined ? undefined : tf.exp(logDecay).reshape([logDecay.rank === 1 ? 1 : B, H, -1, 1]);
  const added = tf.mul(k.reshape([B, H, D, 1]), v); // [B, H, D, E]
  const next = tf.add(decay === undefined ? state : tf.mul(state, decay), added);
  return { out: tf.matMul(q, next), state: next };
}
