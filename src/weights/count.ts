// Parameters and operations of a model, counted from its declarations; no tensor library.

import { operators } from "#ops/registry";
import type { MixerSpec, ModelSpec, Shape } from "#case/case";
import type { ModelInput } from "#catalogue/sizes/model-sizes";
import { tokenCount, type TokenGrid } from "./backbone.ts";
import { denoiserWeights } from "./denoiser.ts";
import { imageClassifierWeights, patchGrid } from "./image-classifier.ts";
import { languageModelWeights, textGrid } from "./language-model.ts";
import { countParameters, sizeOf, type WeightDeclaration } from "./weights.ts";

export interface ModelCount {
  readonly parameters: number;
  /** forward operations of one example: matrix products and operators, a multiply-add counted as two */
  readonly flopsPerExample: number;
  readonly flopsPerToken: number;
  readonly tokens: number;
}

/** The tokens and weights of a model, by what goes into it. */
function plan(
  model: ModelSpec,
  input: ModelInput,
): { readonly tokens: TokenGrid; readonly declarations: readonly WeightDeclaration[] } {
  switch (input.kind) {
    case "images":
      return { tokens: patchGrid(model, input), declarations: imageClassifierWeights(model, input) };
    case "denoiser":
      return { tokens: patchGrid(model, input), declarations: denoiserWeights(model, input) };
    case "text":
      return { tokens: textGrid(input), declarations: languageModelWeights(model, input) };
  }
}

/** Counts of a model. Norms, activations, encodings and local mixing, of order C a token, are left out. */
export function countModel(model: ModelSpec, input: ModelInput): ModelCount {
  const { tokens, declarations } = plan(model, input);
  const N = tokenCount(tokens);
  const products = 2 * (N * sizeOfProjections(declarations, "token") + sizeOfProjections(declarations, "example"));
  const D = (model.width / model.heads) * keyWidening(model.mixer);
  const shape: Shape = {
    B: 1,
    H: model.heads,
    N,
    D,
    E: model.width / model.heads,
    grid: [...tokens.grid],
    prefix: tokens.prefix,
  };
  const { operator } = model.mixer;
  const mixing =
    model.depth * operators.get(operator.op).work(operator, shape, "forward", strategyCounted(operator)).flops;
  const flopsPerExample = products + mixing;
  return { parameters: countParameters(declarations), flopsPerExample, flopsPerToken: flopsPerExample / N, tokens: N };
}

function sizeOfProjections(declarations: readonly WeightDeclaration[], per: "token" | "example"): number {
  return declarations.filter(({ appliedPer }) => appliedPer === per).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** The form that is linear in N and has no redundant products: two state products globally, step by step otherwise. */
function strategyCounted({ op, causal, decay = "none" }: ModelSpec["mixer"]["operator"]): string {
  if (op === "softmax") return "materialised";
  return !causal && (op !== "multiplicative" || decay === "none") ? "global" : "sequential";
}

/** The cosine encodings double the width of q and k. */
export function keyWidening({ encoding }: MixerSpec): 1 | 2 {
  return encoding === "lrpe" || encoding === "md-lrpe" ? 2 : 1;
}

/**
 * Hidden width of the GLU, a multiple of 4, with which a model has as nearly as possible `parameters` in all.
 *
 * @param model its own `gluWidth` does not matter
 */
export function matchGluWidth(model: ModelSpec, input: ModelInput, parameters: number): number {
  const count = (gluWidth: number) => countParameters(plan({ ...model, gluWidth }, input).declarations);
  const each = count(2) - count(1);
  return Math.max(4, 4 * Math.round((parameters - count(0)) / each / 4));
}
