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
