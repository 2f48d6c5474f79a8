// A model spelled out: its token mixer with everything that surrounds the operator in a layer, and the stack around it.
// Every field that is absent keeps the meaning it had in schema 1, which its comment names; new behaviour is a field.

import { z } from "zod";
import { countSchema, nameSchema } from "./bounded.ts";
import { operatorSpecSchema, traitsOf } from "./operator-spec.ts";

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
export const LOCAL_MIXINGS = ["none", "md-tpe", "md-tpe-per-axis", "depthwise"] as const;

/** How the token mixer's layer differs from LightNet's of schema 1. */
const layerFields = {
  /** φ on the queries: default SiLU for linear mixers (none with a denominator), none for softmax */
  queryActivation: z.enum(["identity", "silu"]).optional(),
  /** on keys that are an input: default SiLU for scalar and no decay without feature map, none for the others */
  keyActivation: z.enum(["identity", "silu"]).optional(),
  /** on values: default none */
  valueActivation: z.enum(["identity", "silu"]).optional(),
  /** of the operator's output: default layer for linear mixers, none for softmax */
  norm: z.enum(["layer", "rms", "none"]).optional(),
  /** what is normed together: default all channels */
  normOver: z.enum(["channels", "head"]).optional(),
  /** a trained gain after the norm: default none */
  normGain: z.boolean().optional(),
  /** sigmoid-low-rank: σ(x W [C, C/H] W [C/H, C]), default for linear mixers; silu: SiLU(x W [C, C]); softmax has none by default */
  gate: z.enum(["none", "sigmoid-low-rank", "silu"]).optional(),
  /** default norm-first: gate ∘ norm(o); gate-first: norm(gate ∘ o) */
  gateOrder: z.enum(["norm-first", "gate-first"]).optional(),
  /** a depthwise filter on q, k and v after their projections, causal: taps on a line; not causal: three along every axis */
  convolution: z.int().min(2).max(8).optional(),
  /** Mamba-2's D: the values, times a trained number a head, are added to the operator's output; default not */
  skip: z.boolean().optional(),
  /** deviation of the key projection at the start over 1/√inputs: default 1 */
  keyStart: z.number().min(0).max(10).optional(),
};

export const mixerSpecSchema = z.strictObject({
  operator: operatorSpecSchema.refine((spec) => traitsOf(spec).isMixer, "a layer needs an operator that mixes tokens"),
  encoding: z.enum(ENCODINGS),
  /** of a rotating or cosine encoding: default fixed */
  angles: z.enum(["fixed", "learned"]).optional(),
  ...layerFields,
});
export type MixerSpec = z.infer<typeof mixerSpecSchema>;

export const modelSpecSchema = z.strictObject({
  /** id in the list of models; default a combination without a name, as all of schema 1 */
  id: nameSchema.optional(),
  /** name of the size in the list of sizes */
  variant: nameSchema,
  width: countSchema,
  depth: z.int().min(1).max(10_000),
  heads: countSchema,
  /** hidden width of the GLU; chosen so that parameters agree within 2 % across contenders */
  gluWidth: countSchema,
  mixer: mixerSpecSchema,
  localMixing: z.enum(LOCAL_MIXINGS),
  /** md-tpe-per-axis: λ of every head at the start (default 0.5), with q and k 1; md-tpe draws all three */
  localMixingStart: z.number().gt(0).lt(1).optional(),
  /** edge of a patch along each axis of the grid, in pixels (frames, rows, columns); absent for text */
  patch: z.array(countSchema).min(1).max(16).optional(),
});
export type ModelSpec = z.infer<typeof modelSpecSchema>;
