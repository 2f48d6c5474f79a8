// The stack that every model shares, on tensors: positions and local mixing, pre-norm residual blocks, a last norm.

import type { Random } from "#base/random";
import type { RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import type { ModelSpec } from "#suite/case";
import { placeOf, type TokenGrid } from "./backbone-weights.ts";
import { glu } from "./glu.ts";
import { affineNorm, dropout, dropPath } from "./layers.ts";
import { createLocalMixing } from "./local-mixing.ts";
import { createMixer } from "./mixer.ts";
import type { Parameters, Weights } from "./parameters.ts";
import { createPositions } from "./positions.ts";

/** What training drops at random; absent at evaluation. */
export interface Regularisation {
  readonly dropout: number;
  /** rate of the last layer; layer l of L has l/(L − 1) of it */
  readonly dropPath: number;
  readonly random: Random;
}

/** Tokens [B, N, C] → [B, N, C]. */
export type Backbone = (x: tf.Tensor, regularisation?: Regularisation) => tf.Tensor;

/** @throws {UsageError} a mixer that is impossible on this grid */
export async function createBackbone(model: ModelSpec, tokens: TokenGrid, parameters: Parameters, engine: RunningEngine): Promise<Backbone> {
  const { depth } = model;
  const positions = await createPositions(model, tokens, parameters);
  const local = createLocalMixing(model, tokens, parameters.under("local"));
  const mixers = await Promise.all(
    Array.from({ length: depth }, (_, layer) =>
      createMixer(model.mixer, placeOf(model, tokens, layer), {
        own: parameters.under(`block${layer}.mixer`),
        stack: parameters.under("stack"),
        tables: parameters,
        engine,
      }),
    ),
  );
  return (embedded, regularisation) => {
    let x = local(positions(embedded)); // [B, N, C]
    if (regularisation !== undefined) x = dropout(x, regularisation.dropout, regularisation.random.fork("embedding"));
    for (const [layer, mixer] of mixers.entries()) {
      const weights = parameters.under(`block${layer}`);
      const drop = branchDropping(layer, depth, regularisation);
      x = tf.add(x, drop(mixer(norm(x, weights, "norm1")), "mixer"));
      x = tf.add(x, drop(glu(norm(x, weights, "norm2"), parameters.under(`block${layer}.glu`)), "glu"));
    }
    return affineNorm(x, parameters.get("last.gain"), parameters.get("last.bias"));
  };
}

function norm(x: tf.Tensor, weights: Weights, name: string): tf.Tensor {
  return affineNorm(x, weights(`${name}.gain`), weights(`${name}.bias`));
}

function branchDropping(layer: number, depth: number, regularisation: Regularisation | undefined) {
  return (branch: tf.Tensor, name: string): tf.Tensor => {
    if (regularisation === undefined) return branch;
    const random = regularisation.random.fork(`${name} ${layer}`);
    const pathRate = depth === 1 ? regularisation.dropPath : (regularisation.dropPath * layer) / (depth - 1);
    return dropPath(dropout(branch, regularisation.dropout, random), pathRate, random);
  };
}
