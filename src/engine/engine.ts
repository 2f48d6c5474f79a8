// What an engine is: a place where tensors live and kernels run. One engine a process.

import type { Bytes, Seconds } from "#base/units";
import type { FusedKernels } from "./kernels.ts";
import type * as tf from "./tf.ts";

export interface EngineOptions {
  /** part of an adapter's name; webgpu only */
  readonly gpuAdapter?: string;
  /** threads of one operation, default 1; wasm only, for TensorFlow reads `TF_NUM_INTRAOP_THREADS` */
  readonly threads?: number;
  /** shares out also what is too little for it to pay: for checks, whose tensors are small */
  readonly sharesAll?: boolean;
}

/** "Not here" is a value with a reason, never an exception. */
export type Availability =
  | { readonly available: true; readonly device: DeviceDescription }
  | { readonly available: false; readonly reason: string };

export interface DeviceDescription {
  readonly kind: "cpu" | "gpu";
  readonly name: string;
  /** a GPU emulated on the CPU: right for correctness, its times are never shown */
  readonly software: boolean;
  /** versions, drivers, instruction sets: whatever names the device and its code */
  readonly details: Readonly<Record<string, string | number | boolean>>;
}

export interface EngineMemory {
  /** tensors alive */
  readonly tensors: number;
  /** bytes of live tensors */
  readonly tensorBytes: Bytes;
  /** bytes the engine holds from the system (wasm heap, device memory), where it can tell */
  readonly reservedBytes?: Bytes;
}

export interface RunningEngine {
  readonly id: string;
  readonly device: DeviceDescription;
  /** the engine's own kernels; absent ones fall back to tfjs strategies */
  readonly kernels: FusedKernels;
  /** Resolves when everything that `tensor` depends on has been computed. */
  synchronise(tensor: tf.Tensor): Promise<void>;
  memory(): EngineMemory;
  /** Device time of the work queued by `run`, where the engine has timestamps. */
  deviceSeconds?(run: () => tf.Tensor): Promise<Seconds>;
  /** Ends device work so that the process can exit. */
  stop(): Promise<void>;
}

export interface Engine {
  readonly id: string;
  readonly title: string;
  availability(options: EngineOptions): Promise<Availability>;
  /** @throws {EnvironmentError} not available here */
  start(options: EngineOptions): Promise<RunningEngine>;
}
