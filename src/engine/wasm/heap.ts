// The memory of tfjs-backend-wasm as our kernels see it: addresses of tensors, new tensors, scratch.
// Nothing here keeps a view: the heap may grow, and views go stale, at any allocation. Addresses stay.

import { HarnessError, ShapeError } from "#base/errors";
import * as tf from "../tf.ts";
import type { KernelModule } from "./module.ts";
import type { Parts, Space, Threads } from "./threads.ts";

/** The parts of BackendWasm that we use (tfjs-backend-wasm 4.22, dist/backend_wasm.d.ts). */
export interface WasmBackend {
  readonly wasm: {
    readonly HEAPU8: Uint8Array;
    readonly asm: { readonly memory: WebAssembly.Memory };
    _malloc(bytes: number): number;
    _free(address: number): void;
  };
  readonly dataIdMap: {
    get(id: object): { readonly memoryOffset: number; readonly dtype: string } | undefined;
    has(id: object): boolean;
  };
  makeOutput(shape: number[], dtype: "float32" | "int32", memoryOffset?: number): tf.TensorInfo;
  disposeData(id: object): boolean;
  incRef(id: object): void;
}

export interface HeadSizes {
  readonly G: number;
  readonly N: number;
  readonly D: number;
  readonly E: number;
}

/** Our kernels on the backend's memory. */
export interface Kernels {
  readonly compiled: WebAssembly.Module;
  readonly module: KernelModule;
}

const MIB = 2 ** 20;
/** Scratch of threads side by side shares no cache line. */
const LINE = 64;
const ADDRESS_SPACE = 2 ** 32;

export class Heap {
  readonly backend: WasmBackend;
  readonly module: KernelModule;
  readonly compiled: WebAssembly.Module;
  /** that share the work of `run`; absent: the calling one does it alone */
  threads: Threads | undefined;
  #scratch = 0;
  #scratchBytes = 0;

  constructor(backend: WasmBackend, { compiled, module }: Kernels) {
    this.backend = backend;
    this.compiled = compiled;
    this.module = module;
  }

  /**
   * Byte address of a tensor's data.
   *
   * @throws {HarnessError} `E_FOREIGN_TENSOR` it lives on another backend or was disposed of
   * @throws {ShapeError} its type is another one
   */
  address(tensor: tf.TensorInfo, where: string, name: string, dtype: "float32" | "int32" = "float32"): number {
    if (!this.backend.dataIdMap.has(tensor.dataId)) {
      throw new HarnessError(
        "E_FOREIGN_TENSOR",
        `${where}: \`${name}\` [${tensor.shape.join(", ")}] is not in the memory of the wasm engine. Make it while this engine is current, and do not dispose of it first.`,
        { where, name, shape: tensor.shape },
      );
    }
    if (tensor.dtype !== dtype) throw new ShapeError(where, name, dtype, tensor.dtype);
    return this.backend.dataIdMap.get(tensor.dataId)!.memoryOffset;
  }

  /**
   * A new float32 tensor, its content undefined.
   *
   * @throws {HarnessError} `E_OUT_OF_MEMORY`
   */
  output(shape: readonly number[]): tf.TensorInfo {
    const bytes = 4 * shape.reduce((product, size) => product * size, 1);
    const address = this.#allocate(bytes, `a tensor [${shape.join(", ")}]`);
    return this.backend.makeOutput([...shape], "float32", address);
  }

  /** As `output`, as a tensor in the current tidy scope. */
  tensor<T extends tf.Tensor = tf.Tensor3D>(shape: T["shape"]): T {
    return tf.engine().makeTensorFromTensorInfo(this.output(shape), this.backend as unknown as tf.KernelBackend) as T;
  }

  /** A copy of `from`, or zeros. */
  copyOrZeros(from: tf.Tensor | undefined, shape: [number, number, number], where: string, name: string): tf.Tensor3D {
    if (from !== undefined && from.shape.some((size, axis) => size !== shape[axis]))
      throw new ShapeError(where, name, `[${shape.join(", ")}]`, from.shape);
    const source = from === undefined ? undefined : this.address(from, where, name);
    const to = this.tensor(shape);
    const address = this.addressOf(to);
    const bytes = 4 * to.size;
    if (source === undefined) this.zero(address, bytes);
    else this.copyBytes(source, address, bytes);
    return to;
  }

  zero(address: number, bytes: number): void {
    this.backend.wasm.HEAPU8.fill(0, address, address + bytes);
  }

  copyBytes(from: number, to: number, bytes: number): void {
    this.backend.wasm.HEAPU8.copyWithin(to, from, from + bytes);
  }

