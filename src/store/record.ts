// The record: one line of records.jsonl. Raw samples in the order taken; statistics are never stored.

import { z } from "zod";
import { gpuStateSchema } from "#engine/gpu-state";
import { caseSchema } from "#case/case";

export const SCHEMA_VERSION = 1;

/** Thirty years and an exbibyte: whatever is larger was not measured. */
const seconds = z.number().nonnegative().max(1e9);
const bytes = z
  .number()
  .nonnegative()
  .max(2 ** 60);

/** Points of a curve: what was read at which step. */
const curvePointSchema = z.strictObject({
  step: z.int().nonnegative(),
  /** wall time since training began */
  elapsedSeconds: seconds,
  values: z.record(z.string(), z.number()),
});

export const trainingResultSchema = z.strictObject({
  parameters: z.int().nonnegative(),
  /** what the data are, for every label: "MNIST", "Fashion-MNIST (first 5000)", "synthetic shapes" */
  dataLabel: z.string(),
  synthetic: z.boolean(),
  trainExamples: z.int().nonnegative(),
  testExamples: z.int().nonnegative(),
  /** forward operations of one example, counted from the model: a multiply-add is two */
  flopsPerExample: z.number().positive().optional(),
  curve: z.array(curvePointSchema),
  /** final scores on the test split: `top1` in [0,1], `loss` in nats, … */
  scores: z.record(z.string(), z.number()),
  /** score of the trivial predictor for the same metrics (chance, unigram) */
  trivialScores: z.record(z.string(), z.number()),
  /** how scores came about that need saying: which features judged which samples */
  method: z.string().optional(),
  /** path within the run folder: a PNG of what the model makes */
  picture: z
    .string()
    .regex(/^samples\/[0-9a-f]+\.png$/)
    .optional(),
  /** the score that had to be beaten where the suite asks for it, by how far the trivial predictor is left behind */
  floor: z.strictObject({ score: z.string(), limit: z.number(), reached: z.number(), beaten: z.boolean() }).optional(),
  /** 1/0 a test item, in order: the hierarchical bootstrap's lower level */
  itemScoreSamples: z.array(z.number()).optional(),
  stepSecondsSamples: z.array(seconds),
  examplesPerSecond: z.number().nonnegative(),
  evaluationSeconds: seconds,
});
export type TrainingResult = z.infer<typeof trainingResultSchema>;

const commonSchema = {
  schema: z.literal(SCHEMA_VERSION),
  caseId: z.string(),
  /** caseId and the hash of the code that computes it: resume goes by this */
  key: z.string(),
  codeHash: z.string(),
  matchup: z.string(),
  /** number of the fresh process within the matchup, from 0 */
  process: z.int().nonnegative(),
  /** round within the process, from 0 */
  round: z.int().nonnegative(),
  /** the last line of this atom (matchup × process): without it the atom is run again */
  final: z.boolean(),
  environment: z.string(),
  startedAt: z.iso.datetime(),
  case: caseSchema,
  /** 1-minute load average of the machine around the atom; on round 0 only */
  load: z.strictObject({ before: z.number().nonnegative(), after: z.number().nonnegative() }).optional(),
};

const okSchema = z.strictObject({
  ...commonSchema,
  status: z.literal("ok"),
  /** strategy that really ran */
  strategy: z.string().optional(),
  /** wall seconds of each call of this round, device synchronised, in order */
  secondsSamples: z.array(seconds).optional(),
  deviceSecondsSamples: z.array(seconds).optional(),
  /** the first call ever (compilation); on round 0 only */
  firstCallSeconds: seconds.optional(),
  warmupSecondsSamples: z.array(seconds).optional(),
  memory: z
    .strictObject({
      /** analytic minimum: inputs, outputs and states */
      leastBytes: bytes,
      /** peak of live tensor bytes */
      enginePeakBytes: bytes.optional(),
      /** what the engine holds from the system */
      engineReservedBytes: bytes.optional(),
      processPeakBytes: bytes.optional(),
      /** resident before the inputs were made */
      processBaselineBytes: bytes.optional(),
    })
    .optional(),
  work: z.strictObject({ flops: z.number(), leastBytes: bytes }).optional(),
  /** measured in the same process: the engine's own ceiling */
  peak: z.strictObject({ flopsPerSecond: z.number(), bytesPerSecond: z.number() }).optional(),
  /** of a call that computes nothing, timed in the same process as real calls are; on round 0 only */
  overheadSeconds: seconds.optional(),
  /** every NVIDIA GPU of the machine, after this case's warm-up; on round 0 only, absent without nvidia-smi */
  gpuState: z.array(gpuStateSchema).optional(),
  correctness: z.strictObject({ largestError: z.number(), tolerance: z.number() }).optional(),
  training: trainingResultSchema.optional(),
});

const notOkSchema = z.strictObject({
  ...commonSchema,
  status: z.enum(["failed", "oom", "timeout", "skipped"]),
  reason: z.string(),
  error: z.string().optional(),
  /** path within the run folder */
  logFile: z.string().optional(),
});

export const recordSchema = z.discriminatedUnion("status", [okSchema, notOkSchema]);
export type RunRecord = z.infer<typeof recordSchema>;
export type OkRecord = Extract<RunRecord, { status: "ok" }>;
export type NotOkRecord = Exclude<RunRecord, OkRecord>;

export const environmentSchema = z.strictObject({
  host: z.string(),
  platform: z.string(),
  cpu: z.string(),
  cores: z.int().positive(),
  memoryBytes: bytes,
  node: z.string(),
  nodeFlags: z.array(z.string()),
  packages: z.record(z.string(), z.string()),
  engine: z.string(),
  device: z.strictObject({
    kind: z.enum(["cpu", "gpu"]),
    name: z.string(),
    software: z.boolean(),
    details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  }),
  gitCommit: z.string().optional(),
  gitDirty: z.boolean().optional(),
});
export type Environment = z.infer<typeof environmentSchema>;

export const manifestSchema = z.strictObject({
  schema: z.literal(SCHEMA_VERSION),
  run: z.string(),
  command: z.string(),
  scale: z.string(),
  suites: z.array(z.string()),
  /** the flags of the run as given: --resume goes on with them */
  flags: z.record(z.string(), z.json()),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().optional(),
  /** by hash, as the records name them */
  environments: z.record(z.string(), environmentSchema),
  loadAverage: z.array(z.number()),
});
export type Manifest = z.infer<typeof manifestSchema>;
