// How threads share out the parts of a kernel's work: each takes the next part that nobody has taken. What a part computes does not depend
// on who takes it, so that results are the same for any number of threads.

import type { KernelModule } from "./module.ts";

/** Numbers in `state`. Parts are numbered on from round to round and wrap around, so that a thread that wakes late takes nothing old. */
export const NEXT = 0;
/** number of the first part that is not there yet; a thread without work sleeps until it changes */
export const END = 1;
/** number of the round's first part */
export const FIRST = 2;
/** parts that are done, counted as they are numbered */
export const DONE = 3;
/** which export of the module, in their order */
export const KERNEL = 4;
/** arguments of a call without the scratch */
export const WIDTH = 5;
/** characters of `message`; 0 while nothing went wrong */
export const FAILED = 6;
/** from here on: the first call of each part, and the end of the last */
export const CALLS = 7;

/** Numbers in `values`: the scratch of thread 0, bytes from there to the next thread's, then the calls' arguments. */
export const SCRATCH = 0;
export const STRIDE = 1;
export const ARGUMENTS = 2;

export const MOST_PARTS = 4096;
export const MOST_VALUES = 65_536;
export const MOST_CHARACTERS = 256;

/** What all threads see, beside the memory that kernels work on. */
export interface Board {
  readonly state: Int32Array<SharedArrayBuffer>;
  readonly values: Float64Array<SharedArrayBuffer>;
  readonly message: Uint16Array<SharedArrayBuffer>;
}

/** What one thread works with. */
export interface Worker {
  readonly board: Board;
  readonly module: KernelModule;
  /** the module's exports, in their order */
  readonly kernels: readonly string[];
  /** its number, from 0 */
  readonly thread: number;
}

/** Takes parts until none is left, and returns the number `END` had then. Errors are kept on the board; the parts count as done. */
export function takeParts(worker: Worker): number {
  const { state } = worker.board;
  for (;;) {
    // In this order: `END` never falls behind `NEXT`, and a number below it that is still the next one is there to be taken.
    const part = Atomics.load(state, NEXT);
    const end = Atomics.load(state, END);
    if (part === end) return end;
    if (Atomics.compareExchange(state, NEXT, part, (part + 1) | 0) !== part) continue;
    try {
      run(worker, (part - Atomics.load(state, FIRST)) | 0);
    } catch (error) {
      keep(worker, error);
    }
    if (((Atomics.add(state, DONE, 1) + 1) | 0) === end) Atomics.notify(state, DONE);
  }
}

function run({ board: { state, values }, module, kernels, thread }: Worker, part: number): void {
  const kernel = module[kernels[state[KERNEL]!]!]!;
  const scratch = values[SCRATCH]! + thread * values[STRIDE]!;
  const width = state[WIDTH]!;
  for (let call = state[CALLS + part]!; call < state[CALLS + part + 1]!; call++) {
    const from = ARGUMENTS + call * width;
    kernel(...values.subarray(from, from + width), scratch);
  }
}

/** The first error of a round is kept. */
function keep({ board: { state, message }, kernels, thread }: Worker, error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  const text = `${kernels[state[KERNEL]!]} failed in thread ${thread}: ${reason}`.slice(0, MOST_CHARACTERS);
  if (Atomics.compareExchange(state, FAILED, 0, text.length) !== 0) return;
  for (let i = 0; i < text.length; i++) message[i] = text.charCodeAt(i);
}