  /** Writes numbers at an address of scratch. */
  write(address: number, values: Int32Array): void {
    this.backend.wasm.HEAPU8.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), address);
  }

  /**
   * The sizes of a head's tensors, checked: q, g, k [G,N,D], v [G,N,E], none of them empty.
   *
   * @throws {ShapeError}
   */
  sizes(
    inputs: { readonly q: tf.Tensor3D; readonly v: tf.Tensor3D; readonly [name: string]: tf.Tensor3D | undefined },
    where: string,
  ): HeadSizes {
    const [G, N, D] = inputs.q.shape;
    const E = inputs.v.shape[2];
    for (const [name, tensor] of Object.entries(inputs)) {
      if (tensor === undefined) continue;
      const expected = name === "v" ? [G, N, E] : [G, N, D];
      if (tensor.shape.length !== 3 || tensor.shape.some((size, axis) => size !== expected[axis])) {
        throw new ShapeError(where, name, `[${expected.join(", ")}]`, tensor.shape);
      }
      if (tensor.size === 0) throw new ShapeError(where, name, "not empty", tensor.shape);
    }
    return { G, N, D, E };
  }

  /** Address of an output made by `output`. */
  addressOf(output: tf.TensorInfo): number {
    return this.backend.dataIdMap.get(output.dataId)!.memoryOffset;
  }

  /** Scratch for one kernel call, 16-aligned, content undefined; the next call may get the same bytes. */
  scratch(bytes: number): number {
    if (bytes > this.#scratchBytes) {
      if (this.#scratch !== 0) this.backend.wasm._free(this.#scratch);
      this.#scratch = 0;
      this.#scratchBytes = 0;
      const rounded = Math.ceil(bytes / MIB) * MIB; // so that slowly growing demands do not fragment the heap
      this.#scratch = this.#allocate(rounded + 16, "scratch of a kernel");
      this.#scratchBytes = rounded;
    }
    return (this.#scratch + 15) & ~15;
  }

  /** Scratch for `run`, of `bytes` for each thread, and `common` bytes that the caller fills; content undefined, as of `scratch`. */
  space(bytes: number, common = 0): Space {
    const stride = Math.ceil(bytes / LINE) * LINE;
    const before = Math.ceil(common / LINE) * LINE;
    const start = this.scratch(before + stride * (this.threads?.count ?? 1));
    return { common: start, own: start + before, stride };
  }

  /**
   * Does the parts of a kernel's work, by all threads where it is worth it.
   *
   * @throws {HarnessError} `E_KERNEL` a call failed in one of several threads
   */
  run(parts: Parts): void {
    const { threads } = this;
    if (threads !== undefined && parts.count > 1 && parts.operations >= threads.leastOperations)
      return threads.run(parts);
    const kernel = this.module[parts.kernel]!;
    for (let part = 0; part < parts.count; part++)
      for (const call of parts.calls(part)) kernel(...call, parts.space.own);
  }

  /** @throws {HarnessError} `E_OUT_OF_MEMORY`, saying what there was no room for */
  #allocate(bytes: number, what: string): number {
    try {
      return this.backend.wasm._malloc(bytes) >>> 0;
    } catch (error) {
      if (!(error instanceof HarnessError)) throw error;
      throw new HarnessError(error.code, `${error.message} It was wanted for ${what}.`, error.facts, { cause: error });
    }
  }
}

const guarded = new WeakSet<object>();

/**
 * Makes a failed allocation an error. tfjs-backend-wasm takes its result, the address 0, for a place like any other,
 * and sizes beyond 32 bits wrap around to small ones.
 */
export function guardAllocation({ wasm }: WasmBackend): void {
  if (guarded.has(wasm)) return;
  guarded.add(wasm);
  wasm._free(wasm._malloc(4)); // its first call puts the real function in its place, over whatever is there
  const allocate = wasm._malloc.bind(wasm);
  wasm._malloc = (bytes) => {
    let address = 0;
    let cause: unknown;
    try {
      if (bytes < ADDRESS_SPACE) address = allocate(Math.max(bytes, 4));
    } catch (error) {
      cause = error;
    }
    if (address !== 0) return address;
    const heapBytes = wasm.HEAPU8.byteLength;
    throw new HarnessError(
      "E_OUT_OF_MEMORY",
      `The wasm engine's memory (32-bit addresses) has no room for ${(bytes / MIB).toFixed(1)} MiB more than the ${(heapBytes / MIB).toFixed(0)} MiB it holds. Use a smaller shape or batch.`,
      { bytes, heapBytes },
      { cause },
    );
  };
}
