// Strategy `fused`: the engine's own kernel, where it has one. Scores stay in the processor's cache.

import type { AttentionInputs, FusedKernels } from "#engine/kernels";
import * as tf from "#engine/tf";
import type { OperatorSpec, Shape } from "#case/case";
import { maskOfHeads, mergeHeads } from "../heads.ts";
import type { HalfForm, Inputs, Outputs } from "../operator.ts";
import { differentiableOf, reshapedAs, withGradient, type TensorMap } from "../with-gradient.ts";
import { scoreScale } from "./reference.ts";

type Kernel = NonNullable<FusedKernels["attention"]>;

export function runFused(
  kernel: Kernel,
): (inputs: Inputs<tf.Tensor>, spec: OperatorSpec, shape: Shape) => Outputs<tf.Tensor> {
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
        return reshapedAs(inputs, { ...kernel.backward({ ...given, out, rowLse }, { out: mergeHeads(dOut) }) });
      },
    });
  };
}

/** On halves. */
export const fusedHalf: HalfForm = {
  unsupported: (_spec, _inputs, { attention }) =>
    attention === undefined ? "the device has no room for tiles of attention" : undefined,
  run(inputs, spec, shape, kernels) {
    const { B, H, N, E } = shape;
    const kernel = kernels.attention!;
    const given = attentionInputs(inputs, spec, shape);
    const outputs = kernel.forward(given);
    return {
      out: tf.reshape(outputs.out, [B, H, N, E / 2]),
      backward: (cotangent) =>
        reshapedAs(inputs, { ...kernel.backward({ ...given, ...outputs }, { out: mergeHeads(cotangent) }) }),
    };
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
