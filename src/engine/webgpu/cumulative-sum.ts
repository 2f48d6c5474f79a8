// Cumulative sums for tfjs-backend-webgpu. Its own kernel (4.22) writes the length of the axis into the program's text but not
// into the key under which the program is kept: after a first call, reversed and exclusive sums of any other length are wrong.
// This one also makes two passes over memory where tfjs makes one for every doubling of the length.

import * as tf from "../tf.ts";
import { around, FOR_EACH, gridOf, result, sizeOf } from "./arrays.ts";
import { readOnly, written } from "./bindings.ts";
import type { Gpu } from "./dispatch.ts";

interface Attributes {
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

/** Up to here one thread sums a row alone. */
const ALONE = 128;

export function useCumulativeSum(gpu: Gpu): void {
  tf.unregisterKernel("Cumsum", "webgpu");
  tf.registerKernel({
    kernelName: "Cumsum",
    backendName: "webgpu",
    kernelFunc: ({ inputs, attrs }) => cumulativeSum(gpu, inputs["x"]!, attrs as unknown as Attributes),
  });
}

function cumulativeSum(gpu: Gpu, x: tf.TensorInfo, { axis, exclusive, reverse }: Attributes): tf.TensorInfo {
  const own = axis < 0 ? axis + x.shape.length : axis;
  const { before, length, after } = around(x.shape, own, own + 1);
  const y = result(gpu, x.shape);
  if (sizeOf(x.shape) === 0) return y;
  const part = length <= ALONE ? length : Math.ceil(Math.sqrt(length));
  const parts = Math.ceil(length / part);
  const size = before * parts * after;
  const params = { size, length, after, part, parts, exclusive: Number(exclusive), reverse: Number(reverse) };
  const totals = result(gpu, [before, parts, after]);
  if (parts > 1)
    gpu.run({ code: TOTALS, bindings: [written("totals", totals), readOnly("x", x)], params, grid: gridOf(size) });
  gpu.run({
    code: SUMS,
    bindings: [written("y", y), readOnly("x", x), readOnly("totals", totals)],
    params,
    grid: gridOf(size),
  });
  gpu.backend.disposeData(totals.dataId);
  return y;
}

const PLACE = `${FOR_EACH}
  let column = at % params.after;
  let part = at / params.after % params.parts;
  let row = at / (params.after * params.parts);
  let first = row * params.length * params.after + column;
  let from_ = part * params.part;
  let end = min(from_ + params.part, params.length);`;

/** Sum of each part of a row: totals [before, parts, after]. */
const TOTALS = `${PLACE}
  var sum = 0.0;
  for (var i = from_; i < end; i++) { sum += x[first + i * params.after]; }
  totals[at] = sum;
}`;

/** The running sum within a part, on top of those before it. */
const SUMS = `${PLACE}
  var sum = 0.0;
  let other = row * params.parts * params.after + column;
  if (params.reverse == 0) {
    for (var i = 0; i < part; i++) { sum += totals[other + i * params.after]; }
  } else {
    for (var i = params.parts - 1; i > part; i--) { sum += totals[other + i * params.after]; }
  }
  for (var step = 0; step < end - from_; step++) {
    let i = first + select(from_ + step, end - 1 - step, params.reverse == 1) * params.after;
    let value = x[i];
    if (params.exclusive == 1) { y[i] = sum; }
    sum += value;
    if (params.exclusive == 0) { y[i] = sum; }
  }
}`;
