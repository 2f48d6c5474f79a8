// What an operator computes, and on which shape. Letters of the field, everywhere: B batch, H heads, N tokens, D key width
// of a head, E value width, C model width.

import { z } from "zod";
import { countSchema, nameSchema, positiveSchema, tallySchema } from "./bounded.ts";

/** What sets an operator apart wherever its work is counted, its state resumed or its results are checked. */
export interface OperatorTraits {
  /** from token to token: a state of D·E numbers per head, or the keys and values of all tokens */
  readonly carries: "state" | "tokens";
  /** carries the log of its normaliser as well, D numbers per head */
  readonly hasNormaliser: boolean;
  /** a denominator or a softmax over the channels: no channel can be computed alone */
  readonly joinsChannels: boolean;
  /** mixes tokens, so that a layer can be made of it: a product of matrices does not */
  readonly isMixer: boolean;
}

const STATE: OperatorTraits = { carries: "state", hasNormaliser: false, joinsChannels: false, isMixer: true };

/** The operators; `module`: the whole mixer comes from a file of the user's. */
const OPERATOR_TRAITS = {
  additive: { ...STATE, hasNormaliser: true },
  multiplicative: STATE,
  softmax: { ...STATE, carries: "tokens" },
  "efficient-attention": { ...STATE, joinsChannels: true },
  matmul: { ...STATE, isMixer: false },
  module: STATE,
} as const satisfies Record<string, OperatorTraits>;
export const OPERATORS = Object.keys(OPERATOR_TRAITS) as (keyof typeof OPERATOR_TRAITS)[];
export const DECAYS = ["none", "constant", "scalar", "vector"] as const;
export const LAYOUTS = ["parallel", "head-split", "alternate"] as const;
export const SHARINGS = ["all", "decay", "k+decay", "none"] as const;
export const FEATURE_MAPS = ["identity", "relu", "elu+1", "exp"] as const;
export type FeatureMap = (typeof FEATURE_MAPS)[number];

/** What an operator computes (design: docs/operators.md). Every field that changes the result is here. */
export const operatorSpecSchema = z
  .strictObject({
    op: z.enum(OPERATORS),
    /** module only: the name of its manifest */
    module: nameSchema.optional(),
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
    scans: z.int().min(1).max(64).optional(),
    /** how several directions are arranged; default parallel */
    layout: z.enum(LAYOUTS).optional(),
    /** alternate: the direction of this layer, 0 … scans − 1 */
    direction: z.int().min(0).max(63).optional(),
    /** parallel: what the directions share; `decay` = each its own decay, … ; default all */
    sharing: z.enum(SHARINGS).optional(),
    merge: z.enum(["sum", "mean"]).optional(),
    /** parallel: the current token counts once a direction (default) or once in all */
    currentToken: z.enum(["per-direction", "once"]).optional(),
    /** additive causal: the lse before the first token, −∞ (Δ₀ = 0, default) or 0 (Δ₀ = 1) */
    initialLse: z.enum(["-inf", "zero"]).optional(),
    /** softmax: factor on the scores; default 1/√D */
    scoreScale: positiveSchema.optional(),
  })
  .refine(({ op, module }) => (op === "module") === (module !== undefined), "op module, and no other, names a module");
export type OperatorSpec = z.infer<typeof operatorSpecSchema>;

export function traitsOf({ op, normalised = false }: Pick<OperatorSpec, "op" | "normalised">): OperatorTraits {
  const traits: OperatorTraits = OPERATOR_TRAITS[op];
  return normalised ? { ...traits, joinsChannels: true } : traits;
}

/** Whether two products over all tokens give the result, whatever their order. */
export function isOrderFree({ op, causal, decay = "none" }: OperatorSpec): boolean {
  return !causal && decay === "none" && traitsOf({ op }).carries === "state";
}

/** Whether the operator can go on from the state of earlier tokens. */
export function isResumable(spec: OperatorSpec): boolean {
  return spec.causal && traitsOf(spec).carries === "state";
}

/** A grid is row-major and may be preceded by `prefix` tokens that have no position. */
export const shapeSchema = z.strictObject({
  B: countSchema,
  H: countSchema,
  /** tokens = prefix + product of grid */
  N: countSchema,
  D: countSchema,
  E: countSchema,
  grid: z.array(countSchema).min(1).max(16),
  prefix: tallySchema,
});
export type Shape = z.infer<typeof shapeSchema>;
