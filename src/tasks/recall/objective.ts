// Training on recall: cross-entropy at the questions alone, accuracy on sequences that no step saw.

import { UsageError } from "#base/errors";
import { inPart } from "#base/scopes";
import * as tf from "#engine/tf";
import { countModel } from "#models/cost";
import { meanNats } from "#models/cross-entropy";
import { createLanguageModel, embedTokens, type LanguageModel } from "#models/language-model";
import type { Recipe, TrainingCase } from "#case/case";
import type { SequenceBatch, SequenceDataset } from "#data/sets/dataset";
import { datasetOfKind } from "#data/sets/registry";
import { RecallScores, type Question } from "./metrics.ts";
import type { Evaluation, Objective, ObjectiveContext, Prepared } from "#training/objective";
import { batchesOf, valuesOf } from "#training/evaluation";
import { regularisationOf } from "#training/regularisation";

const TEST_SEQUENCES = 512;
/** One size for every contender and recipe, so that evaluation times compare. */
const EVALUATION_BATCH = 64;
/** Sequences between the starts of two seeds: each seed trains on its own. */
const SEED_STRIDE = 2 ** 22;

export const recall: Objective = {
  id: "recall",

  async prepare(item: TrainingCase, { engine }: ObjectiveContext): Promise<Prepared> {
    const { model, recipe, seed } = item;
    const dataset = datasetOfKind(item.dataset, "sequences");
    if (model.mixer.operator.causal && !dataset.isCausal) {
      throw new UsageError(
        `Data set ${dataset.id} asks before it shows the answer, so a causal model (${item.contender}) cannot be trained on it.`,
      );
    }
    const { tokens, vocabulary, grid, chance } = dataset;
    const network = await createLanguageModel(model, { tokens, vocabulary, grid }, { seed, engine });
    const split = recipe.scoredOn === "validation" ? "validation" : "test";
    const testExamples = recipe.testExamples ?? TEST_SEQUENCES;
    return {
      parameters: network.parameters,
      dataLabel: split === "test" ? dataset.title : `${dataset.title}, scored on validation sequences`,
      synthetic: true,
      trainExamples: trainExamplesOf(recipe),
      testExamples,
      flopsPerExample: countModel(model, { kind: "text", tokens, vocabulary, grid }).flopsPerExample,
      trivialScores: { accuracy: chance, loss: -Math.log(chance) },
      // Answers are drawn anew for every sequence: counts say no more than chance.
      simple: () => Promise.resolve({ id: "chance", scores: { accuracy: chance, loss: -Math.log(chance) } }),
      loss(position, count, random) {
        const from = seed * SEED_STRIDE + (position % trainExamplesOf(recipe));
        const asked = inPart("data", () => askedOf(dataset, dataset.draw("train", from, count)));
        const logits = logitsOf(network, asked, regularisationOf(recipe, random));
        return meanNats(logits, tf.tensor2d(asked.answers, [1, asked.answers.length], "int32"), {
          smoothing: recipe.labelSmoothing,
        });
      },
      evaluate: () => evaluate(network, dataset, { split, count: testExamples }),
      dispose: () => network.parameters.dispose(),
    };
  },
};

/** Sequences drawn over the whole run, unless the recipe repeats fewer. */
function trainExamplesOf({ trainExamples, steps, batch, accumulate = 1 }: Recipe): number {
  return trainExamples ?? steps * batch * accumulate;
}

/** A batch with its questions picked out. */
interface Asked extends SequenceBatch {
  readonly count: number;
  readonly tokens: number;
  /** rows of [count · tokens] at which something is asked */
  readonly rows: Int32Array;
  readonly answers: Int32Array;
}

function askedOf({ tokens }: SequenceDataset, batch: SequenceBatch): Asked {
  const rows = Int32Array.from([...batch.targets.keys()].filter((cell) => batch.targets[cell]! >= 0));
  return { ...batch, count: batch.items.length, tokens, rows, answers: rows.map((row) => batch.targets[row]!) };
}

/** Logits of the questions alone: [1, questions, vocabulary]. */
function logitsOf(
  network: LanguageModel,
  { inputs, count, tokens, rows }: Asked,
  regularisation?: Parameters<LanguageModel["features"]>[1],
): tf.Tensor {
  const features = network.features(tf.tensor2d(inputs, [count, tokens], "int32"), regularisation); // [B, N, C]
  const C = features.shape[2];
  const questions = embedTokens(tf.reshape(features, [count * tokens, C]), tf.tensor1d(rows, "int32")); // [questions, C]
  return network.logits(tf.reshape(questions, [1, rows.length, C]));
}

interface Scored {
  readonly split: "validation" | "test";
  readonly count: number;
}

async function evaluate(
  network: LanguageModel,
  dataset: SequenceDataset,
  { split, count }: Scored,
): Promise<Evaluation> {
  const scores = new RecallScores(dataset.vocabulary);
  for (const numbers of batchesOf(count, EVALUATION_BATCH)) {
    const asked = askedOf(dataset, dataset.draw(split, numbers[0]!, numbers.length));
    scores.add(await valuesOf(() => logitsOf(network, asked)), questionsOf(asked));
  }
  return { scores: scores.totals(), itemScores: scores.items };
}

function questionsOf({ rows, answers, items, distances, tokens }: Asked): Question[] {
  return [...rows].map((row, i) => ({
    answer: answers[i]!,
    items: items[Math.floor(row / tokens)]!,
    distance: distances[row]!,
  }));
}
