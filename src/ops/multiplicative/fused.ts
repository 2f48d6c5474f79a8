// The engine's own scan kernels. The causal one: the state stays in the processor's cache, and tokens are
// visited in any order where they lie.

import type { DecayScanInputs, FusedKernels } from "#engine/kernels";
import * as tf from "#engine/tf";
import { mergeHeads } from "../heads.ts";
import type { HalfForm } from "../operator.ts";
import { reshapedAs } from "../with-gradient.ts";
import type { CausalScan, ScanInputs, TwoWayScan } from "./causal-scan.ts";

export function fusedScan(kernel: NonNullable<FusedKernels["decayScan"]>): CausalScan {
  return {
    takesOrder: true,
    forward: (inputs) => kernel.forward(given(inputs)),
    backward(inputs, out, state) {
      const { q, k, v, logDecay, initialState } = kernel.backward(
        given(inputs),
        state === undefined ? { out } : { out, state },
      );
      return { q, k, v, logDecay, initialState };
    },
  };
}

/** One causal scan on halves. */
export const fusedHalf: HalfForm = {
  unsupported(spec) {
    if (!spec.causal) return "the form on float16 is one causal scan: sums of directions would be rounded in between";
    return spec.tiedKey === true || spec.feature !== undefined
      ? "the form on float16 takes keys as they are"
      : undefined;
  },
  run(inputs, { decay }, { B, H, N, E }, kernels) {
    const { q, k, v, logDecay } = inputs;
    const rows =
      decay === "constant"
        ? tf.tile(logDecay!.reshape([1, H, 1, 1]), [B, 1, 1, 1])
        : decay === "scalar"
          ? tf.expandDims(logDecay!, 3)
          : logDecay;
    const merged = {
      q: mergeHeads(q!),
      k: mergeHeads(k!),
      v: mergeHeads(v!),
      ...(rows === undefined ? {} : { logDecay: mergeHeads(rows) }),
    };
    return {
      out: tf.reshape(kernels.decayScan.forward(merged).out, [B, H, N, E / 2]),
      backward(cotangent) {
        const gradients = kernels.decayScan.backward(merged, { out: mergeHeads(cotangent) });
        return reshapedAs(inputs, {
          ...gradients,
          ...(decay === "constant" ? { logDecay: tf.sum(tf.reshape(gradients.logDecay!, [B, H]), 0) } : {}),
        });
      },
    };
  },
};

/** The engine's own kernel of two directions. */
export function fusedTwoWay(kernel: NonNullable<FusedKernels["twoWayScan"]>): TwoWayScan {
  return {
    forward: (inputs) => kernel.forward(given({ ...inputs, initialState: undefined })).out,
    backward(inputs, out) {
      const { q, k, v, logDecay } = kernel.backward(given({ ...inputs, initialState: undefined }), { out });
      return { q, k, v, logDecay, initialState: undefined };
    },
  };
}

/** Only what there is: the kernel's optional inputs are absent, never undefined. */
function given({ q, k, v, logDecay, initialState, order }: ScanInputs): DecayScanInputs {
  return {
    q,
    k,
    v,
    ...(logDecay === undefined ? {} : { logDecay }),
    ...(initialState === undefined ? {} : { initialState }),
    ...(order === undefined ? {} : { order }),
  };
}
