// Where atoms are run: here, or somewhere else. One list.

import { UsageError } from "#base/errors";
import { Registry } from "#base/registry";
import type { Executor } from "./executor.ts";

export interface ExecutorEntry {
  readonly id: string;
  readonly title: string;
  readonly load: () => Promise<Executor>;
}

export const executors = new Registry<ExecutorEntry>("executor", [
  { id: "local", title: "children of this process", load: async () => (await import("./local.ts")).runLocally },
  {
    id: "slurm",
    title: "reserved",
    load: () =>
      Promise.reject(
        new UsageError(
          "--executor slurm is not implemented in this version. Run shards with --filter on each node and join them with `lightnet-bench merge`.",
        ),
      ),
  },
]);
