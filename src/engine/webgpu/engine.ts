/// <reference types="@webgpu/types" />
// Engine `webgpu`: a GPU of any vendor, through Dawn. Reading values is asynchronous only (`await tensor.data()`), and no
// tensor moves to or from another engine: one process, one engine.

import { host } from "#host/current";
import type { Availability, Engine, RunningEngine } from "../engine.ts";
import * as tf from "../tf.ts";
import { concealGpu, installBackend, type WebGpuBackend } from "./backend.ts";
import { deviceSeconds } from "./clock.ts";
import { useCumulativeSum } from "./cumulative-sum.ts";
import { findAdapter, subgroupMatrices } from "./dawn.ts";
import { Gpu } from "./dispatch.ts";
import { useFunctions } from "./functions.ts";
import { fusedKernels } from "./fused-kernels.ts";
import { DeviceFaults, describeAdapter, requestDevice } from "./device.ts";
import { SEGMENT_TOKENS } from "./shares.ts";
import { useShortSums } from "./short-sums.ts";
import { lanesOf } from "./subgroups.ts";
import { useVectorProducts } from "./vector-products.ts";

/** The engine of this process, started once: TensorFlow.js keeps one backend of a name. */
let started: RunningEngine | undefined;

export const webgpuEngine: Engine = {
  id: "webgpu",
  title: "WebGPU",

  async availability(options): Promise<Availability> {
    try {
      const { adapter } = await findAdapter(options);
      return { available: true, device: describeAdapter(adapter, await subgroupMatrices(options)) };
    } catch (error) {
      return { available: false, reason: error instanceof Error ? error.message : String(error) };
    }
  },

  async start(options): Promise<RunningEngine> {
    if (started !== undefined) {
      await tf.setBackend("webgpu");
      return started;
    }
    const { gpu, adapter, globals } = await findAdapter(options);
    const description = describeAdapter(adapter);
    const device = await requestDevice(adapter);
    const faults = new DeviceFaults(device);
    const backend = await installBackend({ gpu, globals, device, info: adapter.info, faults });
    const ours = new Gpu(backend);
    ours.lanes = await lanesOf(ours, adapter.info);
    useFunctions(ours);
    useCumulativeSum(ours);
    useShortSums(ours);
    useVectorProducts(ours);
    started = {
      id: "webgpu",
      device: description,
      kernels: fusedKernels(ours, segmentTokens()),
      synchronise: (tensor) => readOneValue(tensor),
      memory: () => ({
        tensors: tf.memory().numTensors,
        tensorBytes: tf.memory().numBytes,
        reservedBytes: backend.bufferManager.numBytesAllocated,
      }),
      ...(device.features.has("timestamp-query") ? { deviceSeconds: (run) => timed(backend, faults, run) } : {}),
      stop: async () => {
        faults.stop();
        started = undefined;
        tf.removeBackend("webgpu"); // disposes of its buffers
        device.destroy();
        await device.lost;
        concealGpu();
      },
    };
    return started;
  },
};

/** Shortest segment of a scan: tests ask for short ones. */
function segmentTokens(): number {
  const given = Number(host.variable("LIGHTNET_BENCH_SEGMENT"));
  return Number.isInteger(given) && given > 0 ? given : SEGMENT_TOKENS;
}

/** Waits until a tensor is computed. One value is copied back: the queue is in order, so the rest is there as well. */
async function readOneValue(tensor: tf.Tensor): Promise<void> {
  const first = tf.tidy(() => tf.slice(tf.reshape(tensor, [-1]), 0, 1));
  await first.data();
  first.dispose();
}

async function timed(backend: WebGpuBackend, faults: DeviceFaults, run: () => tf.Tensor): Promise<number> {
  let result: tf.Tensor | undefined;
  try {
    return await deviceSeconds(backend, () => (result = run()));
  } catch (error) {
    return await faults.explain(error);
  } finally {
    result?.dispose();
  }
}
