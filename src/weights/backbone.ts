// Weights of the stack that every model shares: local mixing and positions after the embedding, then blocks
// x ← x + mixer(norm(x)), x ← x + GLU(norm(x)), and a last norm.

import type { ModelSpec } from "#case/case";
import { mixerWeights, stackWeights, type MixerPlace } from "./mixer.ts";
import { modulationWeights } from "./modulation.ts";
import { constantWeight, drawnWeight, projection, sizeOf, within, type WeightDeclaration } from "./weights.ts";

/** The tokens of a model: a grid, behind `prefix` tokens without a position. */
export interface TokenGrid {
  readonly grid: readonly number[];
  readonly prefix: number;
}

export function tokenCount({ grid, prefix }: TokenGrid): number {
  return prefix + sizeOf(grid);
}

export function placeOf(model: ModelSpec, { grid, prefix }: TokenGrid, layer: number): MixerPlace {
  return { width: model.width, heads: model.heads, grid, prefix, layer, depth: model.depth };
}

/** What the norms of the stack take their gain and bias from: weights of their own, or a condition (adaLN-zero). */
export type NormSource = "own" | "condition";

/** All weights of the stack; names start with "stack", "local", "position", "block…" or "last". */
export function backboneWeights(model: ModelSpec, tokens: TokenGrid, norms: NormSource = "own"): WeightDeclaration[] {
  const { width: C, depth, mixer } = model;
  return [
    ...localMixingWeights(model, tokens),
    ...(mixer.encoding === "learned"
      ? [drawnWeight("position", [tokenCount(tokens), C], (random) => 0.02 * random.normal())]
      : []),
    ...within("stack", stackWeights(mixer, C, depth)),
    ...Array.from({ length: depth }, (_, layer) =>
      within(`block${layer}`, blockWeights(model, placeOf(model, tokens, layer), norms)),
    ).flat(),
    ...(norms === "own" ? normWeights("last", C) : modulationWeights("last", C, 2)),
  ];
}

function blockWeights(model: ModelSpec, place: MixerPlace, norms: NormSource): WeightDeclaration[] {
  const { width: C, gluWidth: F, depth } = model;
  const norm = (name: string) => (norms === "own" ? normWeights(name, C) : []);
  return [
    ...(norms === "own" ? [] : modulationWeights("modulation", C, 6)),
    ...norm("norm1"),
    ...within("mixer", mixerWeights(model.mixer, place)),
    ...norm("norm2"),
    ...within("glu", [
      projection("w1", C, F),
      projection("w2", C, F),
      projection("w3", F, C, 1 / Math.sqrt(2 * depth)),
    ]),
  ];
}

function normWeights(path: string, C: number): WeightDeclaration[] {
  return within(path, [constantWeight("gain", [C], 1), constantWeight("bias", [C], 0)]);
}

function localMixingWeights(
  { localMixing, localMixingStart = 0.5, width: C, heads: H }: ModelSpec,
  { grid }: TokenGrid,
): WeightDeclaration[] {
  switch (localMixing) {
    case "none":
      return [];
    case "depthwise": {
      const taps = 3 ** grid.length;
      return [drawnWeight("local.filter", [taps, C], (random) => random.normal() / Math.sqrt(taps))];
    }
    case "md-tpe-per-axis": {
      // Authors' start: every key and query is 1, and λ the same in all heads.
      const logit = Math.log(localMixingStart / (1 - localMixingStart));
      return grid.flatMap((_, axis) =>
        within(`local.axis${axis}`, [
          constantWeight("q", [C], 1),
          constantWeight("k", [C], 1),
          constantWeight("decay", [H], logit),
          constantWeight("gain", [C], 1),
          projection("projection", C, C),
        ]),
      );
    }
    case "md-tpe":
      return within("local", [
        drawnWeight("q", [grid.length, C], (random) => random.normal() * Math.sqrt(H / C)),
        drawnWeight("k", [grid.length, C], (random) => random.normal() * Math.sqrt(H / C)),
        // σ of these starts the heads' decays between 0.73 and 0.98: lengths of about 3 to 50 tokens
        drawnWeight("decay", [grid.length, H], (random) => 1 + 3 * random.uniform()),
        projection("projection", C, C),
      ]);
  }
}
