// The engine's own scan kernel as a causal scan: the state stays in the processor's cache, and tokens are
// visited in any order where they lie.

import type { DecayScanInputs, FusedKernels } from "#engine/kernels";
import type { CausalScan, ScanInputs } from "./causal-scan.ts";

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
