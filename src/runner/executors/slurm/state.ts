// What the parent knows of its tasks, in the run's folder: a parent that died comes back and goes on from here. And the files by which
// tasks and parent speak, each written by one process and renamed when it is whole.

import { z } from "zod";
import { StoreError, describeError } from "#base/errors";
import { caseSchema } from "#case/case";
import { host } from "#host/current";
import { givenProgramSchema } from "#programs/named";
import { writeFileAtomic } from "#store/files";
import { environmentSchema, recordSchema } from "#store/record";
import { inStore } from "#store/validate";
import { givenModuleSchema } from "../../given-module.ts";
import { trainingEnvironmentSchema } from "../../options.ts";

const { join } = host.files;

const attemptSchema = z.strictObject({
  /** name of the job, drawn before it is submitted: an answer that was lost is found again by it */
  job: z.string(),
  submittedAt: z.number(),
  /** the scheduler has said that it has it: until then a parent may have died before it was submitted */
  accepted: z.literal(true).optional(),
  /** how it ended, in words; absent while it may run */
  ended: z.string().optional(),
  node: z.string().optional(),
  /** its node or its program failed, rather than its time or its place in the queue */
  failed: z.literal(true).optional(),
  /** stopped before its end with more done than before */
  gotOn: z.literal(true).optional(),
});

const taskSchema = z.strictObject({
  id: z.int().nonnegative(),
  kind: z.enum(["timed", "shared"]),
  /** names of its atoms */
  atoms: z.array(z.string()),
  /** that it is expected to take; absent where a training of it is not known */
  seconds: z.number().nonnegative().optional(),
  attempts: z.array(attemptSchema),
});
export type Task = z.infer<typeof taskSchema>;
export type Attempt = z.infer<typeof attemptSchema>;

const stateSchema = z.strictObject({
  /** what the names of this run's jobs begin with */
  name: z.string().regex(/^[\w-]+$/),
  submissions: z.int().nonnegative(),
  tasks: z.array(taskSchema),
});
export type State = z.infer<typeof stateSchema>;

/** What a task is told. */
export const taskFileSchema = z.strictObject({
  engine: z.string(),
  gpuAdapter: z.string().optional(),
  contenderBudget: z.number().positive(),
  threads: z.int().positive().optional(),
  memoryLimit: z.number().positive().optional(),
  training: trainingEnvironmentSchema,
  modules: z.array(givenModuleSchema).optional(),
  kind: taskSchema.shape.kind,
  atoms: z.array(
    z.strictObject({
      matchup: z.string(),
      process: z.int().nonnegative(),
      cases: z.array(caseSchema),
      programs: z.array(givenProgramSchema).optional(),
      leads: z.literal(true).optional(),
    }),
  ),
});
export type TaskFile = z.infer<typeof taskFileSchema>;

/** One finished atom. */
export const resultFileSchema = z.strictObject({
  environment: environmentSchema,
  /** that the atom took */
  seconds: z.number().nonnegative(),
  records: z.array(recordSchema).min(1),
});
/** The end of an attempt, said by itself; `gotOn`: it finished an atom, or took a training on. */
export const endFileSchema = z.strictObject({ code: z.int(), node: z.string(), gotOn: z.boolean() });

const LARGEST = 512 * 2 ** 20;

export function slurmPaths(folder: string) {
  const root = join(folder, "slurm");
  return {
    state: join(root, "state.json"),
    results: join(root, "results"),
    logs: join(root, "logs"),
    script: (job: string) => join(root, "scripts", `${job}.sh`),
    task: (id: number) => join(root, "tasks", `${id}.json`),
    checks: (job: string, id: number) => join(root, "checks", `${job}-${id}`),
    result: (job: string, id: number, atom: number) => join(root, "results", `${job}-${id}-${atom}.json`),
    end: (job: string, id: number) => join(root, "ends", `${job}-${id}.json`),
  };
}

export function readJson<T>(path: string, schema: z.ZodType<T>): T {
  const text = inStore(path, () => host.files.readText(path, LARGEST));
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new StoreError(
      path,
      `is damaged (${describeError(error).split("\n")[0]!}). Remove it, and continue with --resume`,
    );
  }
}

/** The state of a run, or a new one. */
export function readState(folder: string, newName: () => string): State {
  const { state } = slurmPaths(folder);
  return host.files.kind(state) === undefined
    ? { name: newName(), submissions: 0, tasks: [] }
    : readJson(state, stateSchema);
}

export function writeState(folder: string, state: State): void {
  writeFileAtomic(slurmPaths(folder).state, JSON.stringify(state));
}
