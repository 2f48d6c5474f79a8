// Training a bidirectional language model: hidden tokens of text windows, asked for all at once. Scored in nats per hidden
// token of the test text, with masks that are the same for every run; beside it what counting reaches.

import { UsageError } from "#base/errors";
import { inPart } from "#base/scopes";
import * as tf from "#engine/tf";
import type { Regularisation } from "#models/backbone";
import { positionNats } from "#models/cross-entropy";
import { countModel } from "#models/cost";
import { createLanguageModel, type LanguageModel } from "#models/language-model";
import type { MaskingRule, Recipe, TextRecipe, TrainingCase } from "#case/case";
import type { TextData } from "#data/sets/dataset";
import { datasetOfKind } from "#data/sets/registry";
import { UnigramModel } from "../counts.ts";
import { NeighbourModel } from "./baseline.ts";
import { specialTokens, type MaskedWindow } from "./masking.ts";
import { checkLongEnough, scoredWindows, trainingWindow, type TextTokens } from "./windows.ts";
import { textSplits } from "#data/text/splits";
import type { Tokeniser } from "#data/text/tokeniser";
import { trainTokeniser } from "#data/text/train-tokeniser";
import type { Evaluation, Objective, ObjectiveContext, Prepared } from "#training/objective";
import { valuesOf } from "#training/evaluation";
import { regularisationOf } from "#training/regularisation";

/** One size for every contender and recipe, so that evaluation times compare. */
const EVALUATION_BATCH = 32;

export const maskedLanguageModel: Objective = {
  id: "bidirectional-lm",

  async prepare(item: TrainingCase, { engine, dataDir }: ObjectiveContext): Promise<Prepared> {
    const { model, recipe, seed } = item;
    const { text, masking } = maskingOf(recipe);
    const data = datasetOfKind(item.dataset, "text").load(dataDir);
    const { tokeniser, train, scored, label } = tokenise(data, recipe, text);
    const special = specialTokens(tokeniser.vocabulary);
    const windows = scoredWindows(scored, masking.share, { length: text.context, limit: recipe.testExamples });
    const languageModel = await createLanguageModel(
      model,
      { tokens: text.context, vocabulary: special.vocabulary },
      { seed, engine },
    );
    const counts = countedNats(train, windows, masking);
    const smoothing = recipe.labelSmoothing;
    return {
      parameters: languageModel.parameters,
      dataLabel: label,
      synthetic: data.synthetic,
      trainExamples: Math.floor(train.ids.length / text.context),
      testExamples: windows.length,
      flopsPerExample: countModel(model, { kind: "text", tokens: text.context, vocabulary: special.vocabulary })
        .flopsPerExample,
      trivialScores: scoresOf(counts.unigram, counts),
      simple: () => Promise.resolve({ id: "neighbour-counts", scores: scoresOf(counts.neighbours, counts) }),
      loss(position, count, random) {
        const batch = inPart("data", () =>
          Array.from({ length: count }, (_, i) =>
            trainingWindow(train, masking, { seed, position: position + i, length: text.context }),
          ),
        );
        const nats = hiddenNats(languageModel, batch, { smoothing, regularisation: regularisationOf(recipe, random) });
        return inPart("loss", () => tf.mean(nats));
      },
      evaluate: () => evaluate(languageModel, windows, counts),
      dispose: () => languageModel.parameters.dispose(),
    };
  },
};

/** @throws {UsageError} a recipe without what this task needs, or with what it does not have */
function maskingOf({ text, trainExamples, pretraining }: Recipe): {
  readonly text: TextRecipe;
  readonly masking: MaskingRule;
} {
  if (text?.masking === undefined)
    throw new UsageError(
      "Task bidirectional-lm needs a recipe with text (context, tokeniser) and text.masking (share, replacement).",
    );
  if (trainExamples !== undefined)
    throw new UsageError("Task bidirectional-lm draws windows from the whole train text; leave out trainExamples.");
  if (pretraining !== undefined)
    throw new UsageError("Task bidirectional-lm has no stage before it; leave out pretraining.");
  return { text, masking: text.masking };
}

