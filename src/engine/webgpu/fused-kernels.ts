// The list of kernels that this engine brings of its own.

import type { FusedKernels } from "../kernels.ts";
import { additiveCausal } from "./additive-causal.ts";
import { additiveEncoded } from "./additive-encoded.ts";
import { additiveGlobal } from "./additive-global.ts";
import { decayGate } from "./decay-gate.ts";
import { decayScan } from "./decay-scan.ts";
import { additiveStep } from "./additive-step.ts";
import { attention } from "./attention.ts";
import type { Gpu } from "./dispatch.ts";
import { fromHalvesOf, toHalves } from "./half.ts";
import { twoWayScan } from "./two-way-scan.ts";

/** Shortest segment of tokens that is scanned on its own: below it, states would be a tenth of the traffic. */
export const SEGMENT_TOKENS = 1024;

/** @param leastTokens shortest segment of a scan */
export function fusedKernels(gpu: Gpu, leastTokens: number): FusedKernels {
  const tiledSoftmax = attention(gpu);
  // The same programs on float32 and on halves.
  const onBoth = {
    ...(tiledSoftmax === undefined ? {} : { attention: tiledSoftmax }),
    additiveGlobal: additiveGlobal(gpu),
    additiveCausal: additiveCausal(gpu, leastTokens),
    decayScan: decayScan(gpu, leastTokens),
  };
  return {
    ...onBoth,
    half: { ...onBoth, toHalves: (x) => toHalves(gpu, x), fromHalves: (x) => fromHalvesOf(gpu, x) },
    additiveEncoded: additiveEncoded(gpu),
    additiveStep: additiveStep(gpu),
    decayGate: decayGate(gpu),
    twoWayScan: twoWayScan(gpu, leastTokens),
  };
}
