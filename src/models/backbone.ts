// The stack that every model shares, on tensors: positions and local mixing, pre-norm residual blocks, a last norm.

import type { Random } from "#base/random";
import { inModule } from "#base/scopes";
import * as tf from "#engine/tf";
import type { ModelSpec } from "#case/case";
import { placeOf, type TokenGrid } from "#weights/backbone";
import { glu } from "./glu.ts";
import { affineNorm, dropout, dropPath } from "./layers.ts";
import { createLocalMixing } from "./local-mixing.ts";
import { createMixer } from "./mixer.ts";
import type { MixerTools, TokenMixer } from "./token-mixer.ts";
import { modulatedNorm, modulationOf } from "./modulation.ts";
import type { Parameters, Weights } from "./parameters.ts";
import { createPositions } from "./positions.ts";

/** What training drops at random; absent at evaluation. */
export interface Regularisation {
  readonly dropout: number;
  /** rate of the last layer; layer l of L has l/(L − 1) of it */
  readonly dropPath: number;
  readonly random: Random;
}

/**
 * Tokens [B, N, C] → [B, N, C].
 *
 * @param condition [B, C], for a stack declared with norms from a condition, and for no other
 */
export type Backbone = (x: tf.Tensor, regularisation?: Regularisation, condition?: tf.Tensor) => tf.Tensor;

/** What layers need beside their weights. */
export type BackboneTools = Pick<MixerTools, "engine" | "observe">;

/** How a model is made: its start, the engine it runs on, and who is shown the logits of additive layers. */
export interface ModelOptions extends BackboneTools {
  readonly seed: number;
}

/** @throws {UsageError} a mixer that is impossible on this grid */
export async function createBackbone(
  model: ModelSpec,
  tokens: TokenGrid,
  parameters: Parameters,
  tools: BackboneTools,
): Promise<Backbone> {
  const { depth } = model;
  const positions = await createPositions(model, tokens, parameters);
  const local = createLocalMixing(model, tokens, parameters.under("local"));
  const mixers = await Promise.all(
    Array.from({ length: depth }, (_, layer) =>
      createMixer(model.mixer, placeOf(model, tokens, layer), {
        own: parameters.under(`block${layer}.mixer`),
        stack: parameters.under("stack"),
        tables: parameters,
        ...tools,
      }),
    ),
  );
  return (embedded, regularisation, condition) => {
    let x = inModule("local mixing", () => local(inModule("positions", () => positions(embedded)))); // [B, N, C]
    if (regularisation !== undefined) x = dropout(x, regularisation.dropout, regularisation.random.fork("embedding"));
    for (const [layer, mixer] of mixers.entries()) {
      const frames = inModule("modulation", () => framesOf(parameters.under(`block${layer}`), condition));
      const drop = branchDropping(layer, depth, regularisation);
      const branch = (name: "mixer" | "glu", mix: TokenMixer) => {
        const entered = inModule("norm", () => frames[name].enter(x));
        const mixed = inModule(name, () => mix(entered));
        return inModule("residual", () => tf.add(x, frames[name].leave(drop(mixed, name))));
      };
      x = branch("mixer", mixer);
      x = branch("glu", (entered) => glu(entered, parameters.under(`block${layer}.glu`)));
    }
    return inModule("norm", () => lastNorm(x, parameters.under("last"), condition));
  };
}

/** How a residual branch is entered and left. */
interface Frame {
  readonly enter: (x: tf.Tensor) => tf.Tensor;
  readonly leave: (branch: tf.Tensor) => tf.Tensor;
}

/** The two branches of a block: normed on entering; with a condition also shifted, scaled and, on leaving, gated. */
function framesOf(weights: Weights, condition: tf.Tensor | undefined): Readonly<Record<"mixer" | "glu", Frame>> {
  if (condition === undefined) {
    const frame = (name: string): Frame => ({
      enter: (x) => affineNorm(x, weights(`${name}.gain`), weights(`${name}.bias`)),
      leave: (branch) => branch,
    });
    return { mixer: frame("norm1"), glu: frame("norm2") };
  }
  const parts = modulationOf(condition, (name) => weights(`modulation.${name}`), 6); // shift, scale, gate of each branch
  const frame = (first: number): Frame => ({
    enter: (x) => modulatedNorm(x, parts[first]!, parts[first + 1]!),
    leave: (branch) => tf.mul(branch, parts[first + 2]!),
  });
  return { mixer: frame(0), glu: frame(3) };
}

function lastNorm(x: tf.Tensor, weights: Weights, condition: tf.Tensor | undefined): tf.Tensor {
  if (condition === undefined) return affineNorm(x, weights("gain"), weights("bias"));
  const [shift, scale] = modulationOf(condition, weights, 2);
  return modulatedNorm(x, shift!, scale!);
}

function branchDropping(layer: number, depth: number, regularisation: Regularisation | undefined) {
  return (branch: tf.Tensor, name: string): tf.Tensor => {
    if (regularisation === undefined) return branch;
    const random = regularisation.random.fork(`${name} ${layer}`);
    const pathRate = depth === 1 ? regularisation.dropPath : (regularisation.dropPath * layer) / (depth - 1);
    return dropPath(dropout(branch, regularisation.dropout, random), pathRate, random);
  };
}
