// Sums and means over few elements for tfjs-backend-webgpu, which gives every single result a workgroup of 64 threads, four
// barriers, and a transposition before it where the axis is not the last: here each result is one thread's.

import * as tf from "../tf.ts";
import { around, FOR_EACH, gridOf, result, sizeOf } from "./arrays.ts";
import { readOnly, written } from "./bindings.ts";
import type { Gpu } from "./dispatch.ts";

interface Attributes {
  readonly axis: number | number[];
  readonly keepDims: boolean;
}

/** Longer sums stay with tfjs: its threads share one. */
const LONGEST = 64;

export function useShortSums(gpu: Gpu): void {
  for (const kernelName of ["Sum", "Mean"]) {
    const { kernelFunc } = tf.getKernel(kernelName, "webgpu");
    tf.unregisterKernel(kernelName, "webgpu");
    tf.registerKernel({
      kernelName,
      backendName: "webgpu",
      kernelFunc: (call) =>
        shortSum(gpu, call.inputs["x"]!, { ...(call.attrs as unknown as Attributes), mean: kernelName === "Mean" }) ??
        kernelFunc(call),
    });
  }
}

/** Undefined where it is not for this kernel: long sums, other numbers than float32, axes with others between them. */
function shortSum(
  gpu: Gpu,
  x: tf.TensorInfo,
  { axis, keepDims, mean }: Attributes & { readonly mean: boolean },
): tf.TensorInfo | undefined {
  const axes = tf.util.parseAxisParam(axis, [...x.shape]).sort((a, b) => a - b);
  const [from, to] = [axes[0] ?? 0, (axes.at(-1) ?? -1) + 1];
  const { before, length, after } = around(x.shape, from, to);
  if (
    x.dtype !== "float32" ||
    axes.length === 0 ||
    to - from !== axes.length ||
    length > LONGEST ||
    sizeOf(x.shape) === 0
  )
    return undefined;
  const kept = keepDims ? axes.map(() => 1) : [];
  const y = result(gpu, [...x.shape.slice(0, from), ...kept, ...x.shape.slice(to)]);
  const size = before * after;
  gpu.run({
    code: SUM,
    bindings: [written("y", y), readOnly("x", x)],
    params: { size, length, after, divisor: mean ? length : 1 },
    grid: gridOf(size),
  });
  return y;
}

const SUM = `${FOR_EACH}
  let first = at / params.after * params.length * params.after + at % params.after;
  var sum = 0.0;
  for (var i = 0; i < params.length; i++) { sum += x[first + i * params.after]; }
  y[at] = sum / f32(params.divisor);
}`;
