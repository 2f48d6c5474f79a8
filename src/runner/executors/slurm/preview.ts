// --dry-run on Slurm: the scripts that would be submitted.

import { runPaths } from "#store/layout";
import type { Preview } from "../executor.ts";
import { slurm } from "./scheduler.ts";
import { scriptOf } from "./script.ts";
import { TASK_SECONDS } from "./settings.ts";
import { slurmPaths } from "./state.ts";
import { longestOf, packTasks, partsOf, TASK_KINDS } from "./tasks.ts";

export async function printScripts({ atoms, options, secondsOf }: Preview): Promise<void> {
  const { slurm: settings = {}, folder: given } = options;
  const { folder } = runPaths(given);
  const packed = packTasks(atoms, { seconds: settings.slurmTask ?? TASK_SECONDS, secondsOf });
  const tasks = packed.map((task, id) => ({ ...task, id }));
  const size = await slurm.arraySize();
  for (const kind of TASK_KINDS) {
    const ofKind = tasks.filter((task) => task.kind === kind);
    for (const array of partsOf(ofKind, { size })) {
      const job = `lnb-…-${array[0]!.id}`;
      const submission = { job, kind, ids: array.map(({ id }) => id), seconds: longestOf(array), excluded: [] };
      process.stdout.write(`\n${scriptOf({ ...submission, folder, logs: slurmPaths(folder).logs }, settings)}`);
    }
  }
}
