// Decoding with a cache of keys and values. Tensors cannot grow in place, so the newest tokens live in a short tail
// that is copied at every step; full tails join the rest once in TAIL tokens.

import * as tf from "#engine/tf";
import type { Decoder, DecoderState } from "../operator.ts";
import { mergeHeads } from "../heads.ts";
import { scoreScale } from "./reference.ts";

const TAIL = 256;

export const softmaxDecoder: Decoder = {
  begin(inputs, _spec, { B, H, D, E }) {
    return tf.tidy((): DecoderState & tf.NamedTensorMap => ({
      k: inputs === undefined ? tf.zeros([B * H, 0, D]) : mergeHeads(inputs.k!).clone(),
      v: inputs === undefined ? tf.zeros([B * H, 0, E]) : mergeHeads(inputs.v!).clone(),
      kTail: tf.zeros([B * H, 0, D]),
      vTail: tf.zeros([B * H, 0, E]),
    }));
  },

  step(inputs, state, spec) {
    return tf.tidy(() => {
      const [B, H, , D] = inputs.q!.shape as [number, number, number, number];
      const E = inputs.v!.shape[3]!;
      const next = grown(state as State, mergeHeads(inputs.k!), mergeHeads(inputs.v!));
      const q = tf.mul(mergeHeads(inputs.q!), scoreScale(spec, { D })) as tf.Tensor3D; // [BH, 1, D]
      const parts = (
        [
          [next.k, next.v],
          [next.kTail, next.vTail],
        ] as const
      ).filter(([k]) => k.shape[1] > 0);
      const p = tf.softmax(
        tf.concat(
          parts.map(([k]) => tf.matMul(q, k, false, true)),
          2,
        ),
      ); // [BH, 1, t]
      const weights = tf.split(
        p,
        parts.map(([k]) => k.shape[1]),
        2,
      );
      const out = tf.addN(parts.map(([, v], i) => tf.matMul(weights[i] as tf.Tensor3D, v)));
      return { out: tf.reshape(out, [B, H, 1, E]), state: { ...next } };
    });
  },
};

type State = { readonly [Name in "k" | "v" | "kTail" | "vTail"]: tf.Tensor3D };

/** The cache with one more token; what does not change is shared, not copied. */
function grown({ k, v, kTail, vTail }: State, key: tf.Tensor3D, value: tf.Tensor3D): State {
  if (kTail.shape[1] < TAIL)
    return { k: k.clone(), v: v.clone(), kTail: joined(kTail, key), vTail: joined(vTail, value) };
  return { k: joined(k, kTail), v: joined(v, vTail), kTail: key.clone(), vTail: value.clone() };
}

function joined(a: tf.Tensor3D, b: tf.Tensor3D): tf.Tensor3D {
  return a.shape[1] === 0 ? b.clone() : tf.concat([a, b], 1);
}
