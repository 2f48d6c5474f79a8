// What a thread beside the main one does: it sleeps until there are parts to take. It is started by its built file, by name.

import { END, takeParts, type Worker } from "./share.ts";
import type { KernelModule } from "./module.ts";

export interface ThreadData extends Omit<Worker, "module"> {
  readonly compiled: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
}

/** Makes a thread's own instance on the common memory. @returns its work, which has no end of its own */
export function prepare({ compiled, memory, ...rest }: ThreadData): () => never {
  const module = new WebAssembly.Instance(compiled, { env: { memory } }).exports as KernelModule;
  const worker = { ...rest, module };
  return () => {
    for (;;) Atomics.wait(worker.board.state, END, takeParts(worker));
  };
}
