// The module's exports. It has no memory of its own: it is instantiated on the memory of tfjs-backend-wasm and
// may hold no static data there (the build checks that), only addresses that its caller passes.

export { gemm, gemmScratchBytes } from "./gemm";
export { epilogue } from "./epilogue";
export { additiveGlobalBackward, additiveGlobalForward, additiveGlobalScratchBytes } from "./additive-global";
export { additiveCausalBackward, additiveCausalForward, additiveCausalScratchBytes } from "./additive-causal";
export { additiveStep, additiveStepScratchBytes } from "./additive-step";
export { decayScanBackward, decayScanForward, decayScanScratchBytes } from "./decay-scan";
export { decayGateBackward, decayGateForward } from "./decay-gate";
export { attentionBackward, attentionForward, attentionScratchBytes } from "./attention";
export { expArray, expMinusOneArray } from "./exp-row";
export { reduceMax, reduceSum, segmentSum } from "./reduce";
export { additiveEncodedBackward, additiveEncodedForward, additiveEncodedScratchBytes } from "./additive-encoded";
