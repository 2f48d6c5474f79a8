// Operations of a model, counted from its declarations; no tensor library.

import { isOrderFree, traitsOf, type ModelSpec, type OperatorSpec, type Shape } from "#case/case";
import { operators } from "#ops/registry";
import { wideningOf } from "#weights/angle-forms";
import { placeOf, tokenCount } from "#weights/backbone";
import { declaredMixer } from "#weights/declared-mixers";
import { modelWeights, tokenGrid } from "#weights/model";
import type { ModelInput } from "#weights/model-input";
import { countParameters, sizeOf, type WeightDeclaration } from "#weights/weights";

export interface ModelCount {
  readonly parameters: number;
  /** forward operations of one example: matrix products and operators, a multiply-add counted as two */
  readonly flopsPerExample: number;
  readonly flopsPerToken: number;
  readonly tokens: number;
}

/** Counts of a model. Norms, activations, encodings and local mixing, of order C a token, are left out. */
export function countModel(model: ModelSpec, input: ModelInput): ModelCount {
  const tokens = tokenGrid(model, input);
  const declarations = modelWeights(model, input);
  const N = tokenCount(tokens);
  const products = 2 * (N * sizeOfProjections(declarations, "token") + sizeOfProjections(declarations, "example"));
  const E = model.width / model.heads;
  const D = E * wideningOf(model.mixer.encoding);
  const shape: Shape = { B: 1, H: model.heads, N, D, E, grid: [...tokens.grid], prefix: tokens.prefix };
  const { operator } = model.mixer;
  const mixing =
    model.depth *
    (operator.op === "module"
      ? (declaredMixer(operator.module).flops?.(placeOf(model, tokens, 0)) ?? 0)
      : operators.get(operator.op).work(operator, shape, "forward", strategyCounted(operator)).flops);
  const flopsPerExample = products + mixing;
  return { parameters: countParameters(declarations), flopsPerExample, flopsPerToken: flopsPerExample / N, tokens: N };
}

function sizeOfProjections(declarations: readonly WeightDeclaration[], per: "token" | "example"): number {
  return declarations.filter(({ appliedPer }) => appliedPer === per).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** The form that is linear in N and has no redundant products: two state products globally, step by step otherwise. */
function strategyCounted(operator: OperatorSpec): string {
  if (traitsOf(operator).carries === "tokens") return "materialised";
  return isOrderFree(operator) ? "global" : "sequential";
}
