// The vocabulary of declarations: a case is one point of an experiment, plain JSON, named by its hash.
//
// Letters of the field, everywhere: B batch, H heads, N tokens, D key width of a head, E value width,
// C model width. A grid is row-major and may be preceded by `prefix` tokens that have no position.

import { z } from "zod";
import { hashJson } from "#base/json";

export const SCALES = ["smoke", "small", "paper"] as const;
export const ENGINE_IDS = ["wasm", "cpu", "webgpu", "tensorflow"] as const;
/** float16: inputs and outputs stored as half, computed in float32 */
export const PRECISIONS = ["float32", "float16"] as const;
export const PASSES = ["forward", "forward+backward"] as const;
export const LEVELS = ["operator", "mixer"] as const;
export const DECAYS = ["none", "constant", "scalar", "vector"] as const;
export const LAYOUTS = ["parallel", "head-split", "alternate"] as const;
export const SHARINGS = ["all", "decay", "k+decay", "none"] as const;
export const FEATURE_MAPS = ["identity", "relu", "elu+1", "exp"] as const;
export type FeatureMap = (typeof FEATURE_MAPS)[number];
export const ENCODINGS = [
  "none",
  "lrpe",
  "md-lrpe",
  "md-lrpe-half",
  "md-lrpe-rotating",
  "rope",
  "sinusoidal",
  "learned",
] as const;
/** What a data set holds, and which tasks can be trained on it. */
export const DATASET_KINDS = ["images", "latents", "text", "sentences", "sequences"] as const;
export type DatasetKind = (typeof DATASET_KINDS)[number];
export const TOKENISERS = ["char", "byte", "word", "bpe"] as const;
export const LOCAL_MIXINGS = ["none", "md-tpe", "depthwise"] as const;

/** What an operator computes (design: docs/operators.md). Every field that changes the result is here. */
export const operatorSpecSchema = z.strictObject({
  op: z.enum(["additive", "multiplicative", "softmax", "efficient-attention"]),
  /** true: token t sees tokens ≤ t. false: every token sees all (for decays, through `scans` directions). */
  causal: z.boolean(),
  /** multiplicative only */
  decay: z.enum(DECAYS).optional(),
  /** multiplicative vector: k = 1 − e^{log_decay} (HGRN2) instead of an input */
  tiedKey: z.boolean().optional(),
  /** multiplicative without decay: φ on the keys, and with a denominator on the queries as well; default none */
  feature: z.enum(FEATURE_MAPS).optional(),
  /** with a positive φ, not causal: outputs divided by φ(q)·Σφ(k) */
  normalised: z.boolean().optional(),
  /** additive causal: an explicit key beside g (default: the key is 1, the logits are the keys) */
  explicitKey: z.boolean().optional(),
  /** multiplicative, not causal: number of directional scans, 1, 2, 4 (two dimensions) or 2m */
  scans: z.int().positive().optional(),
  /** how several directions are arranged; default parallel */
  layout: z.enum(LAYOUTS).optional(),
  /** alternate: the direction of this layer, 0 … scans − 1 */
  direction: z.int().nonnegative().optional(),
  /** parallel: what the directions share; `decay` = each its own decay, … ; default all */
  sharing: z.enum(SHARINGS).optional(),
  merge: z.enum(["sum", "mean"]).optional(),
  /** parallel: the current token counts once a direction (default) or once in all */
  currentToken: z.enum(["per-direction", "once"]).optional(),
  /** additive causal: the lse before the first token, −∞ (Δ₀ = 0, default) or 0 (Δ₀ = 1) */
  initialLse: z.enum(["-inf", "zero"]).optional(),
  /** softmax: factor on the scores; default 1/√D */
  scoreScale: z.number().positive().optional(),
});
export type OperatorSpec = z.infer<typeof operatorSpecSchema>;

export const shapeSchema = z.strictObject({
  B: z.int().positive(),
  H: z.int().positive(),
  /** tokens = prefix + product of grid */
  N: z.int().positive(),
  D: z.int().positive(),
  E: z.int().positive(),
  grid: z.array(z.int().positive()).min(1),
  prefix: z.int().nonnegative(),
});
export type Shape = z.infer<typeof shapeSchema>;

