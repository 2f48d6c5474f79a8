// Judge of sentences: the language model's embedding and stack, mean over the tokens that are no padding, linear head. Its
// weights have the language model's names and shapes, the head apart, so that a masked language model's weights fit in.

import { DataError } from "#base/errors";
import { inModule } from "#base/scopes";
import * as tf from "#engine/tf";
import type { ModelSpec } from "#case/case";
import { createBackbone, type ModelOptions, type Regularisation } from "#models/backbone";
import { embedTokens } from "#models/language-model";
import { languageModelWeights, textGrid, type LanguageModelInput } from "#weights/language-model";
import { dense } from "#models/layers";
import { withWeights, type Parameters } from "#models/parameters";
import { constantWeight, type WeightDeclaration } from "#weights/weights";

export interface SentenceInput extends LanguageModelInput {
  /** classes, or 1 for a real value */
  readonly outputs: number;
}

export interface SentenceClassifier {
  readonly parameters: Parameters;
  /**
   * Sequences filled up to N with padding, which the mixer sees as a token like any other, for every contender alike.
   *
   * @param ids int32 [B, N]
   * @param weights [B, N], 1/length on the tokens that are meant and 0 on padding
   * @returns [B, outputs]
   */
  forward(ids: tf.Tensor, weights: tf.Tensor, regularisation?: Regularisation): tf.Tensor2D;
}

/** Embedding, stack and head; the head starts at zero, so that training starts at ln(classes) nats. */
export function sentenceClassifierWeights(model: ModelSpec, { outputs, ...input }: SentenceInput): WeightDeclaration[] {
  return [
    ...languageModelWeights(model, input),
    { ...constantWeight("head.w", [model.width, outputs], 0), decays: true, appliedPer: "example" },
    constantWeight("head.bias", [outputs], 0),
  ];
}

/** @throws {UsageError} a mixer impossible on a line of tokens */
export async function createSentenceClassifier(
  model: ModelSpec,
  input: SentenceInput,
  { seed, ...tools }: ModelOptions,
): Promise<SentenceClassifier> {
  return withWeights(sentenceClassifierWeights(model, input), seed, async (parameters) => {
    const backbone = await createBackbone(model, textGrid(input), parameters, tools);
    const head = parameters.under("head");
    return {
      parameters,
      forward(ids, weights, regularisation) {
        const embedded = inModule("embedding", () => embedTokens(parameters.get("embedding"), ids));
        const features = backbone(embedded, regularisation); // [B, N, C]
        return inModule("head", () => {
          const pooled = tf.squeeze(tf.matMul(tf.expandDims(weights, 1), features), [1]); // [B, C]
          return dense(pooled, head("w"), head("bias")) as tf.Tensor2D;
        });
      },
    };
  });
}

/** Values of trained weights, by name. */
export type TrainedWeights = ReadonlyMap<string, Float32Array>;

/**
 * Starts a classifier from the weights of a language model; the head stays as it is.
 *
 * @throws {DataError} a weight that the language model lacks, or has in another size
 */
export function takeOver(parameters: Parameters, trained: TrainedWeights, source: string): void {
  for (const { name, shape } of parameters.declarations) {
    if (name.startsWith("head.")) continue;
    const values = trained.get(name);
    const variable = parameters.get(name);
    if (values?.length !== variable.size) {
      throw new DataError(
        source,
        `weight "${name}" must have ${variable.size} values, [${shape.join(", ")}], found ${values?.length ?? "none"}`,
      );
    }
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
  }
}
