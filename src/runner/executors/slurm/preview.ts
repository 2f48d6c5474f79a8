// --dry-run on Slurm: the scripts that would be submitted.

import { runPaths } from "#store/layout";
import { expectedTime } from "../../estimate.ts";
import type { Preview } from "../executor.ts";
import { arraySize } from "./scheduler.ts";
import { scriptOf } from "./script.ts";
import { TASK_SECONDS } from "./settings.ts";
import { slurmPaths } from "./state.ts";
import { packTasks, partsOf } from "./tasks.ts";

export async function printScripts({ atoms, options, earlier }: Preview): Promise<void> {
  const { slurm = {}, contenderBudget, folder } = options;
  const secondsOf = (atom: Preview["atoms"][number]) => expectedTime([atom], earlier, contenderBudget).seconds;
  const packed = packTasks(atoms, { seconds: slurm.slurmTask ?? TASK_SECONDS, secondsOf });
  const tasks = packed.map((task, id) => ({ ...task, id }));
  const size = await arraySize();
  const paths = slurmPaths(runPaths(folder).folder);
  for (const kind of ["timed", "shared"] as const)
    for (const part of partsOf(
      tasks.filter((task) => task.kind === kind),
      size,
    )) {
      const offset = part[0]!.id;
      const seconds = Math.max(...part.map((task) => task.seconds));
      const ids = part.map(({ id }) => id);
      const submission = { job: `lnb-…-${offset}`, kind, ids, offset, seconds, excluded: [], folder, logs: paths.logs };
      process.stdout.write(`\n${scriptOf(submission, slurm)}`);
    }
}
