// Strategy `fused`: the engine's own kernel, where it has one. Scores stay in the processor's cache.

import type { AttentionInputs, FusedKernels } from "#engine/kernels";
import * as tf from "#engine/tf";
import type { OperatorSpec, Shape } from "#suite/case";
import { maskOfHeads, mergeHeads } from "../heads.ts";
import type { HalfForm, Inputs, Outputs } from "../operator.ts";
import { differentiableOf, withGradient, type TensorMap } from "../with-gradient.ts";
import { scoreScale } from "./reference.ts";

type Kernel = NonNullable<FusedKernels["attention"]>;

export function runFused(kernel: Kernel): (inputs: Inputs<tf.Tensor>, spec: OperatorSpec, shape: Shape) => Outputs<tf.Tensor> {
  return (inputs, spec, shape) => {
    const { B, H, N, E } = shape;
    return withGradient({
      inputs: differentiableOf(inputs),
      forward: () => {
        const { out, rowLse } = kernel.forward(attentionInputs(inputs, spec, shape));
        return { outputs: { out: tf.reshape(out, [B, H, N, E]) }, saved: { ...(inputs as TensorMap), out, rowLse } };
      },
      backward: ({ out: dOut }, saved) => {
        const given = attentionInputs(saved as Inputs<tf.Tensor>, spec, shape);
        const { out, rowLse } = saved as { readonly out: tf.Tensor3D; readonly rowLse: tf.Tensor2D };
        const { q, k, v } = kernel.backward({ ...given, out, rowLse }, { out: mergeHeads(dOut) });
        return { q: tf.reshape(q, inputs.q!.shape), k: tf.reshape(k, inputs.k!.shape), v: tf.reshape(v, inputs.v!.shape) };
      },
    });
  };
}

/** On halves. */
export const fusedHalf: HalfForm = {
  unsupported: (_spec, _inputs, { attention }) => (attention === undefined ? "the device has no room for tiles of attention" : undefined),
  run(inputs, spec, shape, kernels) {
    const { B, H, N, E } = shape;
    return tf.reshape(kernels.attention!(attentionInputs(inputs, spec, shape)).out, [B, H, N, E / 2]);
  },
};

function attentionInputs({ q, k, v, mask }: Inputs<tf.Tensor>, spec: OperatorSpec, shape: Shape): AttentionInputs {
  return {
    q: mergeHeads(q!),
    k: mergeHeads(k!),
    v: mergeHeads(v!),
    scale: scoreScale(spec, shape),
    causal: spec.causal,
    ...(mask === undefined ? {} : { visible: tf.cast(maskOfHeads(mask, shape.H), "float32") }),
  };
}
