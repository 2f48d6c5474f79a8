// Puts our kernels in the place of tfjs-backend-wasm's, and back.

import * as tf from "../tf.ts";
import { guardAllocation, Heap, type WasmBackend } from "./heap.ts";
import { matMulKernels } from "./matmul.ts";
import { type KernelBuild, compile, instantiate } from "./module.ts";
import { smallKernels } from "./small-kernels.ts";

const stock = new Map<string, tf.KernelConfig | undefined>();

function replace(kernel: tf.KernelConfig): void {
  const name = kernel.kernelName;
  const present = tf.getKernel(name, "wasm") as tf.KernelConfig | undefined;
  if (!stock.has(name)) stock.set(name, present);
  if (present !== undefined) tf.unregisterKernel(name, "wasm");
  tf.registerKernel(kernel);
}

/** One heap a build, kept: each holds its scratch for good. */
const heaps = new Map<KernelBuild, Heap>();

function heapOf(build: KernelBuild): Heap {
  const backend = tf.backend() as unknown as WasmBackend;
  const known = heaps.get(build);
  if (known?.backend === backend) return known;
  guardAllocation(backend);
  const { memory } = backend.wasm.asm;
  const compiled = compile(build, memory);
  const heap = new Heap(backend, { compiled, module: instantiate(compiled, memory) });
  heaps.set(build, heap);
  return heap;
}

/** Restores every kernel of tfjs-backend-wasm. */
export function useStockKernels(): void {
  for (const [name, kernel] of stock) {
    if (tf.getKernel(name, "wasm") !== undefined) tf.unregisterKernel(name, "wasm");
    if (kernel !== undefined) tf.registerKernel(kernel);
  }
}

/**
 * Makes `build` the current one: `stock` restores tfjs-backend-wasm, the others put our kernels in its place.
 * The backend must be the current one.
 *
 * @returns the heap that kernels of our own work on, or undefined for `stock`
 */
export function useKernels(build: KernelBuild): Heap | undefined {
  useStockKernels();
  if (build === "stock") return undefined;
  const heap = heapOf(build);
  const stockKernel = (name: string) => tf.getKernel(name, "wasm")?.kernelFunc;
  for (const kernel of [...matMulKernels(heap), ...smallKernels(heap, stockKernel)]) replace(kernel);
  return heap;
}
