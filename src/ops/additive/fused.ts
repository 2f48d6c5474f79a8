// Strategy `fused`: the engine's own kernels, where it has them.

import type { AdditiveGlobalInputs, FusedKernels, HalfKernels, StateOutputs } from "#engine/kernels";
import * as tf from "#engine/tf";
import type { OperatorSpec, Shape } from "#case/case";
import { mergeHeads } from "../heads.ts";
import type { HalfResult, Inputs, Outputs, Strategy } from "../operator.ts";
import { differentiableOf, reshapedAs, withGradient, type TensorMap } from "../with-gradient.ts";
import { causalInputs, hidePadding, runCausal, type CausalAlgorithm } from "./causal.ts";

type Given = Inputs<tf.Tensor>;

export const fused: Strategy = {
  id: "fused",
  unsupported(spec, _shape, { id, kernels }, inputs) {
    const kernel = spec.causal ? kernels.additiveCausal : kernels.additiveGlobal;
    if (kernel === undefined) return `engine ${id} has no kernel of its own for this`;
    const resumed = inputs.includes("initialState") || inputs.includes("initialLse");
    return resumed && !spec.causal ? "the global form has no initial state" : undefined;
  },
  run: (inputs, spec, shape, { kernels }) =>
    spec.causal
      ? runCausal(causalAlgorithm(kernels.additiveCausal!))(inputs, spec, shape)
      : runGlobal(inputs, shape, kernels.additiveGlobal!),
  half: {
    unsupported: () => undefined,
    run: (inputs, spec, shape, kernels) =>
      spec.causal ? causalHalf(inputs, spec, { shape, kernels }) : globalHalf(inputs, { shape, kernels }),
  },
};

interface OnHalves {
  readonly shape: Shape;
  readonly kernels: HalfKernels;
}

function causalHalf(inputs: Given, spec: OperatorSpec, { shape, kernels: { additiveCausal } }: OnHalves): HalfResult {
  const given = causalInputs(inputs, spec, shape);
  return {
    out: unmergedHalf(additiveCausal.forward(given).out, shape),
    backward: (cotangent) => reshapedAs(inputs, { ...additiveCausal.backward(given, ofOutAlone(cotangent, shape)) }),
  };
}

function globalHalf(inputs: Given, { shape, kernels: { additiveGlobal } }: OnHalves): HalfResult {
  const given = merged(inputs, shape);
  const { out, ...needed } = additiveGlobal.forward(given);
  return {
    out: unmergedHalf(out, shape),
    backward: (cotangent) =>
      reshapedAs(inputs, { ...additiveGlobal.backward({ ...given, ...needed }, ofOutAlone(cotangent, shape)) }),
  };
}

function unmergedHalf(out: tf.Tensor3D, { B, H, N, E }: Shape): tf.Tensor {
  return tf.reshape(out, [B, H, N, E / 2]);
}

/** The cotangents where only out is used. */
function ofOutAlone(cotangent: tf.Tensor, { B, H, D, E }: Shape): StateOutputs {
  return { out: mergeHeads(cotangent), state: tf.zeros([B * H, D, E]), lse: tf.zeros([B * H, D]) };
}

function causalAlgorithm(kernel: NonNullable<FusedKernels["additiveCausal"]>): CausalAlgorithm {
  return {
    forward: (inputs) => ({ ...kernel.forward(inputs), saved: {} }),
    backward: (inputs, _saved, cotangents) => {
      const { k, top0, state0, ...gradients } = kernel.backward(inputs, cotangents);
      // Without an explicit key nobody asks for its gradient.
      return { ...gradients, k: k ?? gradients.q, initialState: state0, initialLse: top0 };
    },
  };
}

function runGlobal(
  inputs: Given,
  shape: Shape,
  kernel: NonNullable<FusedKernels["additiveGlobal"]>,
): Outputs<tf.Tensor> {
  return withGradient({
    inputs: differentiableOf(inputs),
    forward: () => {
      const { out, state, top, weight } = kernel.forward(merged(inputs, shape));
      const lse = tf.add<tf.Tensor2D>(top, tf.log(weight));
      return { outputs: unmerged({ out, state, lse }, shape), saved: { ...(inputs as TensorMap), state, top, weight } };
    },
    backward: (cotangents, saved) => {
      const { B, H, D } = shape;
      const given = {
        ...merged(saved as Given, shape),
        state: saved["state"] as tf.Tensor3D,
        top: saved["top"] as tf.Tensor2D,
        weight: saved["weight"] as tf.Tensor2D,
      };
      const gradients = kernel.backward(given, {
        out: mergeHeads(cotangents.out),
        state: mergeHeads(cotangents.state),
        lse: tf.reshape(cotangents.lse, [B * H, D]),
      });
      return reshapedAs(inputs, { ...gradients });
    },
  });
}

function merged(inputs: Given, { H }: Shape): AdditiveGlobalInputs {
  return {
    q: mergeHeads(inputs.q!),
    g: hidePadding(mergeHeads(inputs.g!), inputs.mask, H),
    v: mergeHeads(inputs.v!),
    ...(inputs.k === undefined ? {} : { k: mergeHeads(inputs.k) }),
  };
}

function unmerged({ out, state, lse }: StateOutputs, { B, H, N, D, E }: Shape) {
  return {
    out: tf.reshape(out, [B, H, N, E]),
    state: tf.reshape(state, [B, H, D, E]),
    lse: tf.reshape(lse, [B, H, D]),
  };
}
