// The vocabulary of declarations: a case is one point of an experiment, plain JSON, named by its hash.

import { z } from "zod";
import { hashJson } from "#base/json";
import { nameSchema, positiveSchema, seedSchema } from "./bounded.ts";
import { ENCODINGS, mixerSpecSchema, modelSpecSchema } from "./model-spec.ts";
import { operatorSpecSchema, shapeSchema } from "./operator-spec.ts";
import { recipeSchema } from "./recipe.ts";
import { stepInputSchema, stepOptimiserSchema } from "./step-parts.ts";

export * from "./model-spec.ts";
export * from "./operator-spec.ts";
export * from "./recipe.ts";
export * from "./step-parts.ts";

export const SCALES = ["smoke", "small", "paper"] as const;
export const ENGINE_IDS = ["wasm", "cpu", "webgpu", "tensorflow"] as const;
/** float16: inputs and outputs stored as half, computed in float32 */
export const PRECISIONS = ["float32", "float16"] as const;
export const PASSES = ["forward", "forward+backward"] as const;
export const LEVELS = ["operator", "mixer"] as const;
/** What a data set holds, and which tasks can be trained on it. */
export const DATASET_KINDS = ["images", "latents", "text", "sentences", "sequences"] as const;
export type DatasetKind = (typeof DATASET_KINDS)[number];

const common = {
  suite: nameSchema,
  /** id in the list of contenders or of models, or the name that a contender from outside goes by */
  contender: nameSchema,
  engine: z.enum(ENGINE_IDS),
  precision: z.enum(PRECISIONS),
  scale: z.enum(SCALES),
  seed: seedSchema,
  /** threads that the contender may use; default what the engine takes on its own */
  threads: z.int().min(1).max(4096).optional(),
};

export const operatorCaseSchema = z.strictObject({
  kind: z.literal("operator"),
  ...common,
  spec: operatorSpecSchema,
  /** a strategy's id, or "default": the one the operator chooses for engine and shape */
  strategy: nameSchema,
  level: z.enum(LEVELS),
  /** level mixer without `mixer`: the encoding of LightNet's layer around the operator */
  encoding: z.enum(ENCODINGS).optional(),
  /** level mixer: the layer of a model, spelled out; its operator is `spec` */
  mixer: mixerSpecSchema.optional(),
  /** level mixer: id of that model in the list of models */
  model: nameSchema.optional(),
  pass: z.enum(PASSES),
  quantity: z.enum(["time", "memory"]),
  shape: shapeSchema,
});
export type OperatorCase = z.infer<typeof operatorCaseSchema>;

export const decodeCaseSchema = z.strictObject({
  kind: z.literal("decode"),
  ...common,
  precision: z.literal("float32"),
  spec: operatorSpecSchema,
  /** absent: our decoder of the operator; else who computes it */
  strategy: nameSchema.optional(),
  /** shape.N is the context length: tokens already seen when the timed token comes */
  shape: shapeSchema,
});
export type DecodeCase = z.infer<typeof decodeCaseSchema>;

export const trainingCaseSchema = z.strictObject({
  kind: z.literal("training"),
  ...common,
  precision: z.literal("float32"),
  task: nameSchema,
  dataset: nameSchema,
  model: modelSpecSchema,
  recipe: recipeSchema,
  /** the suite expects the score to beat the trivial predictor by the task's margin; missing it fails the run */
  mustLearn: z.boolean().optional(),
  /** steps chosen so that training takes as long as that of another model: whose, and time of its step over time of ours */
  equalSeconds: z.strictObject({ as: nameSchema, stepRatio: positiveSchema }).optional(),
});
export type TrainingCase = z.infer<typeof trainingCaseSchema>;

/** One step of a training: forward, backward, optimiser, on inputs drawn at random. */
export const trainStepCaseSchema = z.strictObject({
  kind: z.literal("train-step"),
  ...common,
  precision: z.literal("float32"),
  task: nameSchema,
  model: modelSpecSchema,
  /** the model's operator */
  spec: operatorSpecSchema,
  /** absent: our models; else who computes it */
  strategy: nameSchema.optional(),
  input: stepInputSchema,
  optimiser: stepOptimiserSchema,
  /** tokens of the model: B examples of N, in heads as wide as the model's */
  shape: shapeSchema,
});
export type TrainStepCase = z.infer<typeof trainStepCaseSchema>;

export const caseSchema = z.discriminatedUnion("kind", [
  operatorCaseSchema,
  decodeCaseSchema,
  trainingCaseSchema,
  trainStepCaseSchema,
]);
export type Case = z.infer<typeof caseSchema>;
export type Scale = Case["scale"];
export type Precision = Case["precision"];
export type EngineId = Case["engine"];
export type Pass = OperatorCase["pass"];
export type Level = OperatorCase["level"];
export const CASE_KINDS = ["operator", "decode", "training", "train-step"] as const satisfies readonly Case["kind"][];
export type CaseKind = (typeof CASE_KINDS)[number];

/** Name of a case: the hash of its canonical JSON. The same point of the same experiment, on any day or machine. */
export function caseId(item: Case): string {
  return hashJson(item);
}

/** Name of a matchup: everything of a case but its contender. All contenders of a matchup are measured side by side. */
export function matchupId(item: Case): string {
  return hashJson(matchupFields(item));
}

/** What the members of a matchup share. */
export function matchupFields(item: Case): unknown {
  const { suite, kind, engine, precision, scale, seed, threads } = item;
  const shared = { suite, kind, engine, precision, scale, seed, ...(threads === undefined ? {} : { threads }) };
  if (item.kind === "operator") {
    // Memory never shrinks inside a process, so a memory case is alone in its matchup.
    const alone = item.quantity === "memory" ? item.contender : "";
    return { ...shared, level: item.level, pass: item.pass, quantity: item.quantity, shape: item.shape, alone };
  }
  if (item.kind === "decode") return { ...shared, shape: item.shape };
  if (item.kind === "train-step") {
    const { task, input, optimiser, shape, model } = item;
    return { ...shared, task, input, optimiser, shape, variant: model.variant };
  }
  // Training cases last long and are alone, so that a kill loses one of them at most.
  return { ...shared, alone: caseId(item) };
}