/** A token mixer: operator, encoding and what surrounds them in a layer of width C. */
export const mixerSpecSchema = z.strictObject({
  operator: operatorSpecSchema,
  encoding: z.enum(ENCODINGS),
  /** how q (and k where it is not the decay's) are activated; default the mixer's own */
  norm: z.enum(["layer", "rms"]).optional(),
});
export type MixerSpec = z.infer<typeof mixerSpecSchema>;

export const modelSpecSchema = z.strictObject({
  /** name of the size in the list of variants */
  variant: z.string(),
  width: z.int().positive(),
  depth: z.int().positive(),
  heads: z.int().positive(),
  /** hidden width of the GLU; chosen so that parameters agree within 2 % across contenders */
  gluWidth: z.int().positive(),
  mixer: mixerSpecSchema,
  localMixing: z.enum(LOCAL_MIXINGS),
  /** edge of a patch along each axis of the grid, in pixels (frames, rows, columns); absent for text */
  patch: z.array(z.int().positive()).optional(),
});
export type ModelSpec = z.infer<typeof modelSpecSchema>;

/** Masked language modelling: the share of tokens that is hidden, and what stands in their place. */
export const maskingRuleSchema = z.strictObject({
  share: z.number().gt(0).lt(1),
  /** mask: always [MASK]; 80-10-10: [MASK], a random token, or the token itself */
  replacement: z.enum(["mask", "80-10-10"]),
});
export type MaskingRule = z.infer<typeof maskingRuleSchema>;

/** What a recipe on text says beside the rest. */
export const textRecipeSchema = z.strictObject({
  /** tokens of a window, the model's N */
  context: z.int().positive(),
  tokeniser: z.enum(TOKENISERS),
  /** bpe: number of tokens; word: most tokens there may be */
  vocabulary: z.int().positive().optional(),
  /** tokens from one scored window to the next; default context: windows side by side */
  stride: z.int().positive().optional(),
  /** masked language models */
  masking: maskingRuleSchema.optional(),
});
export type TextRecipe = z.infer<typeof textRecipeSchema>;
export type TokeniserKind = TextRecipe["tokeniser"];

/** What a recipe of diffusion says beside the rest. */
export const diffusionRecipeSchema = z.strictObject({
  /** time steps of the noise schedule; default 1000 */
  timesteps: z.int().min(100).optional(),
  /** share of the training examples whose class is hidden, which guidance needs */
  classDropout: z.number().min(0).lt(1),
  sampler: z.enum(["ddim", "ancestral"]),
  /** time steps that a sampler visits */
  samplingSteps: z.int().positive(),
  /** 1: the conditional model itself */
  guidance: z.number().nonnegative(),
  /** samples drawn at the end of training, one class after the other; shown, and judged against as many real images */
  samples: z.int().min(8),
  /** steps that the classifier is trained for whose features judge the samples */
  extractorSteps: z.int().positive(),
});
export type DiffusionRecipe = z.infer<typeof diffusionRecipeSchema>;

/** How training images are changed, each step anew; absent: not at all. */
export const augmentationSchema = z.strictObject({
  /** mirrored left to right, half of the time */
  flip: z.boolean().optional(),
  /** moved by up to so many pixels along rows and columns */
  shift: z.int().positive().optional(),
  /** a part of at least this share of the area is enlarged to the whole */
  cropArea: z.number().gt(0).max(1).optional(),
  /** some operations drawn from RandAugment's table, at magnitudes normally distributed in [0, 10] */
  randAugment: z
    .strictObject({
      operations: z.int().positive(),
      magnitude: z.number().min(0).max(10),
      deviation: z.number().nonnegative(),
    })
    .optional(),
  /** probability that a rectangle is overwritten with noise */
  erase: z.number().min(0).max(1).optional(),
  /** α of the Beta distribution of mixup's share */
  mixup: z.number().positive().optional(),
  /** α of the Beta distribution of cutmix's share; with mixup as well, either has half of the batches */
  cutmix: z.number().positive().optional(),
});
export type Augmentation = z.infer<typeof augmentationSchema>;

