// The record: one line of records.jsonl. Raw samples in the order taken; statistics are never stored.

import { z } from "zod";
import { gpuStateSchema } from "#engine/gpu-state";
import { caseSchema } from "#case/case";
import { nameSchema } from "#case/bounded";

export const SCHEMA_VERSION = 2;

/** Thirty years and an exbibyte: whatever is larger was not measured. */
const seconds = z.number().nonnegative().max(1e9);
const bytes = z
  .number()
  .nonnegative()
  .max(2 ** 60);
/** A diverged training may have scores like these; their squares are finite. */
const score = z.number().min(-1e150).max(1e150);
const flops = z.number().nonnegative().max(1e36);
const text = z.string().max(100_000);

/** What runs outside of this harness: reference (plain formula), idiomatic, tuned (hand-made kernel). */
export const CONTENDER_CLASSES = ["reference", "idiomatic", "tuned"] as const;

/** Points of a curve: what was read at which step. */
const curvePointSchema = z.strictObject({
  step: z.int().nonnegative(),
  /** wall time since training began */
  elapsedSeconds: seconds,
  values: z.record(nameSchema, score),
});

export const trainingResultSchema = z.strictObject({
  parameters: z.int().nonnegative(),
  /** what the data are, for every label: "MNIST", "Fashion-MNIST (first 5000)", "synthetic shapes" */
  dataLabel: text,
  synthetic: z.boolean(),
  trainExamples: z.int().nonnegative(),
  testExamples: z.int().nonnegative(),
  /** forward operations of one example, counted from the model: a multiply-add is two */
  flopsPerExample: flops.optional(),
  curve: z.array(curvePointSchema),
  /** final scores on the test split: `top1` in [0,1], `loss` in nats, … */
  scores: z.record(nameSchema, score),
  /** score of the trivial predictor for the same metrics (chance, unigram) */
  trivialScores: z.record(nameSchema, score),
  /** scores of the task's simple baseline on the same data: linear on pixels, counts of neighbours, the mean as denoiser */
  simpleScores: z.record(nameSchema, score).optional(),
  /** which one that is, for tables */
  simpleBaseline: nameSchema.optional(),
  /** how scores came about that need saying: which features judged which samples */
  method: text.optional(),
  /** path within the run folder: a PNG of what the model makes */
  picture: z
    .string()
    .regex(/^samples\/[0-9a-f]+\.png$/)
    .optional(),
  /** the score that had to be beaten where the suite asks for it, by how far the trivial predictor is left behind */
  floor: z.strictObject({ score: nameSchema, limit: score, reached: score, beaten: z.boolean() }).optional(),
  /** 1/0 a test item, in order: the hierarchical bootstrap's lower level */
  itemScoreSamples: z.array(score).optional(),
  stepSecondsSamples: z.array(seconds),
  /** steps timed when nothing else ran on the machine, for claims about time; absent: all samples are of such steps, or not known */
  aloneStepSecondsSamples: z.array(seconds).optional(),
  examplesPerSecond: z.number().nonnegative().max(1e15),
  evaluationSeconds: seconds,
});
export type TrainingResult = z.infer<typeof trainingResultSchema>;

const commonSchema = {
  schema: z.literal(SCHEMA_VERSION),
  caseId: nameSchema,
  /** caseId and the hash of the code that computes it: resume goes by this */
  key: nameSchema,
  codeHash: nameSchema,
  matchup: nameSchema,
  /** number of the fresh process within the matchup, from 0 */
  process: z.int().nonnegative(),
  /** round within the process, from 0 */
  round: z.int().nonnegative(),
  /** the last line of this atom (matchup × process): without it the atom is run again */
  final: z.boolean(),
  environment: nameSchema,
  /** how often this atom has been begun, this time included; default 1 */
  attempt: z.int().min(1).max(1000).optional(),
  startedAt: z.iso.datetime(),
  case: caseSchema,
  /** 1-minute load average of the machine around the atom; on round 0 only */
  load: z
    .strictObject({ before: z.number().nonnegative().max(1e6), after: z.number().nonnegative().max(1e6) })
    .optional(),
};

/** A contender from outside: a program that ran, in its own environment. */
const programSchema = z.strictObject({
  name: nameSchema,
  /** how its manifest calls it in reports */
  label: nameSchema.optional(),
  version: nameSchema,
  class: z.enum(CONTENDER_CLASSES),
  /** as the program names it */
  device: nameSchema,
  threads: z.int().min(1).max(4096),
  /** of its libraries and their versions */
  environment: nameSchema,
  /** of its manifest and the files of its folder */
  digest: nameSchema,
  /** as it names them, with their versions */
  libraries: z.record(nameSchema, nameSchema).optional(),
  /** from its start to its greeting */
  startSeconds: seconds.optional(),
  /** numbers of the cores it was held to; absent: any */
  cores: z.array(z.int().nonnegative().max(1e6)).max(4096).optional(),
  /** of a request to a program that does nothing, measured beside it; no part of its own times */
  roundTripSeconds: seconds.optional(),
});
export type ProgramFacts = z.infer<typeof programSchema>;

