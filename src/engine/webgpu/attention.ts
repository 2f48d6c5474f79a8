// Softmax attention on the GPU without its N×N scores in memory.

import type { AttentionInputs, AttentionOutputs, FusedKernels } from "../kernels.ts";
import * as tf from "../tf.ts";
import { quads, readOnly, stored, written } from "./bindings.ts";
import type { Binding, Gpu } from "./dispatch.ts";
import { isHalf, outputLike, widthOf } from "./half.ts";
import { rowProducts } from "./row-products.ts";
import { tileOf } from "./wgsl/product.ts";
import { attentionMode, attentionProgram, ATTENTION_SHARED_BYTES, type AttentionMode } from "./wgsl/attention.ts";

type Kernel = NonNullable<FusedKernels["attention"]>;

const ROWS = 64;

/** The kernel, where the device's workgroups have room for it, on float32 or with all of q, k, v, out and gradients as halves. A query that sees no key has +1e30 as its log-sum, so that its gradients are 0. */
export function attention(gpu: Gpu): Kernel | undefined {
  if (gpu.backend.device.limits.maxComputeWorkgroupStorageSize < ATTENTION_SHARED_BYTES) return undefined;
  return {
    forward: (inputs) => attentionForward(gpu, inputs),
    backward: (inputs, { out: dOut }) =>
      tf.tidy(() => ({ ...gradients(gpu, inputs, dOut) })) as ReturnType<Kernel["backward"]>,
  };
}

function attentionForward(gpu: Gpu, inputs: AttentionInputs): AttentionOutputs {
  const [G, N] = inputs.q.shape;
  const rowLse = gpu.output<tf.Rank.R2>([G, N]);
  if (!isHalf(inputs.q)) return { out: run(gpu, "out", inputs, [written("lse", rowLse)]), rowLse };
  const unrounded = gpu.output<tf.Rank.R3>([G, N, widthOf(inputs.v)]);
  return {
    out: run(gpu, "out", inputs, [written("lse", rowLse), { ...quads("unrounded", unrounded), written: true }]),
    rowLse,
    unrounded,
  };
}

function gradients(
  gpu: Gpu,
  inputs: AttentionInputs & AttentionOutputs,
  dOut: tf.Tensor3D,
): ReturnType<Kernel["backward"]> {
  const delta = rowProducts(gpu, dOut, inputs.unrounded ?? inputs.out); // [G, N, 1], Σ_j p_j dp_j
  const lse = readOnly("lse", inputs.rowLse);
  const cotangent = quads("dOut", dOut);
  return {
    q: run(gpu, "dq", inputs, [cotangent, lse, readOnly("delta", delta)]),
    k: run(gpu, "dk", inputs, [cotangent, lse, readOnly("delta", delta)]),
    v: run(gpu, "dv", inputs, [cotangent, lse]),
  };
}

function run(
  gpu: Gpu,
  mode: AttentionMode,
  { q, k, v, scale, causal, visible }: AttentionInputs,
  others: readonly Binding[],
): tf.Tensor3D {
  const [G, N] = q.shape;
  const [D, E] = [widthOf(q), widthOf(v)];
  const { width, needsU } = attentionMode(mode, D, E);
  const result = outputLike(gpu, q, [G, N, width]);
  const ofValues = mode === "out" || needsU ? [quads("v", v)] : [];
  gpu.run({
    code: attentionProgram({ mode, D, E, causal, masked: visible !== undefined, halves: isHalf(q), lanes: gpu.lanes }),
    bindings: [
      stored("result", result),
      quads("q", q),
      quads("k", k),
      ...ofValues,
      ...others,
      ...(visible === undefined ? [] : [readOnly("visible", visible)]),
    ],
    subgroups: gpu.lanes > 1,
    params: { N, D, E, scale: new Int32Array(Float32Array.of(scale).buffer)[0]! },
    grid: [Math.ceil(N / ROWS), Math.ceil(width / tileOf(width)), G],
  });
  return result;
}
