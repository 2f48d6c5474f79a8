// Engine `wasm`: the tfjs WebAssembly backend in its SIMD build, with our own kernels in the place of its slow
// ones. Where more than one thread is asked for, they share its memory, and the work of our kernels.

import { EnvironmentError, messageOf } from "#base/errors";
import { formatBytes } from "#base/units";
import { host } from "#host/current";
import type { Availability, DeviceDescription, Engine, EngineOptions, RunningEngine } from "../engine.ts";
import * as tf from "../tf.ts";
import { fusedKernels } from "./fused.ts";
import type { Heap, WasmBackend } from "./heap.ts";
import { type KernelBuild, chooseBuild } from "./module.ts";
import { useKernels } from "./registration.ts";
import { isShared, withSharedMemory } from "./shared-memory.ts";
import { LEAST_OPERATIONS, Threads } from "./threads.ts";

const BACKEND = "@tensorflow/tfjs-backend-wasm";
const BINARIES = ["tfjs-backend-wasm", "tfjs-backend-wasm-simd", "tfjs-backend-wasm-threaded-simd"] as const;
const LARGEST_BINARY = 2 ** 22;

interface Started {
  readonly build: KernelBuild;
  /** absent: the stock kernels */
  readonly heap: Heap | undefined;
  /** that work: those of the stock kernels are one */
  readonly threads: number;
  readonly sharesAll: boolean;
}

let started: Started | undefined;

async function bringUp({ threads: wanted = 1, sharesAll = false }: EngineOptions): Promise<Started> {
  host.allowRelaxedSimd(); // before a build is chosen
  const build = chooseBuild();
  const threads = build === "stock" ? 1 : wanted;
  await setBackend(threads > 1);
  if (started?.build === build && started.threads === threads && started.sharesAll === sharesAll) return started;
  await stopThreads();
  const heap = useKernels(build);
  if (heap !== undefined && threads > 1) {
    const { compiled, module, backend } = heap;
    const { memory } = backend.wasm.asm;
    const leastOperations = sharesAll ? 0 : LEAST_OPERATIONS;
    heap.threads = await Threads.start({ count: threads, compiled, module, memory, leastOperations });
  }
  started = { build, heap, threads, sharesAll };
  return started;
}

async function stopThreads(): Promise<void> {
  const heap = started?.heap;
  const threads = heap?.threads;
  started = undefined;
  if (heap === undefined || threads === undefined) return;
  heap.threads = undefined;
  await threads.stop();
}

async function setBackend(shared: boolean): Promise<void> {
  if (tf.getBackend() !== "wasm") {
    const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false); // a browser would offer the build with threads, which Node cannot start
    const folder = host.files.dirname(host.packages.resolve(`${BACKEND}/dist/tfjs-backend-wasm.wasm`));
    const url = shared ? sharedBinary(folder) : undefined;
    if (url === undefined) setWasmPaths(`${folder}/`);
    else setWasmPaths(Object.fromEntries(BINARIES.map((name) => [`${name}.wasm`, url])), true);
    if (!(await tf.setBackend("wasm")))
      throw new EnvironmentError(`TensorFlow.js refused the wasm backend${addressSpaceHint()}`);
    await tf.ready();
    if (url !== undefined) URL.revokeObjectURL(url);
  }
  if (shared && !isShared((tf.backend() as unknown as WasmBackend).wasm.asm.memory))
    throw new EnvironmentError(
      "engine wasm began with one thread in this process, and its memory cannot be shared any more. Ask for threads at its first start.",
    );
}

/** The address of the backend's SIMD build with a memory that threads share. */
function sharedBinary(folder: string): string {
  const hint = addressSpaceHint();
  if (hint !== "") throw new EnvironmentError(`engine wasm takes several threads only without a limit${hint}`); // tfjs would never answer
  const file = host.files.join(folder, "tfjs-backend-wasm-simd.wasm");
  return URL.createObjectURL(new Blob([withSharedMemory(host.files.readBytes(file, LARGEST_BINARY))]));
}

/** V8 reserves so much address space beside each WebAssembly memory, whatever the memory holds. */
const RESERVED = 10 * 2 ** 30;

/** A limit on address space is the common reason for a refusal, and TensorFlow.js does not say it. */
function addressSpaceHint(): string {
  const limit = host.machine.addressSpaceLimit();
  if (limit === undefined || limit > 2 * RESERVED) return "";
  return `: this shell limits the address space to ${formatBytes(limit)} (ulimit -v), and WebAssembly reserves ${formatBytes(RESERVED)} and more of it, most of which it never uses. Run it with \`ulimit -v unlimited\`, and limit memory with --memory-limit`;
}

function device({ build: kernels, threads }: Started): DeviceDescription {
  return {
    kind: "cpu",
    name: host.machine.processor,
    software: false,
    details: { backend: `tfjs-backend-wasm ${host.packages.version(BACKEND)}`, kernels, threads },
  };
}

export const wasmEngine: Engine = {
  id: "wasm",
  title: "WebAssembly SIMD",

  async availability(options): Promise<Availability> {
    try {
      return { available: true, device: device(await bringUp(options)) };
    } catch (error) {
      return { available: false, reason: messageOf(error) };
    }
  },

  async start(options): Promise<RunningEngine> {
    const now = await bringUp(options);
    const { heap } = now;
    const backend = tf.backend() as unknown as WasmBackend;
    return {
      id: "wasm",
      device: device(now),
      kernels: heap === undefined ? {} : fusedKernels(heap),
      // A call returns when all threads have done their parts: the result is there.
      synchronise: () => Promise.resolve(),
      memory: () => ({
        tensors: tf.memory().numTensors,
        tensorBytes: tf.memory().numBytes,
        reservedBytes: backend.wasm.HEAPU8.byteLength,
      }),
      stop: stopThreads,
    };
  },
};
