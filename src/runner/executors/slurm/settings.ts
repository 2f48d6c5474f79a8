// What a run asks of Slurm.

import { z } from "zod";
import type { Seconds } from "#base/units";

const word = z
  .string()
  .regex(/^[\w.,:=@%&|!()[\]*+/-]+$/, "has letters, digits and the signs that Slurm uses, and no spaces");

export const slurmSettingsSchema = z.strictObject({
  slurmPartition: word.optional(),
  slurmAccount: word.optional(),
  slurmGres: word.optional(),
  slurmTime: z.number().positive().optional(),
  slurmMemory: word.optional(),
  slurmConstraint: word.optional(),
  slurmFlag: z.array(word).optional(),
  slurmTask: z.number().positive().optional(),
  slurmPoll: z.number().positive().optional(),
});
/** Options `--slurm-…` by their names in code. */
export type SlurmSettings = z.infer<typeof slurmSettingsSchema>;

/** Work of one task, unless --slurm-task says otherwise: schedulers answer thousands of short jobs with failures. */
export const TASK_SECONDS: Seconds = 600;
/** Between two questions to the scheduler, unless --slurm-poll says otherwise; with nothing new up to so many times longer. */
export const POLL_SECONDS: Seconds = 40;
export const SLOWEST_POLL = 4.5;