const okSchema = z.strictObject({
  ...commonSchema,
  status: z.literal("ok"),
  program: programSchema.optional(),
  /** a mixer or strategy from a file of the user's */
  module: z.strictObject({ name: nameSchema, digest: nameSchema }).optional(),
  /** strategy that really ran */
  strategy: nameSchema.optional(),
  /** wall seconds of each call of this round, device synchronised, in order */
  secondsSamples: z.array(seconds).optional(),
  /** of a program, whose own clock gives `secondsSamples`: each request by the harness's clock, divided by its repeats */
  wallSecondsSamples: z.array(seconds).optional(),
  /** below zero where the device's clock was reset meanwhile: such times are left out when they are read */
  deviceSecondsSamples: z.array(z.number().min(-1e9).max(1e9)).optional(),
  /** the first call ever (compilation); on round 0 only */
  firstCallSeconds: seconds.optional(),
  warmupSecondsSamples: z.array(seconds).optional(),
  /** what a call is made of, each timed apart in this round: projections, decay gate, normaliser, operator */
  segmentSecondsSamples: z.record(nameSchema, z.array(seconds)).optional(),
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
  work: z.strictObject({ flops, leastBytes: bytes }).optional(),
  /** measured in the same process: the engine's own ceiling */
  peak: z.strictObject({ flopsPerSecond: flops, bytesPerSecond: bytes }).optional(),
  /** of a call that computes nothing, timed in the same process as real calls are; on round 0 only */
  overheadSeconds: seconds.optional(),
  /** every NVIDIA GPU of the machine, after this case's warm-up; on round 0 only, absent without nvidia-smi */
  gpuState: z.array(gpuStateSchema).optional(),
  correctness: z.strictObject({ largestError: score, tolerance: score }).optional(),
  training: trainingResultSchema.optional(),
});

const notOkSchema = z.strictObject({
  ...commonSchema,
  status: z.enum(["failed", "oom", "timeout", "skipped"]),
  reason: text,
  error: text.optional(),
  /** path within the run folder */
  logFile: text.optional(),
});

export const recordSchema = z.discriminatedUnion("status", [okSchema, notOkSchema]);
export type RunRecord = z.infer<typeof recordSchema>;
export type OkRecord = Extract<RunRecord, { status: "ok" }>;
export type NotOkRecord = Exclude<RunRecord, OkRecord>;

/** Where a run was made. Outside of Node there are no host, version and flags of it; in a browser its memory is a guess or not known. */
export const environmentSchema = z.strictObject({
  host: nameSchema.optional(),
  platform: nameSchema,
  cpu: text,
  cores: z.int().positive().max(1e6),
  memoryBytes: bytes.optional(),
  node: nameSchema.optional(),
  nodeFlags: z.array(text).optional(),
  browser: z.strictObject({ name: nameSchema, version: nameSchema }).optional(),
  /** of a run in a browser: what decides how well a page can measure */
  page: z
    .strictObject({
      isolated: z.boolean(),
      clockResolutionSeconds: seconds,
      visibility: z.enum(["visible", "hidden"]),
      power: z.enum(["mains", "battery"]).optional(),
    })
    .optional(),
  packages: z.record(nameSchema, nameSchema),
  engine: nameSchema,
  device: z.strictObject({
    kind: z.enum(["cpu", "gpu"]),
    name: text,
    software: z.boolean(),
    details: z.record(nameSchema, z.union([text, z.number(), z.boolean()])),
  }),
  gitCommit: nameSchema.optional(),
  gitDirty: z.boolean().optional(),
});
export type Environment = z.infer<typeof environmentSchema>;

export const manifestSchema = z.strictObject({
  schema: z.literal(SCHEMA_VERSION),
  run: nameSchema,
  command: text,
  scale: nameSchema,
  suites: z.array(nameSchema),
  /** the flags of the run as given: --resume goes on with them */
  flags: z.record(nameSchema, z.json()),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().optional(),
  /** by hash, as the records name them */
  environments: z.record(nameSchema, environmentSchema),
  loadAverage: z.array(z.number()),
  /** which part of the plan this run is, `index` from 1; default the whole */
  shard: z.strictObject({ index: z.int().min(1).max(1_000_000), of: z.int().min(1).max(1_000_000) }).optional(),
});
export type Manifest = z.infer<typeof manifestSchema>;
