// Where atoms are run: here, or somewhere else. One list.

import { Registry } from "#base/registry";
import type { Executor } from "./executor.ts";

export interface ExecutorEntry {
  readonly id: string;
  readonly title: string;
  /** whether the machine of this process measures */
  readonly measuresHere: boolean;
  readonly load: () => Promise<Executor>;
}

export const executors = new Registry<ExecutorEntry>("executor", [
  {
    id: "local",
    title: "children of this process",
    measuresHere: true,
    load: async () => (await import("./local.ts")).runLocally,
  },
  {
    id: "slurm",
    title: "tasks of a Slurm cluster (docs/cluster.md)",
    measuresHere: false,
    load: async () => (await import("./slurm/parent.ts")).runOnSlurm,
  },
]);
