// What the GPUs of the machine do, beside a case that was measured on one.

import type { RunningEngine } from "#engine/engine";
import { readGpuState, type GpuState } from "#engine/gpu-state";

/** Read right after work, when the clocks are those of work and not of idling; nothing where no GPU computes. */
export function gpuStateOf({ device }: Pick<RunningEngine, "device">): { readonly gpuState?: readonly GpuState[] } {
  const gpuState = device.kind === "gpu" && !device.software ? readGpuState() : undefined;
  return gpuState === undefined ? {} : { gpuState };
}