const stageSchema = z.strictObject({
  steps: z.int().positive(),
  batch: z.int().positive(),
  learningRate: z.number().positive(),
  warmupSteps: z.int().nonnegative(),
  schedule: z.enum(["constant", "cosine", "inverse-sqrt", "triangle"]),
  weightDecay: z.number().nonnegative(),
  clipNorm: z.number().positive().optional(),
  labelSmoothing: z.number().min(0).max(1).optional(),
  dropout: z.number().min(0).max(1).optional(),
  dropPath: z.number().min(0).max(1).optional(),
  accumulate: z.int().positive().optional(),
  emaDecay: z.number().min(0).max(1).optional(),
  /** image classification only */
  augment: augmentationSchema.optional(),
  /** scored on a part of the training data that is then not trained on; default test */
  scoredOn: z.enum(["validation", "test"]).optional(),
  /** examples used; absent = the whole split */
  trainExamples: z.int().positive().optional(),
  testExamples: z.int().positive().optional(),
  /** Adam's memory of squared gradients; default 0.999 */
  beta2: z.number().gt(0).lt(1).optional(),
  /** where a cosine or triangle ends; default 1 % of the peak */
  minLearningRate: z.number().nonnegative().optional(),
  /** images: the order in which tokens are handed to the model; default row-major */
  tokenOrder: z.enum(["row-major", "reversed", "transposed"]).optional(),
  /** image generation */
  diffusion: diffusionRecipeSchema.optional(),
  /** tasks on text */
  text: textRecipeSchema.optional(),
});

/** One stage of training, perhaps after another: the same model, first as a masked language model of a text. */
export const recipeSchema = stageSchema.extend({
  pretraining: z.strictObject({ dataset: z.string(), recipe: stageSchema }).optional(),
});
export type Recipe = z.infer<typeof recipeSchema>;

const common = {
  suite: z.string(),
  /** id in the list of contenders */
  contender: z.string(),
  engine: z.enum(ENGINE_IDS),
  precision: z.enum(PRECISIONS),
  scale: z.enum(SCALES),
  seed: z.int(),
};

export const operatorCaseSchema = z.strictObject({
  kind: z.literal("operator"),
  ...common,
  spec: operatorSpecSchema,
  /** a strategy's id, or "default": the one the operator chooses for engine and shape */
  strategy: z.string(),
  level: z.enum(LEVELS),
  /** level mixer: the encoding of the layer */
  encoding: z.enum(ENCODINGS).optional(),
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
  /** shape.N is the context length: tokens already seen when the timed token comes */
  shape: shapeSchema,
});
export type DecodeCase = z.infer<typeof decodeCaseSchema>;

export const trainingCaseSchema = z.strictObject({
  kind: z.literal("training"),
  ...common,
  precision: z.literal("float32"),
  task: z.string(),
  dataset: z.string(),
  model: modelSpecSchema,
  recipe: recipeSchema,
  /** the suite expects the score to beat the trivial predictor by the task's margin; missing it fails the run */
  mustLearn: z.boolean().optional(),
});
export type TrainingCase = z.infer<typeof trainingCaseSchema>;

export const caseSchema = z.discriminatedUnion("kind", [operatorCaseSchema, decodeCaseSchema, trainingCaseSchema]);
export type Case = z.infer<typeof caseSchema>;
export type Scale = Case["scale"];
export type Precision = Case["precision"];
export type EngineId = Case["engine"];
export type Pass = OperatorCase["pass"];
export type Level = OperatorCase["level"];
export type CaseKind = Case["kind"];

/** Name of a case: the hash of its canonical JSON. The same point of the same experiment, on any day or machine. */
export function caseId(item: Case): string {
  return hashJson(item);
}

/** Name of a matchup: everything of a case but its contender. All contenders of a matchup are measured side by side. */
export function matchupId(item: Case): string {
  return hashJson(matchupFields(item));
}

function matchupFields(item: Case): unknown {
  const { suite, kind, engine, precision, scale, seed } = item;
  const shared = { suite, kind, engine, precision, scale, seed };
  if (item.kind === "operator") {
    // Memory never shrinks inside a process, so a memory case is alone in its matchup.
    const alone = item.quantity === "memory" ? item.contender : "";
    return { ...shared, level: item.level, pass: item.pass, quantity: item.quantity, shape: item.shape, alone };
  }
  if (item.kind === "decode") return { ...shared, shape: item.shape };
  // Training cases last long and are alone, so that a kill loses one of them at most.
  return { ...shared, alone: caseId(item) };
}
