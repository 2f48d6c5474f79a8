// The global additive operator with cosine (MD-)LRPE on q and on the normalised weights, by the engine's own kernel:
// no tensor of the doubled width is made. Where an engine has none, the encoding is applied to tensors by its caller.

import type { FusedKernels, TokenSoftmaxOutputs } from "#engine/kernels";
import * as tf from "#engine/tf";
import { mergeHeads } from "../heads.ts";
import { withGradient } from "../with-gradient.ts";

interface Given {
  readonly q: tf.Tensor; // [B, H, N, D]
  readonly g: tf.Tensor; // [B, H, N, D]
  readonly v: tf.Tensor; // [B, H, N, E]
}

type Saved = Given & { readonly table: tf.Tensor } & Pick<TokenSoftmaxOutputs, "state" | "top" | "weight">;

/**
 * out = q̂ (p̂ᵀ v) with p = softmax over the tokens of g, x̂ = [x∘cos a ; x∘sin a].
 *
 * @param table cos a, then sin a, [1, H, N, 2D]: what the encoding makes of ones; it gets no gradient
 * @returns [B, H, N, E]
 */
export function encodedAdditive(
  kernel: NonNullable<FusedKernels["additiveEncoded"]>,
  { q, g, v }: Given,
  table: tf.Tensor,
): tf.Tensor {
  const [B, H, N, E] = v.shape as [number, number, number, number];
  const merged = (inputs: Given) => ({ q: mergeHeads(inputs.q), g: mergeHeads(inputs.g), v: mergeHeads(inputs.v) });
  const { out } = withGradient({
    inputs: { q, g, v },
    forward: () => {
      const { out: rows, ...needed } = kernel.forward({ ...merged({ q, g, v }), table: mergeHeads(table) });
      return { outputs: { out: tf.reshape(rows, [B, H, N, E]) }, saved: { q, g, v, table, ...needed } };
    },
    backward: (cotangents, saved) => {
      const { q: ofQ, g: ofG, v: ofV, table: angles, ...needed } = saved as unknown as Saved;
      const given = { ...merged({ q: ofQ, g: ofG, v: ofV }), table: mergeHeads(angles), ...needed };
      const gradients = kernel.backward(given, { out: mergeHeads(cotangents.out) });
      return {
        q: tf.reshape(gradients.q, q.shape),
        g: tf.reshape(gradients.g, g.shape),
        v: tf.reshape(gradients.v, v.shape),
      };
    },
  });
  return out;
}
