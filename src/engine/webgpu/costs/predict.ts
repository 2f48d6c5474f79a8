// What a call must take on a GPU at least. A bound, not a forecast: how far a first run stays from it is what it is for.

import type { Bytes, Seconds } from "#base/units";
import type { DeviceLimits } from "./devices.ts";
import type { PassCost } from "./pass.ts";

/**
 * float32 operations in the time of one exponential: a multiprocessor of compute capability 9.0 gives 128 multiply-adds or 16 exponentials
 * (exp2) a clock. @source NVIDIA, CUDA C++ Programming Guide, Throughput of Native Arithmetic Instructions; used so by J. Shah et al., FlashAttention-3,
 * arXiv 2407.08608
 */
const FLOPS_PER_EXPONENTIAL = (2 * 128) / 16;

/**
 * What the host needs to put one program on the queue: the lower end of the 24 to 36 µs that were measured through WebGPU on Vulkan. It belongs
 * to processor and driver rather than to the GPU, and was measured with other GPUs (RTX 5090, RTX PRO 2000). @source J. Maczan, arXiv 2604.02344 (2026)
 */
export const DISPATCH_SECONDS: Seconds = 24e-6;

export type Bound = "memory" | "operations" | "exponentials";

export interface Prediction {
  /** the GPU's own time is at least this: Σ over passes of the largest of the three */
  readonly deviceSeconds: Seconds;
  /** what most of that time waits for */
  readonly bound: Bound;
  /** what the host spends on handing over the passes, added to the GPU's time where a call is waited for */
  readonly launchSeconds: Seconds;
  /** what a pass reads and writes fits into the cache, so that memory may be met less often than counted */
  readonly inCache: boolean;
}

/** max(bytes / bandwidth, operations / rate, exponentials / rate) of each pass, one after the other: a pass needs what the one before it wrote. */
export function predict(passes: readonly PassCost[], device: DeviceLimits): Prediction {
  const waits: Record<Bound, Seconds> = { memory: 0, operations: 0, exponentials: 0 };
  for (const cost of passes) {
    const [bound, seconds] = slowest(cost, device);
    waits[bound] += seconds;
  }
  const largest = Math.max(...passes.map(({ readBytes, writtenBytes }) => readBytes + writtenBytes));
  return {
    deviceSeconds: waits.memory + waits.operations + waits.exponentials,
    bound: (Object.keys(waits) as Bound[]).reduce((a, b) => (waits[b] > waits[a] ? b : a)),
    launchSeconds: passes.length * DISPATCH_SECONDS,
    inCache: largest <= device.cacheBytes,
  };
}

function slowest(cost: PassCost, { bytesPerSecond, flopsPerSecond }: DeviceLimits): [Bound, Seconds] {
  const times: [Bound, Seconds][] = [
    ["memory", (cost.readBytes + cost.writtenBytes) / bytesPerSecond],
    ["operations", (2 * cost.multiplyAdds) / flopsPerSecond],
    ["exponentials", (FLOPS_PER_EXPONENTIAL * cost.exponentials) / flopsPerSecond],
  ];
  return times.reduce((a, b) => (b[1] > a[1] ? b : a));
}

export interface TotalCost {
  readonly bytes: Bytes;
  readonly multiplyAdds: number;
  readonly exponentials: number;
}

export function totalCost(passes: readonly PassCost[]): TotalCost {
  const sum = (of: (cost: PassCost) => number) => passes.reduce((total, cost) => total + of(cost), 0);
  return {
    bytes: sum(({ readBytes, writtenBytes }) => readBytes + writtenBytes),
    multiplyAdds: sum(({ multiplyAdds }) => multiplyAdds),
    exponentials: sum(({ exponentials }) => exponentials),
  };
}
