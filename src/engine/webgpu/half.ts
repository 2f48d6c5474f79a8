// Numbers stored as float16: two in an int32 of a tfjs tensor, which has no such type. Kernels that meet such a tensor read and
// write halves and compute in float32. `pack2x16float` is in the core of WGSL, so no feature of the device is asked for.

import { ShapeError } from "#base/errors";
import type * as tf from "../tf.ts";
import { FOR_EACH, gridOf } from "./arrays.ts";
import type { Gpu } from "./dispatch.ts";

/** Whether a tensor of an operator holds halves: operators have no whole numbers. */
export function isHalf({ dtype }: Pick<tf.TensorInfo, "dtype">): boolean {
  return dtype === "int32";
}

/** Numbers in a row of the last axis. */
export function widthOf(x: tf.TensorInfo): number {
  return x.shape[x.shape.length - 1]! * (isHalf(x) ? 2 : 1);
}

/** A tensor for [G, N, width] numbers, as halves or as float32. */
export function outputLike(
  gpu: Gpu,
  like: tf.TensorInfo,
  [G, N, width]: readonly [number, number, number],
): tf.Tensor3D {
  return isHalf(like) ? gpu.output<tf.Rank.R3>([G, N, width / 2], "int32") : gpu.output<tf.Rank.R3>([G, N, width]);
}

/** float32 [..., W] → int32 [..., W / 2]. @throws {ShapeError} W is no multiple of four: kernels read four numbers at a time */
export function toHalves(gpu: Gpu, x: tf.Tensor): tf.Tensor {
  const width = widthOf(x);
  if (width % 4 !== 0) throw new ShapeError("float16", "width", "a multiple of 4", [width]);
  const y = gpu.output([...x.shape.slice(0, -1), width / 2], "int32");
  return convert(gpu, "y[at] = pack2x16float(vec2<f32>(x[2 * at], x[2 * at + 1]));", { x, y, packed: "y" });
}

/** int32 [..., W / 2] → float32 [..., W] */
export function fromHalvesOf(gpu: Gpu, x: tf.Tensor): tf.Tensor {
  const y = gpu.output([...x.shape.slice(0, -1), widthOf(x)]);
  return convert(gpu, "let pair = unpack2x16float(x[at]);\n  y[2 * at] = pair.x;\n  y[2 * at + 1] = pair.y;", {
    x,
    y,
    packed: "x",
  });
}

interface Conversion {
  readonly x: tf.Tensor;
  readonly y: tf.Tensor;
  readonly packed: "x" | "y";
}

/** A thread for each pair. */
function convert(gpu: Gpu, code: string, { x, y, packed }: Conversion): tf.Tensor {
  const pairs = (packed === "x" ? x : y).size;
  const element = (name: "x" | "y") => (packed === name ? ({ element: "u32" } as const) : {});
  gpu.run({
    code: `${FOR_EACH}\n  ${code}\n}`,
    bindings: [
      { name: "y", tensor: y, written: true, ...element("y") },
      { name: "x", tensor: x, ...element("x") },
    ],
    params: { size: pairs },
    grid: gridOf(pairs),
  });
  return y;
}