/** The tokeniser that a masked language model of this text uses: learned from the train text alone. */
export function tokeniserOf(train: string, { tokeniser, vocabulary }: TextRecipe): Tokeniser {
  return trainTokeniser({ kind: tokeniser, ...(vocabulary === undefined ? {} : { vocabulary }) }, train);
}

interface Tokenised {
  readonly tokeniser: Tokeniser;
  readonly train: TextTokens;
  readonly scored: TextTokens;
  readonly label: string;
}

/** Scored on validation means the data's own validation text, or the last tenth of the train text where there is none. */
function tokenise(data: TextData, recipe: Recipe, text: TextRecipe): Tokenised {
  const splits = textSplits(data, recipe);
  const tokeniser = tokeniserOf(splits.train, text);
  const [train, scored] = (["train", "scored"] as const).map((part): TextTokens => {
    const tokens = {
      label: `${data.label}, ${part} text`,
      ids: tokeniser.encode(splits[part]),
      tokens: tokeniser.vocabulary,
    };
    checkLongEnough(tokens, text.context);
    return tokens;
  }) as [TextTokens, TextTokens];
  const where = splits.isHeldOut ? "held-out training text" : "validation";
  const scoredOn = recipe.scoredOn === "validation" ? `, scored on ${where}` : "";
  return { tokeniser, train, scored, label: `${data.label}, ${tokeniser.id}${scoredOn}` };
}

interface Counted {
  /** mean nats of the scored tokens */
  readonly unigram: number;
  readonly neighbours: number;
}

function countedNats({ ids, tokens }: TextTokens, windows: readonly MaskedWindow[], { share }: MaskingRule): Counted {
  const unigram = new UnigramModel(ids, tokens);
  const neighbours = new NeighbourModel(ids, { tokens, share });
  return {
    unigram: mean(
      windows.flatMap(({ targets }) => Array.from(targets, (target) => -Math.log(unigram.probability(target)))),
    ),
    neighbours: mean(windows.flatMap((window) => neighbours.nats(window))),
  };
}

/** `loss` in nats a hidden token, `perplexity`, and how far below the two count models that is. */
function scoresOf(loss: number, { unigram, neighbours }: Counted): Record<string, number> {
  return { loss, perplexity: Math.exp(loss), underUnigram: unigram - loss, underNeighbourCounts: neighbours - loss };
}

interface Details {
  readonly smoothing?: number | undefined;
  readonly regularisation?: Regularisation | undefined;
}

/**
 * −ln p of each hidden token: [B, k]. Logits are made for the hidden places only, k of N.
 */
export function hiddenNats(
  model: LanguageModel,
  windows: readonly MaskedWindow[],
  { smoothing, regularisation }: Details = {},
): tf.Tensor2D {
  const N = windows[0]!.inputs.length;
  const k = windows[0]!.positions.length;
  const { ids, places, targets } = inPart("data", () => ({
    ids: tf.tensor2d(joined(windows.map(({ inputs }) => inputs)), [windows.length, N], "int32"),
    places: tf.tensor1d(
      joined(windows.map(({ positions }, row) => positions.map((position) => row * N + position))),
      "int32",
    ),
    targets: tf.tensor2d(joined(windows.map((window) => window.targets)), [windows.length, k], "int32"),
  }));
  const features = model.features(ids, regularisation); // [B, N, C]
  const rows = tf.gather(tf.reshape(features, [-1, features.shape[2]]), places); // [B·k, C]
  const logits = tf.reshape(model.logits(rows), [windows.length, k, -1]);
  return positionNats(logits, targets, { smoothing });
}

function joined(parts: readonly Int32Array[]): Int32Array {
  const whole = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

async function evaluate(model: LanguageModel, windows: readonly MaskedWindow[], counts: Counted): Promise<Evaluation> {
  const nats: number[] = [];
  const perWindow: number[] = [];
  for (let start = 0; start < windows.length; start += EVALUATION_BATCH) {
    const batch = windows.slice(start, start + EVALUATION_BATCH);
    const found = [...(await valuesOf(() => hiddenNats(model, batch)))];
    const k = found.length / batch.length;
    batch.forEach((_, i) => perWindow.push(mean(found.slice(i * k, (i + 1) * k))));
    nats.push(...found);
  }
  return { scores: scoresOf(mean(nats), counts), itemScores: perWindow };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
