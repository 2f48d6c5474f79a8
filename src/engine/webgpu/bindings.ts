// Short names for the storage buffers of a program.

import type * as tf from "../tf.ts";
import type { Binding } from "./dispatch.ts";
import { isHalf } from "./half.ts";
import { inQuads } from "./wgsl/text.ts";

export function readOnly(name: string, tensor: tf.TensorInfo): Binding {
  return { name, tensor };
}

export function written(name: string, tensor: tf.TensorInfo): Binding {
  return { name, tensor, written: true };
}

/** Written four numbers at a time where they are halves, else one at a time, as rows may end within four. */
export function stored(name: string, tensor: tf.TensorInfo): Binding {
  return { ...(isHalf(tensor) ? quads(name, tensor) : readOnly(name, tensor)), written: true };
}

/** Read four numbers at a time where the rows allow. */
export function quads(name: string, tensor: tf.TensorInfo): Binding {
  if (isHalf(tensor)) return { name, tensor, element: "vec2<u32>" };
  return inQuads(tensor.shape[tensor.shape.length - 1]!) ? { name, tensor, element: "vec4<f32>" } : { name, tensor };
}

/** Read one number at a time, which of halves are two in a u32. */
export function ones(name: string, tensor: tf.TensorInfo): Binding {
  return isHalf(tensor) ? { name, tensor, element: "u32" } : { name, tensor };
}
