// Numbers that are computed each from those at the same place, in one pass, whether stored as float32 or as halves.

import type * as tf from "../tf.ts";
import { FOR_EACH, gridOf } from "./arrays.ts";
import { ones } from "./bindings.ts";
import type { Gpu } from "./dispatch.ts";
import { isHalf, outputLike, widthOf } from "./half.ts";
import { oneOf } from "./wgsl/text.ts";

export interface Elementwise {
  /** [G, N, W], or [G, N, 1] for one number a row: what `value` calls by these names */
  readonly inputs: Readonly<Record<string, tf.Tensor3D>>;
  /** WGSL of the result, float32 */
  readonly value: string;
  /** [G, N, W]: the result is stored as this one is */
  readonly like: tf.Tensor3D;
}

/** y = value(inputs) at every place, [G, N, W]. */
export function elementwise(gpu: Gpu, { inputs, value, like }: Elementwise): tf.Tensor3D {
  const [G, N] = like.shape;
  const width = widthOf(like);
  const y = outputLike(gpu, like, [G, N, width]);
  const entries = Object.entries(inputs);
  const read = ([name, x]: (typeof entries)[number]) =>
    `let ${name} = ${oneOf(`of_${name}`, widthOf(x) === width ? "at" : "at / params.width", isHalf(x))};`;
  const store = isHalf(y)
    ? "y[at] = pack2x16float(vec2<f32>(valueAt(2 * at), valueAt(2 * at + 1)));"
    : "y[at] = valueAt(at);";
  gpu.run({
    code: `fn valueAt(at: i32) -> f32 {
  ${entries.map(read).join("\n  ")}
  return ${value};
}
${FOR_EACH}
  ${store}
}`,
    bindings: [{ ...ones("y", y), written: true }, ...entries.map(([name, x]) => ones(`of_${name}`, x))],
    params: { size: y.size, width },
    grid: gridOf(y.size),
  });
  return y;
}
