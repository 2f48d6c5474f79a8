// What parent and child say to each other: plain JSON, checked on arrival.

import { z } from "zod";
import { caseSchema, mixerSpecSchema, modelSpecSchema, operatorSpecSchema, shapeSchema } from "#case/case";
import { givenProgramSchema } from "#programs/named";
import { givenModuleSchema } from "./given-module.ts";
import { trainingEnvironmentSchema } from "./options.ts";

/** One operator form to be checked before it is timed; float32 unless it says otherwise. */
export const gateItemSchema = z.strictObject({
  spec: operatorSpecSchema,
  strategy: z.string(),
  shape: shapeSchema,
  precision: z.literal("float16").optional(),
  /** of a training: the layer around the operator, with local mixing, at a size that float64 can afford */
  layer: z
    .strictObject({
      mixer: mixerSpecSchema,
      localMixing: modelSpecSchema.shape.localMixing,
      localMixingStart: modelSpecSchema.shape.localMixingStart,
      width: z.int().positive(),
      heads: z.int().positive(),
      grid: shapeSchema.shape.grid,
      prefix: shapeSchema.shape.prefix,
    })
    .optional(),
});
export type GateItem = z.infer<typeof gateItemSchema>;

export const gateResultSchema = z.strictObject({
  item: gateItemSchema,
  /** the strategy behind "default" on this engine at this shape */
  strategy: z.string(),
  ok: z.boolean(),
  /** the error nearest to its tolerance, and that tolerance */
  largestError: z.number(),
  tolerance: z.number(),
  reason: z.string().optional(),
});
export type GateResult = z.infer<typeof gateResultSchema>;

/** Which engine the child starts, and on which device. */
const engineRequest = {
  engine: z.string(),
  gpuAdapter: z.string().optional(),
  threads: z.int().positive().optional(),
};

export const requestSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("probe"), ...engineRequest }),
  z.strictObject({
    type: z.literal("gate"),
    ...engineRequest,
    items: z.array(gateItemSchema),
    modules: z.array(givenModuleSchema),
  }),
  z.strictObject({
    type: z.literal("atom"),
    ...engineRequest,
    cases: z.array(caseSchema),
    process: z.int().nonnegative(),
    contenderBudget: z.number().positive(),
    /** of one program; our own process is watched by the parent */
    memoryLimit: z.number().positive(),
    /** contenders from outside that the cases name */
    programs: z.array(givenProgramSchema),
    training: trainingEnvironmentSchema,
    /** of a training: take the times of so many steps, and no more */
    timedSteps: z.int().positive().optional(),
    /** files that define contenders of the cases */
    modules: z.array(givenModuleSchema),
  }),
]);
export type Request = z.infer<typeof requestSchema>;
export type AtomRequest = Extract<Request, { type: "atom" }>;

/** What the child measured; the parent adds what names the run, and checks the whole as a record. */
export const lineSchema = z.looseObject({ caseId: z.string(), round: z.int().nonnegative(), startedAt: z.string() });
export type Line = z.infer<typeof lineSchema>;

const deviceSchema = z.strictObject({
  kind: z.enum(["cpu", "gpu"]),
  name: z.string(),
  software: z.boolean(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});

export const replySchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("available"), device: deviceSchema }),
  z.strictObject({ type: z.literal("unavailable"), reason: z.string() }),
  z.strictObject({ type: z.literal("checked"), result: gateResultSchema }),
  /** from here on this case is being worked on: a crash is its fault */
  z.strictObject({ type: z.literal("touching"), caseId: z.string() }),
  z.strictObject({ type: z.literal("line"), line: lineSchema }),
  /** a program was started: it and its group must end with this process */
  z.strictObject({ type: z.literal("program"), pid: z.int().positive() }),
  /** times of steps of a training that was begun for them alone */
  z.strictObject({ type: z.literal("steps"), seconds: z.array(z.number().nonnegative()) }),
  /** how far the work on the case (its steps) or the check (its forms) is */
  z.strictObject({
    type: z.literal("progress"),
    done: z.number(),
    total: z.number(),
    loss: z.number().optional(),
    secondsLeft: z.number().optional(),
  }),
  /** a case failed, the child lives on */
  z.strictObject({
    type: z.literal("failed"),
    caseId: z.string(),
    status: z.enum(["failed", "oom", "timeout", "skipped"]),
    reason: z.string(),
    error: z.string().optional(),
  }),
  z.strictObject({ type: z.literal("done") }),
]);
export type Reply = z.infer<typeof replySchema>;

/** Whether a reply names no case, or one of those that were asked for. */
export function isAboutOneOf(reply: Reply, caseIds: ReadonlySet<string> = new Set()): boolean {
  if (reply.type === "line") return caseIds.has(reply.line.caseId);
  return !("caseId" in reply) || caseIds.has(reply.caseId);
}
