// The threads of the engine: the calling one, and others that sleep until it shares out work. A call returns when all of it is done.

import { EnvironmentError, HarnessError, messageOf } from "#base/errors";
import { host } from "#host/current";
import type { Thread } from "#host/host";
import type { KernelModule } from "./module.ts";
import * as share from "./share.ts";
import type { ThreadData } from "./thread.ts";

/** The built module of `thread.ts`: a thread reads no TypeScript. */
const THREAD_MODULE = "dist/src/engine/wasm/thread.js";

/** Operations (multiplications and additions) that are worth waking other threads for: a tenth of a millisecond. */
export const LEAST_OPERATIONS = 2 ** 21;

/** Where kernels find scratch: bytes of the whole call, and of each thread. */
export interface Space {
  /** content given by the caller, read by all threads */
  readonly common: number;
  /** the first thread's; the next one's follow `stride` bytes further */
  readonly own: number;
  readonly stride: number;
}

/** A kernel's work as parts that may be done in any order and at once. */
export interface Parts {
  readonly kernel: string;
  readonly count: number;
  /** of a part, the arguments of its calls, which are made one after another: all but the last argument, the scratch */
  readonly calls: (part: number) => readonly (readonly number[])[];
  readonly space: Space;
  /** floating-point operations of all parts */
  readonly operations: number;
}

export interface ThreadOptions {
  /** threads in all, the calling one included */
  readonly count: number;
  readonly compiled: WebAssembly.Module;
  readonly module: KernelModule;
  readonly memory: WebAssembly.Memory;
  /** work below is done by the calling thread alone */
  readonly leastOperations: number;
}

const shared = (bytes: number) => new SharedArrayBuffer(bytes);

function newBoard(): share.Board {
  return {
    state: new Int32Array(shared(4 * (share.CALLS + share.MOST_PARTS + 1))),
    values: new Float64Array(shared(8 * share.MOST_VALUES)),
    message: new Uint16Array(shared(2 * share.MOST_CHARACTERS)),
  };
}

export class Threads {
  readonly count: number;
  readonly leastOperations: number;
  readonly #own: share.Worker;
  readonly #others: readonly Thread[];

  private constructor({ count, leastOperations }: ThreadOptions, own: share.Worker, others: readonly Thread[]) {
    this.count = count;
    this.leastOperations = leastOperations;
    this.#own = own;
    this.#others = others;
  }

  /**
   * Resolves when all threads are ready.
   *
   * @throws {EnvironmentError} this host has no threads, or starts no more of them
   */
  static async start(options: ThreadOptions): Promise<Threads> {
    const { count, compiled, module, memory } = options;
    const { startThread } = host;
    if (startThread === undefined) throw new EnvironmentError(`${host.title} offers engine wasm one thread only.`);
    const own = { board: newBoard(), module, kernels: Object.keys(module), thread: 0 };
    const started = await Promise.allSettled(
      Array.from({ length: count - 1 }, (_, i) => {
        const data: ThreadData = { board: own.board, kernels: own.kernels, thread: i + 1, compiled, memory };
        return startThread(THREAD_MODULE, data);
      }),
    );
    const others = started.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    const failed = started.find((result) => result.status === "rejected");
    if (failed === undefined) return new Threads(options, own, others);
    await Promise.all(others.map((thread) => thread.stop()));
    throw new EnvironmentError(
      `engine wasm could start ${others.length + 1} of ${count} threads: ${messageOf(failed.reason)}. Ask for fewer with --threads.`,
    );
  }

  /** @throws {HarnessError} `E_KERNEL` a call failed in one of the threads; the others have ended theirs */
  run(parts: Parts): void {
    const { state, values } = this.#own.board;
    state[share.KERNEL] = this.#own.kernels.indexOf(parts.kernel);
    values[share.SCRATCH] = parts.space.own;
    values[share.STRIDE] = parts.space.stride;
    for (let part = 0; part < parts.count;) part = this.#round(parts, part);
  }

  /** As many parts as fit on the board, from `from` on. @returns the first that did not */
  #round({ kernel, count, calls }: Parts, from: number): number {
    const { state, values } = this.#own.board;
    let call = 0;
    let part = from;
    for (; part < count && part - from < share.MOST_PARTS; part++) {
      const ofPart = calls(part);
      const width = ofPart[0]?.length ?? 0;
      const at = share.ARGUMENTS + call * width;
      if (at + ofPart.length * width > share.MOST_VALUES) break;
      state[share.WIDTH] = width;
      state[share.CALLS + part - from] = call;
      ofPart.forEach((given, i) => values.set(given, at + i * width));
      call += ofPart.length;
    }
    if (part === from) throw new HarnessError("E_KERNEL", `${kernel}: a part has too many calls to be shared out.`);
    state[share.CALLS + part - from] = call;
    this.#do(part - from);
    return part;
  }

  #do(count: number): void {
    const { state, message } = this.#own.board;
    const first = state[share.END]!;
    const end = (first + count) | 0;
    state[share.FIRST] = first;
    Atomics.store(state, share.END, end);
    Atomics.notify(state, share.END, count - 1);
    share.takeParts(this.#own);
    for (;;) {
      const done = Atomics.load(state, share.DONE);
      if (done === end) break;
      Atomics.wait(state, share.DONE, done);
    }
    const length = state[share.FAILED]!;
    if (length === 0) return;
    state[share.FAILED] = 0;
    throw new HarnessError("E_KERNEL", String.fromCharCode(...message.subarray(0, length)));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#others.map((thread) => thread.stop()));
  }
}
