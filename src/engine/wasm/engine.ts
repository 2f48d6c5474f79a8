// Engine `wasm`: the tfjs WebAssembly backend in its SIMD build, with our own kernels in the place of its slow
// ones. Its multi-threaded build does not start in Node, so parallelism is by process.

import { EnvironmentError, messageOf } from "#base/errors";
import { formatBytes } from "#base/units";
import { host } from "#host/current";
import type { Availability, DeviceDescription, Engine, RunningEngine } from "../engine.ts";
import * as tf from "../tf.ts";
import { fusedKernels } from "./fused.ts";
import type { Heap, WasmBackend } from "./heap.ts";
import { type KernelBuild, chooseBuild } from "./module.ts";
import { useKernels } from "./registration.ts";

const BACKEND = "@tensorflow/tfjs-backend-wasm";

interface Started {
  readonly build: KernelBuild;
  /** absent: the stock kernels */
  readonly heap: Heap | undefined;
}

let started: Started | undefined;

async function bringUp(): Promise<Started> {
  await setBackend();
  const build = chooseBuild();
  if (started?.build !== build) started = { build, heap: useKernels(build) };
  return started;
}

async function setBackend(): Promise<void> {
  if (tf.getBackend() === "wasm") return;
  host.allowRelaxedSimd();
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false); // a browser would offer threads: one core, here as there
  setWasmPaths(`${host.files.dirname(host.packages.resolve(`${BACKEND}/dist/tfjs-backend-wasm.wasm`))}/`);
  if (!(await tf.setBackend("wasm")))
    throw new EnvironmentError(`TensorFlow.js refused the wasm backend${addressSpaceHint()}`);
  await tf.ready();
}

/** V8 reserves so much address space beside each WebAssembly memory, whatever the memory holds. */
const RESERVED = 10 * 2 ** 30;

/** A limit on address space is the common reason for a refusal, and TensorFlow.js does not say it. */
function addressSpaceHint(): string {
  const limit = host.machine.addressSpaceLimit();
  if (limit === undefined || limit > 2 * RESERVED) return "";
  return `: this shell limits the address space to ${formatBytes(limit)} (ulimit -v), and WebAssembly reserves ${formatBytes(RESERVED)} and more of it, most of which it never uses. Run it with \`ulimit -v unlimited\`, and limit memory with --memory-limit`;
}

function device(kernels: KernelBuild): DeviceDescription {
  return {
    kind: "cpu",
    name: host.machine.processor,
    software: false,
    details: { backend: `tfjs-backend-wasm ${host.packages.version(BACKEND)}`, kernels, threads: 1 },
  };
}

export const wasmEngine: Engine = {
  id: "wasm",
  title: "WebAssembly SIMD",

  async availability(): Promise<Availability> {
    try {
      return { available: true, device: device((await bringUp()).build) };
    } catch (error) {
      return { available: false, reason: messageOf(error) };
    }
  },

  async start(): Promise<RunningEngine> {
    const { build, heap } = await bringUp();
    const backend = tf.backend() as unknown as WasmBackend;
    return {
      id: "wasm",
      device: device(build),
      kernels: heap === undefined ? {} : fusedKernels(heap),
      // Kernels run on the calling thread: when the call returns, the result is there.
      synchronise: () => Promise.resolve(),
      memory: () => ({
        tensors: tf.memory().numTensors,
        tensorBytes: tf.memory().numBytes,
        reservedBytes: backend.wasm.HEAPU8.byteLength,
      }),
      stop: () => Promise.resolve(),
    };
  },
};
