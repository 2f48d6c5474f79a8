/// <reference types="@webgpu/types" />
// What a call really puts on the queue: every program with the bytes of its buffers, its workgroups and, of our own, the arithmetic
// that it executed. Programs of tfjs are counted as well.

import { HarnessError } from "#base/errors";
import * as tf from "../../tf.ts";
import { sizeOf } from "../arrays.ts";
import type { WebGpuBackend } from "../backend.ts";
import { flush } from "../clock.ts";
import { observeDispatches, type Dispatch } from "../dispatch.ts";
import { COUNTS, instrumented } from "./instrument.ts";

/** A program that ran. */
export interface CountedPass {
  /** "ours", or tfjs's name of its program */
  readonly by: string;
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly workgroups: number;
  /** of ours */
  readonly arithmetic?: { readonly multiplyAdds: number; readonly exponentials: number };
}

/** The parts of a tfjs program that are looked at (tfjs-backend-webgpu 4.22, dist/webgpu_program.d.ts). */
interface TfjsProgram {
  readonly shaderKey: string;
  readonly outputShape: readonly number[];
  readonly dispatch: readonly [number, number, number];
}
type RunProgram = (program: TfjsProgram, inputs: tf.TensorInfo[], ...rest: unknown[]) => tf.TensorInfo;

/**
 * Every program that `run` queues, in order. Buffers count whole, whether a program reads them once or more often, but for slices, which
 * read what they write.
 *
 * @param options `arithmetic` false: programs run as they are, and only their bytes and workgroups are counted
 * @throws {HarnessError} the device was handed another number of programs than was seen
 */
export async function countPasses(
  backend: WebGpuBackend,
  run: () => void,
  { arithmetic = true }: { readonly arithmetic?: boolean } = {},
): Promise<CountedPass[]> {
  const tfjs = backend as unknown as { runWebGPUProgram: RunProgram };
  const runProgram = tfjs.runWebGPUProgram.bind(backend);
  const seen: { readonly pass: Omit<CountedPass, "arithmetic">; readonly counts?: tf.Tensor }[] = [];
  const bytesOf = ({ dataId }: tf.TensorInfo) => {
    backend.uploadToGPU(dataId);
    return backend.tensorMap.get(dataId).resource!.size;
  };
  const sum = (tensors: readonly tf.TensorInfo[]) => tensors.reduce((total, tensor) => total + bytesOf(tensor), 0);

  flush(backend);
  const unwatch = watchDispatches(backend.device);
  observeDispatches(backend, (dispatch: Dispatch): Dispatch => {
    const { bindings, grid, code } = dispatch;
    const of = (written: boolean) => bindings.filter((binding) => (binding.written === true) === written);
    const pass = {
      by: "ours",
      readBytes: sum(of(false).map(({ tensor }) => tensor)),
      writtenBytes: sum(of(true).map(({ tensor }) => tensor)),
      workgroups: sizeOf(grid),
    };
    if (!arithmetic) {
      seen.push({ pass });
      return dispatch;
    }
    const counts = tf.keep(tf.zeros([2], "int32"));
    seen.push({ pass, counts });
    const counter = { name: COUNTS, tensor: counts, written: true, element: "atomic<u32>" } as const;
    return { ...dispatch, code: instrumented(code), bindings: [...bindings, counter] };
  });
  tfjs.runWebGPUProgram = (program, inputs, ...rest) => {
    const by = program.shaderKey; // replaced by a longer one when it runs
    const output = runProgram(program, inputs, ...rest);
    if (sizeOf(output.shape) === 0) return output;
    const writtenBytes = bytesOf(output);
    const readBytes = by === "slice" ? writtenBytes : sum(inputs);
    seen.push({ pass: { by, readBytes, writtenBytes, workgroups: sizeOf(program.dispatch) } });
    return output;
  };
  let handed: number;
  try {
    run();
    flush(backend);
  } finally {
    observeDispatches(backend, undefined);
    tfjs.runWebGPUProgram = runProgram;
    handed = unwatch();
  }
  if (handed !== seen.length)
    throw new HarnessError("E_COUNT", `The device was handed ${handed} programs, but ${seen.length} were counted.`);
  return Promise.all(seen.map(async ({ pass, counts }) => ({ ...pass, ...(await arithmeticOf(counts)) })));
}

async function arithmeticOf(counts: tf.Tensor | undefined): Promise<Pick<CountedPass, "arithmetic">> {
  if (counts === undefined) return {};
  const [multiplyAdds, exponentials] = await counts.data<"int32">();
  counts.dispose();
  return { arithmetic: { multiplyAdds: multiplyAdds!, exponentials: exponentials! } };
}

/** Counts what compute passes are handed from now on; the function that comes back ends that and gives the number. */
function watchDispatches(device: GPUDevice): () => number {
  const createCommandEncoder = device.createCommandEncoder.bind(device);
  let count = 0;
  device.createCommandEncoder = (descriptor) => {
    const encoder = createCommandEncoder(descriptor);
    const beginComputePass = encoder.beginComputePass.bind(encoder);
    encoder.beginComputePass = (pass) => {
      const computePass = beginComputePass(pass);
      const dispatchWorkgroups = computePass.dispatchWorkgroups.bind(computePass);
      computePass.dispatchWorkgroups = (...sizes) => {
        count++;
        dispatchWorkgroups(...sizes);
      };
      return computePass;
    };
    return encoder;
  };
  return () => {
    device.createCommandEncoder = createCommandEncoder;
    return count;
  };
}
