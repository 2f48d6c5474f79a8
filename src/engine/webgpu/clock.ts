/// <reference types="@webgpu/types" />
// Device time: the summed length of all compute passes, by the GPU's own timestamps. Gaps between passes, in which
// the GPU waits for this process, do not count.

import type { Seconds } from "#base/units";
import { HarnessError } from "#base/errors";
import type { WebGpuBackend } from "./backend.ts";

/** WebGPU's limit for a set of queries: two a pass, and a pass holds up to 15 dispatches. */
const QUERIES = 4096;

/** Runs `queue` and returns the device time of what it put on the queue, once that has finished. */
export async function deviceSeconds(backend: WebGpuBackend, queue: () => void): Promise<Seconds> {
  const { device } = backend;
  flush(backend); // what was queued before is not ours
  const querySet = device.createQuerySet({ type: "timestamp", count: QUERIES });
  const createCommandEncoder = device.createCommandEncoder.bind(device);
  let used = 0;
  device.createCommandEncoder = (descriptor) => {
    const encoder = createCommandEncoder(descriptor);
    const beginComputePass = encoder.beginComputePass.bind(encoder);
    encoder.beginComputePass = (pass = {}) => {
      if (used + 2 > QUERIES)
        throw new HarnessError(
          "E_UNSUPPORTED",
          `Device time of more than ${QUERIES / 2} compute passes cannot be taken at once.`,
        );
      used += 2;
      return beginComputePass({
        ...pass,
        timestampWrites: { querySet, beginningOfPassWriteIndex: used - 2, endOfPassWriteIndex: used - 1 },
      });
    };
    return encoder;
  };
  try {
    queue();
    flush(backend);
  } finally {
    device.createCommandEncoder = createCommandEncoder;
  }
  try {
    return used === 0 ? 0 : await sumOfPasses(device, querySet, used);
  } finally {
    querySet.destroy();
  }
}

/** Hands the GPU whatever is queued. */
export function flush(backend: WebGpuBackend): void {
  backend.endComputePassEncoder();
  if (backend.commandEncoder !== null) backend.submitQueue();
}

async function sumOfPasses(device: GPUDevice, querySet: GPUQuerySet, used: number): Promise<Seconds> {
  const size = 8 * used;
  const resolved = device.createBuffer({ size, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC });
  const staging = device.createBuffer({ size, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ });
  try {
    const encoder = device.createCommandEncoder();
    encoder.resolveQuerySet(querySet, 0, used, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const stamps = new BigUint64Array(staging.getMappedRange());
    let nanoseconds = 0n;
    for (let i = 0; i < used; i += 2) nanoseconds += stamps[i + 1]! - stamps[i]!;
    return Number(nanoseconds) * 1e-9;
  } finally {
    resolved.destroy();
    staging.destroy();
  }
}
