/// <reference types="@webgpu/types" />
// Runs a WGSL program of our own between those of tfjs, on the same command queue. Unlike runWebGPUProgram of
// tfjs-backend-webgpu it allows several outputs, and the program's text is all there is to know about it.

import { ShapeError } from "#base/errors";
import * as tf from "../tf.ts";
import type { WebGpuBackend } from "./backend.ts";

/** After so many dispatches tfjs hands its commands to the GPU; ours count as well. */
const DISPATCHES_IN_A_PASS = 15;

/** A storage buffer of a program, under the name that its text uses. */
export interface Binding {
  readonly name: string;
  readonly tensor: tf.TensorInfo;
  readonly written?: boolean;
  /** WGSL type of an element; default one number, of the tensor's own type */
  readonly element?: "vec4<f32>" | "vec2<u32>" | "u32" | "atomic<u32>";
}

export interface Dispatch {
  /** WGSL without the bindings; reads sizes that vary from call to call as `params.NAME` */
  readonly code: string;
  readonly bindings: readonly Binding[];
  /** i32 each */
  readonly params: Readonly<Record<string, number>>;
  readonly grid: readonly [x: number, y: number, z: number];
  /** the code exchanges values within subgroups */
  readonly subgroups?: boolean;
}

/** Sees a program before it is queued, and says what is queued in its stead. */
type DispatchObserver = (dispatch: Dispatch) => Dispatch;
const observers = new WeakMap<WebGpuBackend, DispatchObserver>();

/** Shows every program of ours on this backend to `observer`, the last one given; undefined: to nobody. */
export function observeDispatches(backend: WebGpuBackend, observer: DispatchObserver | undefined): void {
  if (observer === undefined) observers.delete(backend);
  else observers.set(backend, observer);
}

export class Gpu {
  readonly backend: WebGpuBackend;
  /** neighbouring threads that exchange values without memory (`lanesOf`); 1: none */
  lanes = 1;
  readonly #pipelines = new Map<string, GPUComputePipeline>();

  constructor(backend: WebGpuBackend) {
    this.backend = backend;
  }

  /** A new tensor, its content undefined, owned by the current tidy. */
  output<R extends tf.Rank>(shape: tf.ShapeMap[R], dtype: "float32" | "int32" = "float32"): tf.Tensor<R> {
    const info = this.backend.makeTensorInfo([...shape], dtype);
    return (
      tf.engine() as unknown as { makeTensorFromTensorInfo(info: tf.TensorInfo): tf.Tensor<R> }
    ).makeTensorFromTensorInfo(info);
  }

  /**
   * Queues a program.
   *
   * @throws {ShapeError} the grid is larger than the device allows
   */
  run(dispatch: Dispatch): void {
    const { backend } = this;
    const { code, bindings: given, params, grid, subgroups = false } = observers.get(backend)?.(dispatch) ?? dispatch;
    const bindings = given.map((binding) => ({ ...binding, tensor: this.#inOwnType(binding.tensor) }));
    const limit = backend.device.limits.maxComputeWorkgroupsPerDimension;
    if (grid.some((size) => size > limit))
      throw new ShapeError("WebGPU kernel", "grid", `at most ${limit} workgroups along each axis`, grid);
    for (const { tensor } of bindings) backend.uploadToGPU(tensor.dataId);
    const pipeline = this.#pipeline(
      `${subgroups ? "enable subgroups;\n" : ""}${declarations(bindings, params)}\n${code}`,
    );
    const uniform = backend.makeUniforms(Object.values(params).map((value) => ({ type: "int32", data: [value] })));
    const buffers: GPUBufferBinding[] = bindings.map(({ tensor }) => ({
      buffer: backend.tensorMap.get(tensor.dataId).resource!,
    }));
    const bindGroup = backend.device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [...buffers, uniform].map((resource, binding) => ({ binding, resource })),
    });
    for (const { tensor } of bindings) backend.commandQueueOwnedIds.add(tensor.dataId); // not reused before the queue has run
    backend.ensureCommandEncoderReady();
    backend.computePassEncoder ??= backend.commandEncoder!.beginComputePass();
    backend.computePassEncoder.setPipeline(pipeline);
    backend.computePassEncoder.setBindGroup(0, bindGroup);
    backend.computePassEncoder.dispatchWorkgroups(...grid);
    bindings.forEach(({ tensor }, i) => {
      if (tensor !== given[i]!.tensor) (tensor as tf.Tensor).dispose();
    });
    if (++backend.dispatchCountInPass < DISPATCHES_IN_A_PASS) return;
    backend.endComputePassEncoder();
    backend.submitQueue();
  }

  /** tfjs casts from bool and int32 by another label on the same bits: such a tensor must be computed before we read it. */
  #inOwnType(tensor: tf.TensorInfo): tf.TensorInfo {
    const stored = this.backend.tensorMap.get(tensor.dataId).dtype;
    return tensor.dtype === "float32" && stored !== "float32" ? tf.mul(tensor as tf.Tensor, 1) : tensor;
  }

  #pipeline(text: string): GPUComputePipeline {
    let pipeline = this.#pipelines.get(text);
    if (pipeline === undefined) {
      const module = this.backend.device.createShaderModule({ code: text });
      pipeline = this.backend.device.createComputePipeline({ layout: "auto", compute: { module, entryPoint: "main" } });
      this.#pipelines.set(text, pipeline);
    }
    return pipeline;
  }
}

function declarations(bindings: readonly Binding[], params: Dispatch["params"]): string {
  const buffers = bindings.map(({ name, tensor, written, element }, binding) => {
    const type = element ?? (tensor.dtype === "int32" ? "i32" : "f32");
    return `@group(0) @binding(${binding}) var<storage, ${written === true ? "read_write" : "read"}> ${name}: array<${type}>;`;
  });
  const fields = Object.keys(params).map((name) => `${name}: i32`);
  return [
    ...buffers,
    `struct Params { ${fields.join(", ")} }`,
    `@group(0) @binding(${bindings.length}) var<uniform> params: Params;`,
  ].join("\n");
}
