// The list of kernels that this engine brings of its own.

import type { FusedKernels, HalfKernels } from "../kernels.ts";
import * as tf from "../tf.ts";
import { additiveCausal, causalForward } from "./additive-causal.ts";
import { additiveEncoded } from "./additive-encoded.ts";
import { additiveGlobal, globalForward } from "./additive-global.ts";
import { decayScan, scanForward, scanOf } from "./decay-scan.ts";
import { attention, attentionForward } from "./attention.ts";
import type { Gpu } from "./dispatch.ts";
import { fromHalvesOf, toHalves } from "./half.ts";
import { twoWayScan } from "./two-way-scan.ts";

/** Shortest segment of tokens that is scanned on its own: below it, states would be a tenth of the traffic. */
export const SEGMENT_TOKENS = 1024;

/** @param leastTokens shortest segment of a scan */
export function fusedKernels(gpu: Gpu, leastTokens: number): FusedKernels {
  const tiledSoftmax = attention(gpu);
  return {
    half: halfKernels(gpu, leastTokens, tiledSoftmax !== undefined),
    ...(tiledSoftmax === undefined ? {} : { attention: tiledSoftmax }),
    additiveGlobal: additiveGlobal(gpu),
    additiveEncoded: additiveEncoded(gpu),
    additiveCausal: additiveCausal(gpu, leastTokens),
    decayScan: decayScan(gpu, leastTokens),
    twoWayScan: twoWayScan(gpu, leastTokens),
  };
}

/** The same programs on halves; of what they make only `out` is kept. */
function halfKernels(gpu: Gpu, leastTokens: number, withAttention: boolean): HalfKernels {
  const outOf = (run: () => { readonly out: tf.Tensor3D }) => ({ out: tf.tidy(() => run().out) });
  return {
    toHalves: (x) => toHalves(gpu, x),
    fromHalves: (x) => fromHalvesOf(gpu, x),
    additiveGlobal: (inputs) => outOf(() => globalForward(gpu, inputs)),
    additiveCausal: (inputs) => outOf(() => causalForward(gpu, inputs, leastTokens)),
    decayScan: (inputs) => outOf(() => scanForward(scanOf(gpu, inputs, leastTokens))),
    ...(withAttention ? { attention: (inputs) => outOf(() => attentionForward(gpu, inputs)) } : {}),
  };
}
