// The list of engines. Each is loaded when it is asked for, so that naming engines costs nothing.

import { Registry } from "#base/registry";
import type { EngineId } from "#case/case";
import type { Availability, Engine, EngineOptions, RunningEngine } from "./engine.ts";
import type { FusedKernels } from "./kernels.ts";

export interface EngineEntry {
  readonly id: EngineId;
  readonly title: string;
  readonly load: () => Promise<Engine>;
}

export const engines = new Registry<EngineEntry>("engine", [
  {
    id: "wasm",
    title: "WebAssembly SIMD, one CPU core or --threads (embedded default)",
    load: async () => (await import("./wasm/engine.ts")).wasmEngine,
  },
  {
    id: "webgpu",
    title: "a GPU of any vendor, through Dawn",
    load: async () => (await import("./webgpu/engine.ts")).webgpuEngine,
  },
  {
    id: "cpu",
    title: "plain JavaScript of TensorFlow.js (for correctness)",
    load: async () => (await import("./cpu/engine.ts")).cpuEngine,
  },
  {
    id: "tensorflow",
    title: "native TensorFlow, CPU or CUDA (npm run setup:tensorflow)",
    load: async () => (await import("./tensorflow/engine.ts")).tensorflowEngine,
  },
]);

let running: RunningEngine | undefined;

/**
 * Starts an engine and makes it the current one. One engine a process: another id replaces the current one
 * only where both live on the CPU (tests do that).
 *
 * @throws {UnknownNameError} no such engine
 * @throws {EnvironmentError} not available here
 */
export async function startEngine(id: string, options: EngineOptions = {}): Promise<RunningEngine> {
  const engine = await engines.get(id).load();
  running = await engine.start(options);
  return running;
}

/** The engine started last. @throws {Error} none was started */
export function currentEngine(): RunningEngine {
  if (running === undefined) throw new Error("no engine was started in this process: call startEngine first");
  return running;
}

/** The current engine's own kernels; none before an engine was started. */
export function currentKernels(): FusedKernels {
  return running?.kernels ?? {};
}

/** Whether an engine can be used here, or the reason why not. */
export async function engineAvailability(id: string, options: EngineOptions = {}): Promise<Availability> {
  return (await engines.get(id).load()).availability(options);
}

/** The current engine with other kernels in the place of its own, such as those that somebody watches. */
export function useKernels(kernels: FusedKernels): RunningEngine {
  running = { ...currentEngine(), kernels };
  return running;
}
