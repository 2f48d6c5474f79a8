// Softmax attention by our own kernels (native/attention.cc, native/attention_grad.cc).

import type { AttentionInputs, FusedKernels } from "../kernels.ts";
import * as tf from "../tf.ts";
import { runNative } from "./native.ts";

/** Runs a kernel on the inputs, its settings, and what else it takes. */
function run(name: string, inputs: AttentionInputs, more: readonly tf.Tensor[], outputs: number): tf.Tensor[] {
  const { q, k, v, visible, scale, causal } = inputs;
  const settings = tf.tensor1d([scale, Number(causal)]);
  try {
    return runNative(name, [q, k, v, visible, settings, ...more], outputs);
  } finally {
    settings.dispose();
  }
}

/** `rowLse` is 1e30 for a query that sees no key. */
export const attention: NonNullable<FusedKernels["attention"]> = {
  forward(inputs) {
    const [out, rowLse] = run("Attention", inputs, [], 2) as [tf.Tensor3D, tf.Tensor2D];
    return { out, rowLse };
  },
  backward(inputs, { out: dOut }) {
    const { out, rowLse } = inputs;
    const gradients = run("AttentionGrad", inputs, [out, rowLse, dOut], 3);
    const [q, k, v] = gradients as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
    return { q, k, v };
  },
};
