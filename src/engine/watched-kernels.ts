// Kernels of an engine with somebody told of every call: those of TensorFlow.js by their registered names, our own by their
// place in `FusedKernels`. For profiles of engines whose kernels have ended when their call returns.

import type { Bytes } from "#base/units";
import type { FusedKernels } from "./kernels.ts";
import * as tf from "./tf.ts";

export interface KernelListener {
  begin(kernel: string): void;
  /** @param bytes of the outputs that are new: neither an input nor a view of one */
  end(bytes: Bytes): void;
}

/** Kernels whose output has the bytes of its input. */
const VIEWS = new Set(["Identity", "Reshape"]);

/** The engine's own kernels, as they are called while `listener()` gives somebody. */
export function watchedKernels(kernels: FusedKernels, listener: () => KernelListener | undefined): FusedKernels {
  return watchedAll(kernels, "", listener) as FusedKernels;
}

function watchedAll(kernels: object, path: string, listener: () => KernelListener | undefined): object {
  return Object.fromEntries(
    Object.entries(kernels).map(([name, value]: [string, unknown]) => {
      const called = path === "" ? name : `${path}.${name}`;
      if (typeof value === "function") return [name, watched(called, value as AnyFunction, listener)];
      return [name, typeof value === "object" && value !== null ? watchedAll(value, called, listener) : value];
    }),
  );
}

type AnyFunction = (...args: unknown[]) => unknown;

function watched(name: string, run: AnyFunction, listener: () => KernelListener | undefined): AnyFunction {
  return (...args) => {
    const told = listener();
    if (told === undefined) return run(...args);
    let made: unknown;
    told.begin(name);
    try {
      return (made = run(...args));
    } finally {
      told.end(bytesOf(tensorsIn(made), tensorsIn(args)));
    }
  };
}

/**
 * Tells `listener` of every call of a kernel of TensorFlow.js on this backend.
 *
 * @returns puts the kernels back
 */
export function watchKernels(backend: string, listener: KernelListener): () => void {
  const stock = tf.getKernelsForBackend(backend);
  const replace = (kernels: readonly tf.KernelConfig[]) => {
    for (const kernel of kernels) {
      tf.unregisterKernel(kernel.kernelName, backend);
      tf.registerKernel(kernel);
    }
  };
  replace(stock.map((kernel) => ({ ...kernel, kernelFunc: toldOf(kernel, listener) })));
  return () => replace(stock);
}

function toldOf({ kernelName, kernelFunc }: tf.KernelConfig, listener: KernelListener): tf.KernelFunc {
  return (call) => {
    let made: tf.TensorInfo | tf.TensorInfo[] = [];
    listener.begin(kernelName);
    try {
      return (made = kernelFunc(call));
    } finally {
      const inputs = Object.values(call.inputs).flatMap((input) => input as tf.TensorInfo | tf.TensorInfo[]);
      listener.end(VIEWS.has(kernelName) ? 0 : bytesOf([made].flat(), inputs));
    }
  };
}

/** Of the outputs that share no data with an input. */
function bytesOf(outputs: readonly tf.TensorInfo[], inputs: readonly tf.TensorInfo[]): Bytes {
  const known = new Set(inputs.map((input) => (input as tf.TensorInfo | undefined)?.dataId));
  return outputs
    .filter(({ dataId }) => !known.has(dataId))
    .reduce((sum, { shape, dtype }) => sum + tf.util.sizeFromShape(shape) * tf.util.bytesPerElement(dtype), 0);
}

function tensorsIn(value: unknown): tf.Tensor[] {
  if (value instanceof tf.Tensor) return [value];
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return [];
  return Object.values(value).flatMap(tensorsIn);
}
