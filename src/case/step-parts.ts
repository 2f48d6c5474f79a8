// What a case of one training step says beside its model: what goes in, and the optimiser.

import { z } from "zod";
import { countSchema, nonNegativeSchema, positiveSchema } from "./bounded.ts";

const images = {
  /** extents along the axes, then channels */
  imageShape: z.array(countSchema).min(2).max(16),
  classes: countSchema,
};

/** What goes into a model and what comes out, as far as it decides on weights. */
export const stepInputSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("images"), ...images }),
  z.strictObject({
    kind: z.literal("denoiser"),
    ...images,
    /** places added to the embedded patches */
    positions: z.literal("sinusoidal").optional(),
  }),
  z.strictObject({
    kind: z.literal("text"),
    tokens: countSchema,
    vocabulary: countSchema,
    /** share of the positions whose token is guessed; absent: all of them, each the token that follows */
    scored: z.number().gt(0).lt(1).optional(),
  }),
]);
export type StepInput = z.infer<typeof stepInputSchema>;

/** AdamW in the middle of a training. */
export const stepOptimiserSchema = z.strictObject({
  learningRate: positiveSchema,
  weightDecay: nonNegativeSchema,
  /** global norm to which gradients are scaled down; absent: as they are */
  clipNorm: positiveSchema.optional(),
  /** default 0.999 */
  beta2: z.number().gt(0).lt(1).optional(),
});
export type StepOptimiser = z.infer<typeof stepOptimiserSchema>;
