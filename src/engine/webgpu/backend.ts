/// <reference types="@webgpu/types" />
// tfjs-backend-webgpu on a device of ours: its creation, and the parts of it that our kernels and clocks use.

import { EnvironmentError } from "#base/errors";
import * as tf from "../tf.ts";
import type { DeviceFaults } from "./device.ts";

/** The parts of WebGPUBackend that we use (tfjs-backend-webgpu 4.22, dist/backend_webgpu.d.ts). */
export interface WebGpuBackend {
  readonly device: GPUDevice;
  readonly queue: GPUQueue;
  commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
  dispatchCountInPass: number;
  readonly commandQueueOwnedIds: WeakSet<object>;
  readonly tensorMap: { get(id: object): { readonly resource: GPUBuffer | null; readonly dtype: string } };
  readonly bufferManager: { numBytesUsed: number; numBytesAllocated: number };
  makeTensorInfo(shape: number[], dtype: "float32" | "int32"): tf.TensorInfo;
  uploadToGPU(id: object): void;
  makeUniforms(values: readonly { readonly type: "int32"; readonly data: readonly number[] }[]): GPUBufferBinding;
  disposeData(id: object): boolean;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  read(id: object): Promise<unknown>;
  dispose(): void;
}

export interface Installation {
  readonly gpu: GPU;
  /** Dawn's classes and constants, which tfjs expects as globals */
  readonly globals: object;
  readonly device: GPUDevice;
  readonly info: GPUAdapterInfo;
  readonly faults: DeviceFaults;
}

/**
 * Makes `webgpu` the backend of TensorFlow.js, on this device.
 *
 * @throws {EnvironmentError} TensorFlow.js refuses
 */
export async function installBackend({ gpu, globals, device, info, faults }: Installation): Promise<WebGpuBackend> {
  // Loaded before navigator.gpu is there, or it would register a backend with an adapter and limits of its own choice.
  const { WebGPUBackend } = await import("@tensorflow/tfjs-backend-webgpu");
  Object.assign(globalThis, globals);
  exposeGpu(gpu);
  const backend = new WebGPUBackend(device as never, info as never) as unknown as WebGpuBackend;
  // Small tensors would be computed on the CPU, by other code than the one that is checked and timed.
  tf.env().set("WEBGPU_CPU_FORWARD", false);
  reportFaultsOnReading(backend, faults);
  if (tf.findBackendFactory("webgpu") !== null) tf.removeBackend("webgpu"); // in a browser the package adds one of its own
  tf.registerBackend("webgpu", () => backend as never);
  if (!(await tf.setBackend("webgpu"))) throw new EnvironmentError("TensorFlow.js refused the webgpu backend.");
  await tf.ready();
  return backend;
}

/** `navigator.gpu`, where tfjs looks for it; Node 20 has no navigator. */
function exposeGpu(gpu: GPU): void {
  const holder = globalThis as { navigator?: object };
  if (holder.navigator === undefined) Object.defineProperty(holder, "navigator", { value: {}, configurable: true });
  Object.defineProperty(holder.navigator, "gpu", { value: gpu, configurable: true });
}

/** Lets go of Dawn: it keeps the process alive otherwise. */
export function concealGpu(): void {
  const { navigator } = globalThis as { navigator?: { gpu?: unknown } };
  if (navigator !== undefined) delete navigator.gpu;
}

/** Whoever reads values gets the errors that led to them. */
function reportFaultsOnReading(backend: WebGpuBackend, faults: DeviceFaults): void {
  const read = backend.read.bind(backend);
  backend.read = async (id) => {
    let values: unknown;
    try {
      values = await read(id);
    } catch (error) {
      return faults.explain(error);
    }
    faults.check();
    return values;
  };
}
