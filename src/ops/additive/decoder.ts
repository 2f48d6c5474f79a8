// Decoding: one token at a time with the carried state of `sequential`; in one call where the engine has a kernel for it.

import { currentKernels } from "#engine/registry";
import * as tf from "#engine/tf";
import type { Decoder, DecoderState, Inputs } from "../operator.ts";
import { causalInputs } from "./causal.ts";
import { chunkedAlgorithm } from "./chunked.ts";
import { advance, read, startCarried, type Carried } from "./sequential.ts";

export const additiveDecoder: Decoder = {
  begin(inputs, spec, shape) {
    return tf.tidy(() => {
      const { B, H, D, E } = shape;
      if (inputs === undefined) {
        const nothing = tf.zeros([B, H, 0, D]);
        const start = causalInputs({ q: nothing, g: nothing, v: tf.zeros([B, H, 0, E]) }, spec, shape);
        return startCarried(start) as unknown as DecoderState;
      }
      const { state, lse, saved } = chunkedAlgorithm.forward(causalInputs(inputs, spec, shape));
      const l = tf.reshape(saved["weightAfter"]!, lse.shape);
      return { m: saved["last"]!, l, lError: tf.zerosLike(l), s: state };
    });
  },

  step(inputs, state) {
    return tf.tidy(() => {
      const carried = state as unknown as Carried;
      const { q, g, v, k } = inputs;
      const fused = currentKernels().additiveStep?.(
        { q: q!, g: g!, v: v!, ...(k === undefined ? {} : { k }) },
        carried,
      );
      if (fused !== undefined) return { out: fused.out, state: fused.carried as unknown as DecoderState };
      const [B, H, , E] = inputs.v!.shape as [number, number, number, number];
      const row = (name: keyof Inputs<tf.Tensor>) => tf.reshape(inputs[name]!, [B * H, -1]) as tf.Tensor2D;
      const token = { g: row("g"), v: row("v"), ...(inputs.k === undefined ? {} : { k: row("k") }) };
      const next = advance(carried, token);
      return { out: tf.reshape(read(next.s, row("q")), [B, H, 1, E]), state: next as unknown as DecoderState };
    });
  },
};
