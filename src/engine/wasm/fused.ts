// All fused kernels of the wasm engine.

import { bothWays } from "../each-direction.ts";
import type { FusedKernels } from "../kernels.ts";
import { attention } from "./fused-attention.ts";
import { additiveEncoded, additiveGlobal } from "./fused-additive.ts";
import { additiveCausal, additiveStep, decayScan, decayStep } from "./fused-scans.ts";
import { decayGate } from "./decay-gate.ts";
import type { Heap } from "./heap.ts";

export function fusedKernels(heap: Heap): FusedKernels {
  const scan = decayScan(heap);
  return {
    additiveGlobal: additiveGlobal(heap),
    additiveEncoded: additiveEncoded(heap),
    additiveCausal: additiveCausal(heap),
    additiveStep: additiveStep(heap),
    decayScan: scan,
    twoWayScan: bothWays(scan),
    decayStep: decayStep(heap),
    decayGate: decayGate(heap),
    attention: attention(heap),
  };
}
