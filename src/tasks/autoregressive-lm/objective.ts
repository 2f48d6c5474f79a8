// Training a causal language model to predict the next token, and scoring it in nats, bits and perplexities.

import { utf8 } from "#base/bytes";
import { UsageError } from "#base/errors";
import { inPart } from "#base/scopes";
import * as tf from "#engine/tf";
import { countModel } from "#models/cost";
import { meanNats, positionNats } from "#models/cross-entropy";
import { createLanguageModel, type LanguageModel } from "#models/language-model";
import { traitsOf, type ModelSpec, type Recipe, type TextRecipe, type TrainingCase } from "#case/case";
import { ngramNats } from "./baseline.ts";
import { NextTokenScores, textScores, unigramNats, type TextExtent } from "./metrics.ts";
import {
  checkLongEnough,
  scoredTokens,
  scoringPlan,
  scoringWindows,
  trainingWindows,
  type ScoringPlan,
  type WindowBatch,
} from "./windows.ts";
import type { TextData } from "#data/sets/dataset";
import { datasetOfKind } from "#data/sets/registry";
import { textSplits } from "#data/text/splits";
import type { Tokeniser } from "#data/text/tokeniser";
import { trainTokeniser } from "#data/text/train-tokeniser";
import { wordsOf } from "#data/text/word-tokeniser";
import type { Conclusion, Evaluation, Objective, ObjectiveContext, Prepared } from "#training/objective";
import { valuesOf } from "#training/evaluation";
import { regularisationOf } from "#training/regularisation";
import { SaturationProbe } from "./saturation.ts";

/** Tokens scored at once: the same for every contender, and logits of a large vocabulary still fit. */
const EVALUATION_TOKENS = 4096;

/** Windows whose logits are looked at for the saturation of additive decays. */
const PROBED_WINDOWS = 8;

export const autoregressiveLm: Objective = {
  id: "autoregressive-lm",

  async prepare(item: TrainingCase, { engine, dataDir }: ObjectiveContext): Promise<Prepared> {
    const { model, recipe, seed } = item;
    const { context, tokeniser: kind, vocabulary, stride = context } = textRecipeOf(recipe, model);
    const data = datasetOfKind(item.dataset, "text").load(dataDir);
    const texts = textSplits(data, recipe);
    const tokeniser = trainTokeniser({ kind, vocabulary }, texts.train);
    const train = firstTokens(tokeniser.encode(texts.train), recipe.trainExamples, context);
    const scored = tokeniser.encode(texts.scored);
    for (const ids of [train, scored]) checkLongEnough(data.label, ids, context);
    const plan = scoringPlan(scored.length, { context, stride, limit: recipe.testExamples });
    const answers = scored.subarray(1, 1 + scoredTokens(scored.length, plan));
    const extent = extentOf(answers, tokeniser, data);
    const input = { tokens: context, vocabulary: tokeniser.vocabulary };
    const probe = new SaturationProbe();
    const languageModel = await createLanguageModel(model, input, { seed, engine, observe: probe.observe });
    const probed = scoringWindows(scored, plan, { first: 0, count: Math.min(PROBED_WINDOWS, plan.windows) });
    const slopes = () => probe.slopes(() => languageModel.features(idsTensor(probed.inputs, probed.count)));
    const untrained = traitsOf(model.mixer.operator).hasNormaliser ? await slopes() : undefined;
    return {
      parameters: languageModel.parameters,
      dataLabel: labelOf(data, recipe, { tokeniser, plan, isWhole: answers.length === scored.length - 1 }),
      synthetic: data.synthetic,
      trainExamples: Math.floor((train.length - 1) / context),
      testExamples: plan.windows,
      flopsPerExample: countModel(model, { kind: "text", ...input }).flopsPerExample,
      trivialScores: textScores(unigramNats(train, answers, tokeniser.vocabulary), extent),
      loss(position, count, random) {
        const [inputs, targets] = inPart("data", () => {
          const batch = trainingWindows(train, context, { seed, position, count });
          return [idsTensor(batch.inputs, count), idsTensor(batch.targets, count)] as const;
        });
        const logits = languageModel.forward(inputs, regularisationOf(recipe, random));
        return meanNats(logits, targets, { smoothing: recipe.labelSmoothing });
      },
      evaluate: () =>
        evaluate(languageModel, plan, (first, count) => scoringWindows(scored, plan, { first, count }), extent),
      simple() {
        const nats = ngramNats(train, scored, { vocabulary: tokeniser.vocabulary, count: answers.length });
        return Promise.resolve({ id: "n-gram-counts", scores: textScores(nats, extent) });
      },
      ...(untrained === undefined ? {} : { conclude: async () => saturationOf(await slopes(), untrained) }),
      dispose: () => languageModel.parameters.dispose(),
    };
  },
};

