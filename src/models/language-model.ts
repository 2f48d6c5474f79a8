// Language model, causal or not: token embedding, the shared stack, and the embedding again as output projection.

import { inModule } from "#base/scopes";
import * as tf from "#engine/tf";
import type { ModelSpec } from "#case/case";
import { createBackbone, type ModelOptions, type Regularisation } from "./backbone.ts";
import { languageModelWeights, textGrid, type LanguageModelInput } from "#weights/language-model";
import { withWeights, type Parameters } from "./parameters.ts";

export interface LanguageModel {
  readonly parameters: Parameters;
  /** Token ids, int32 [B, N] → features after the last norm [B, N, C]. */
  features(ids: tf.Tensor, regularisation?: Regularisation): tf.Tensor3D;
  /** Features [..., C] → logits [..., vocabulary]. */
  logits(features: tf.Tensor): tf.Tensor;
  /** Token ids, int32 [B, N] → logits [B, N, vocabulary]. */
  forward(ids: tf.Tensor, regularisation?: Regularisation): tf.Tensor3D;
}

/** @throws {UsageError} a grid that does not hold the tokens, or a mixer impossible on it */
export async function createLanguageModel(
  model: ModelSpec,
  input: LanguageModelInput,
  { seed, ...tools }: ModelOptions,
): Promise<LanguageModel> {
  return withWeights(languageModelWeights(model, input), seed, async (parameters) => {
    const backbone = await createBackbone(model, textGrid(input), parameters, tools);
    const embedding = () => parameters.get("embedding");
    const features: LanguageModel["features"] = (ids, regularisation) =>
      backbone(
        inModule("embedding", () => embedTokens(embedding(), ids)),
        regularisation,
      ) as tf.Tensor3D;
    const logits: LanguageModel["logits"] = (x) => inModule("head", () => againstRows(x, embedding()));
    const forward: LanguageModel["forward"] = (ids, regularisation) =>
      logits(features(ids, regularisation)) as tf.Tensor3D;
    return { parameters, features, logits, forward };
  });
}

/**
 * Rows of a table: ids int32 [...] → [..., C]. The gradient sums the rows of each token (UnsortedSegmentSum).
 */
export function embedTokens(table: tf.Tensor, ids: tf.Tensor): tf.Tensor {
  return tf.gather(table, ids);
}

/** x Wᵀ over the last axis: x [..., C], W [rows, C] → [..., rows]. */
export function againstRows(x: tf.Tensor, table: tf.Tensor): tf.Tensor {
  const [rows, C] = table.shape as [number, number];
  const products = tf.matMul(tf.reshape(x, [-1, C]) as tf.Tensor2D, table as tf.Tensor2D, false, true);
  return tf.reshape(products, [...x.shape.slice(0, -1), rows]);
}
