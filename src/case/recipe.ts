// How a model is trained: steps, rates, data, and what single tasks add.

import { z } from "zod";
import { without } from "#base/without";
import { countSchema, nameSchema, nonNegativeSchema, positiveSchema, shareSchema, tallySchema } from "./bounded.ts";

export const TOKENISERS = ["char", "byte", "word", "bpe"] as const;

/** Masked language modelling: the share of tokens that is hidden, and what stands in their place. */
export const maskingRuleSchema = z.strictObject({
  share: shareSchema.gt(0).lt(1),
  /** mask: always [MASK]; 80-10-10: [MASK], a random token, or the token itself */
  replacement: z.enum(["mask", "80-10-10"]),
});
export type MaskingRule = z.infer<typeof maskingRuleSchema>;

/** What a recipe on text says beside the rest. */
export const textRecipeSchema = z.strictObject({
  /** tokens of a window, the model's N */
  context: countSchema,
  tokeniser: z.enum(TOKENISERS),
  /** bpe: number of tokens; word: most tokens there may be */
  vocabulary: countSchema.optional(),
  /** tokens from one scored window to the next; default context: windows side by side */
  stride: countSchema.optional(),
  /** masked language models */
  masking: maskingRuleSchema.optional(),
});
export type TextRecipe = z.infer<typeof textRecipeSchema>;
export type TokeniserKind = TextRecipe["tokeniser"];

/** What a recipe of diffusion says beside the rest. */
export const diffusionRecipeSchema = z.strictObject({
  /** time steps of the noise schedule; default 1000 */
  timesteps: z.int().min(100).max(1_000_000).optional(),
  /** places added to the embedded patches, as DiT does; absent: a model knows what its mixer's encoding tells, no more */
  positions: z.literal("sinusoidal").optional(),
  /** share of the training examples whose class is hidden, which guidance needs */
  classDropout: z.number().min(0).lt(1),
  sampler: z.enum(["ddim", "ancestral"]),
  /** time steps that a sampler visits */
  samplingSteps: countSchema,
  /** 1: the conditional model itself */
  guidance: nonNegativeSchema,
  /**
   * Samples drawn at the end of training, one class after the other; shown, and judged against as many real images.
   * Absent: none is drawn, and the error of the predicted noise is all that is scored.
   */
  samples: z.int().min(8).max(1e9).optional(),
  /** steps that the classifier is trained for whose features judge the samples */
  extractorSteps: countSchema,
});
export type DiffusionRecipe = z.infer<typeof diffusionRecipeSchema>;

/** How training images are changed, each step anew; absent: not at all. */
export const augmentationSchema = z.strictObject({
  /** mirrored left to right, half of the time */
  flip: z.boolean().optional(),
  /** moved by up to so many pixels along rows and columns */
  shift: countSchema.optional(),
  /** a part of at least this share of the area is enlarged to the whole */
  cropArea: z.number().gt(0).max(1).optional(),
  /** some operations drawn from RandAugment's table, at magnitudes normally distributed in [0, 10] */
  randAugment: z
    .strictObject({
      operations: countSchema,
      magnitude: z.number().min(0).max(10),
      deviation: nonNegativeSchema,
    })
    .optional(),
  /** probability that a rectangle is overwritten with noise */
  erase: shareSchema.optional(),
  /** α of the Beta distribution of mixup's share */
  mixup: positiveSchema.optional(),
  /** α of the Beta distribution of cutmix's share; with mixup as well, either has half of the batches */
  cutmix: positiveSchema.optional(),
});
export type Augmentation = z.infer<typeof augmentationSchema>;

const stageSchema = z.strictObject({
  steps: countSchema,
  batch: countSchema,
  learningRate: positiveSchema,
  warmupSteps: tallySchema,
  schedule: z.enum(["constant", "cosine", "inverse-sqrt", "triangle"]),
  weightDecay: nonNegativeSchema,
  clipNorm: positiveSchema.optional(),
  labelSmoothing: shareSchema.optional(),
  dropout: shareSchema.optional(),
  dropPath: shareSchema.optional(),
  accumulate: countSchema.optional(),
  emaDecay: shareSchema.optional(),
  /** image classification only */
  augment: augmentationSchema.optional(),
  /** scored on a part of the training data that is then not trained on; default test */
  scoredOn: z.enum(["validation", "test"]).optional(),
  /** examples used; absent = the whole split */
  trainExamples: countSchema.optional(),
  testExamples: countSchema.optional(),
  /** Adam's memory of squared gradients; default 0.999 */
  beta2: z.number().gt(0).lt(1).optional(),
  /** where a cosine or triangle ends; default 1 % of the peak */
  minLearningRate: nonNegativeSchema.optional(),
  /** images: the order in which tokens are handed to the model; default row-major */
  tokenOrder: z.enum(["row-major", "reversed", "transposed"]).optional(),
  /** image generation */
  diffusion: diffusionRecipeSchema.optional(),
  /** tasks on text */
  text: textRecipeSchema.optional(),
});

/** One stage of training, perhaps after another: the same model, first as a masked language model of a text. */
export const recipeSchema = stageSchema.extend({
  pretraining: z.strictObject({ dataset: nameSchema, recipe: stageSchema }).optional(),
});
export type Recipe = z.infer<typeof recipeSchema>;

/** A recipe of which, for a denoiser, the error of the predicted noise is all that is asked. */
export function withoutSamples({ diffusion, ...recipe }: Recipe): Recipe {
  return diffusion === undefined ? recipe : { ...recipe, diffusion: without(diffusion, "samples") };
}
