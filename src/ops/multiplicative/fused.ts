// The engine's own scan kernels. The causal one: the state stays in the processor's cache, and tokens are
// visited in any order where they lie.

import type { DecayScanInputs, FusedKernels } from "#engine/kernels";
import type { CausalScan, ScanInputs, TwoWayScan } from "./causal-scan.ts";

export function fusedScan(kernel: NonNullable<FusedKernels["decayScan"]>): CausalScan {
  return {
    takesOrder: true,
    forward: (inputs) => kernel.forward(given(inputs)),
    backward(inputs, out, state) {
      const { q, k, v, logDecay, initialState } = kernel.backward(given(inputs), state === undefined ? { out } : { out, state });
      return { q, k, v, logDecay, initialState };
    },
  };
}

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
