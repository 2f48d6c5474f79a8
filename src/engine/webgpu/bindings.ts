// Short names for the storage buffers of a program.

import type * as tf from "../tf.ts";
import type { Binding } from "./dispatch.ts";
import { inQuads } from "./wgsl/text.ts";

export function readOnly(name: string, tensor: tf.TensorInfo): Binding {
  return { name, tensor };
}

export function written(name: string, tensor: tf.TensorInfo): Binding {
  return { name, tensor, written: true };
}

/** Read four floats at a time where the rows allow. */
export function quads(name: string, tensor: tf.TensorInfo): Binding {
  return { name, tensor, quads: inQuads(tensor.shape[tensor.shape.length - 1]!) };
}