/** Slopes of log(1 − λ_t) against log t after training and before, over all heads and of each. */
function saturationOf(trained: ReadonlyMap<string, number>, untrained: ReadonlyMap<string, number>): Conclusion {
  const meanOf = (slopes: ReadonlyMap<string, number>) =>
    [...slopes.values()].reduce((sum, slope) => sum + slope, 0) / slopes.size;
  const method = `saturation: least squares of log(1 − λ_t) on log t from token 4 on, over the first ${PROBED_WINDOWS} scored windows`;
  if (trained.size === 0)
    return { scores: {}, trivialScores: {}, method: "saturation: the windows are too short for a slope" };
  const each = [...trained].map(([head, slope]) => [`saturationSlope.${head}`, slope] as const);
  return {
    scores: {
      saturationSlope: meanOf(trained),
      saturationSlopeInitial: meanOf(untrained),
      ...Object.fromEntries(each),
    },
    trivialScores: {},
    method,
  };
}

/** @throws {UsageError} a recipe without its part on text, a stride longer than the context, a model that sees what it is to predict */
function textRecipeOf({ text }: Recipe, { mixer }: ModelSpec): TextRecipe {
  if (text === undefined) throw new UsageError("The recipe of a language model needs `text`: context and tokeniser.");
  const { context, stride = context } = text;
  if (stride > context)
    throw new UsageError(
      `A stride of ${stride} tokens skips some between windows of ${context}; give ${context} or less.`,
    );
  if (!mixer.operator.causal)
    throw new UsageError(
      `An autoregressive model must not see the token it predicts: ${mixer.operator.op} needs a causal form.`,
    );
  return text;
}

/** An example of the train split is a window's length of text. */
function firstTokens(ids: Int32Array, examples: number | undefined, context: number): Int32Array {
  return examples === undefined ? ids : ids.subarray(0, examples * context + 1);
}

/** Data, tokens and stride: perplexities compare only where all three agree. */
function labelOf(
  data: TextData,
  { scoredOn, trainExamples }: Recipe,
  {
    tokeniser,
    plan,
    isWhole,
  }: { readonly tokeniser: Tokeniser; readonly plan: ScoringPlan; readonly isWhole: boolean },
): string {
  return [
    data.label,
    `${tokeniser.id} (${tokeniser.vocabulary} tokens)`,
    `context ${plan.context}, stride ${plan.stride}`,
    ...(trainExamples === undefined ? [] : [`first ${trainExamples} windows to train`]),
    ...(isWhole ? [] : [`first ${plan.windows} windows scored`]),
    ...(scoredOn === "validation" ? ["scored on validation text"] : []),
  ].join(", ");
}

/** Characters and bytes are only what they were where the tokeniser gives the text back. */
function extentOf(
  answers: Int32Array,
  { id, decode }: Tokeniser,
  { wordLevel, entropyNatsPerCharacter }: TextData,
): TextExtent {
  const text = decode(answers);
  const words = wordLevel === true ? { words: id === "word" ? answers.length : countOf(wordsOf(text)) } : {};
  if (id === "word") return { tokens: answers.length, ...words };
  return {
    tokens: answers.length,
    characters: countOf(text),
    bytes: utf8(text).length,
    ...words,
    entropyNatsPerCharacter,
  };
}

function countOf(items: Iterable<unknown>): number {
  const iterator = items[Symbol.iterator]();
  let count = 0;
  while (iterator.next().done !== true) count++;
  return count;
}

function idsTensor(ids: Int32Array, count: number): tf.Tensor2D {
  return tf.tensor2d(ids, [count, ids.length / count], "int32");
}

async function evaluate(
  model: LanguageModel,
  { context, windows }: ScoringPlan,
  batchAt: (first: number, count: number) => WindowBatch,
  extent: TextExtent,
): Promise<Evaluation> {
  const scores = new NextTokenScores(context);
  const size = Math.max(1, Math.floor(EVALUATION_TOKENS / context));
  for (let first = 0; first < windows; first += size) {
    const { inputs, targets, count } = batchAt(first, Math.min(size, windows - first));
    const nats = () => positionNats(model.forward(idsTensor(inputs, count)), idsTensor(targets, count));
    scores.add(await valuesOf(nats), targets);
  }
  return { scores: scores.totals(extent), itemScores: scores.windows };
}
