// What a run is asked to do; the command line fills it, the runner obeys. Handed down whole, every field under one name.

import { z } from "zod";
import type { Bytes, Seconds } from "#base/units";
import type { EngineId, Scale } from "#case/case";
import type { SlurmSettings } from "./executors/slurm/settings.ts";
import type { GivenModule } from "./given-module.ts";

/** What a training may use beside its case. */
export const trainingEnvironmentSchema = z.strictObject({
  dataDir: z.string().optional(),
  inceptionWeights: z.string().optional(),
  checkpointFolder: z.string().optional(),
  samplesFolder: z.string().optional(),
  trainBudgetSeconds: z.number().positive().optional(),
  checkpointEverySeconds: z.number().positive().optional(),
});
export type TrainingEnvironment = z.infer<typeof trainingEnvironmentSchema>;

export interface RunOptions {
  /** a concrete engine: `auto` has been resolved before */
  readonly engine: EngineId;
  readonly gpuAdapter?: string | undefined;
  /** the run folder */
  readonly folder: string;
  /** measuring time of one contender at one point in one process */
  readonly contenderBudget: Seconds;
  readonly runBudget?: Seconds | undefined;
  /** children side by side, of work whose times are not compared */
  readonly jobs: number;
  /** of one child */
  readonly memoryLimit: Bytes;
  /** what the user asked for, where it is for a node to know how much there is */
  readonly memoryPerChild?: Bytes | undefined;
  readonly threads?: number | undefined;
  readonly slurm?: SlurmSettings | undefined;
  /** of all children together */
  readonly memoryShare: Bytes;
  readonly training: TrainingEnvironment;
  /** files that define contenders */
  readonly modules?: readonly GivenModule[] | undefined;
}

/** The budget of a contender, unless --contender-budget says otherwise. */
export const CONTENDER_BUDGETS: Readonly<Record<Scale, Seconds>> = { smoke: 0.15, small: 5, paper: 30 };
