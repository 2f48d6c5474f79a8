// Where atoms are run: here, or somewhere else. One list.

import { Registry } from "#base/registry";
import type { Executor, Preview } from "./executor.ts";

export interface ExecutorEntry {
  readonly id: string;
  readonly title: string;
  /** whether the machine of this process measures */
  readonly measuresHere: boolean;
  /** For --dry-run: prints what it would hand to others. */
  readonly printScripts?: (plan: Preview) => Promise<void>;
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
    printScripts: async (plan) => (await import("./slurm/preview.ts")).printScripts(plan),
    load: async () => (await import("./slurm/parent.ts")).runOnSlurm,
  },
]);
