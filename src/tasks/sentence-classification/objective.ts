// Training a judge of sentences (GLUE), from scratch or from a masked language model that the same case trains first. Scored
// with the task's official metrics, beside a bag of words that is trained on the same sentences.
//
// Pre-training is a stage of the case and no file on the command line: the record then tells the whole way from the seed,
// and a case can be run alone. It is the very case that the suite may run as masked language model; where checkpoints are
// kept it is trained once, and every task of GLUE goes on from there.

import * as tf from "#engine/tf";
import { UsageError } from "#base/errors";
import { inPart } from "#base/scopes";
import { softNats } from "#models/cross-entropy";
import { createSentenceClassifier, takeOver, type SentenceClassifier } from "./head.ts";
import { caseId, type Recipe, type TextRecipe, type TrainingCase } from "#case/case";
import { keptOf, type LabelledSentences, type SentenceData } from "#data/sets/dataset";
import { datasetOfKind } from "#data/sets/registry";
import { bagOfWords } from "./baseline.ts";
import { officialMetrics, scaleNote, sentenceScores, trivialPrediction, type MetricName } from "./scores.ts";
import { encodeSentences, gatherRows, type SequenceRows, type Sequences } from "./sequences.ts";
import { TrainingOrder } from "#data/batches";
import { specialTokens } from "../bidirectional-lm/masking.ts";
import type { Tokeniser } from "#data/text/tokeniser";
import { tokeniserOf } from "../bidirectional-lm/objective.ts";
import type { Conclusion, Evaluation, Objective, ObjectiveContext, Prepared, TrainedModel } from "#training/objective";
import { batchesOf } from "#training/evaluation";
import { regularisationOf } from "#training/regularisation";

/** One size for every contender and recipe, so that evaluation times compare. */
const EVALUATION_BATCH = 64;

export const sentenceClassification: Objective = {
  id: "sentence-classification",

  async prepare(item: TrainingCase, { engine, dataDir, trained }: ObjectiveContext): Promise<Prepared> {
    const { model, recipe, seed, dataset } = item;
    const text = textOf(recipe);
    const data = datasetOfKind(dataset, "sentences").load(dataDir);
    const { train, scored, label } = splitsOf(data, recipe);
    const before = pretrainingCase(item);
    const tokeniser =
      before === undefined
        ? tokeniserOf(allTextOf(train), text)
        : tokeniserOf(datasetOfKind(before.dataset, "text").load(dataDir).train, before.recipe.text!);
    const metrics = officialMetrics(dataset, data.classes !== undefined);
    const sequences = encodeSentences(train, tokeniser, text.context);
    const scoredSequences = encodeSentences(scored, tokeniser, text.context);
    const start = before === undefined ? undefined : await trained(before);
    const { vocabulary } = specialTokens(tokeniser.vocabulary);
    const outputs = data.classes?.length ?? 1;
    const classifier = await createSentenceClassifier(
      model,
      { tokens: text.context, vocabulary, outputs },
      { seed, engine },
    );
    if (start !== undefined) takeOver(classifier.parameters, start.weights, `case ${caseId(before!)}`);
    const order = new TrainingOrder(seed, train.labels.length);
    const judged = { labels: scored.labels, metrics, classes: data.classes?.length };
    return {
      parameters: classifier.parameters,
      dataLabel: [label, labelOfStart(tokeniser, before, start?.result.dataLabel), scaleNote(dataset, item.scale)]
        .filter((part) => part !== undefined)
        .join(", "),
      synthetic: data.synthetic,
      trainExamples: train.labels.length,
      testExamples: scored.labels.length,
      trivialScores: scoresOf(trivialPrediction(train.labels, scored.labels.length, data.classes?.length), judged),
      loss(position, count, random) {
        const rows = inPart("data", () => gatherRows(sequences, order.take(position, count)));
        const outputs = forward(classifier, rows, text.context, regularisationOf(recipe, random));
        return inPart("loss", () => lossOf(outputs, rows.labels, data.classes?.length));
      },
      evaluate: () => evaluate(classifier, scoredSequences, judged),
      simple: () =>
        Promise.resolve({ id: "bag-of-words", scores: scoresOf(bagOfWords(train, scored, judged.classes), judged) }),
      ...(start === undefined ? {} : { conclude: () => Promise.resolve(conclusionOf(start)) }),
      dispose: () => classifier.parameters.dispose(),
    };
  },
};

/** @throws {UsageError} a recipe without what this task needs, or with what it does not have */
function textOf({ text, pretraining, labelSmoothing }: Recipe): TextRecipe {
  if (text === undefined)
    throw new UsageError("Task sentence-classification needs a recipe with text (context, tokeniser).");
  if (labelSmoothing !== undefined)
    throw new UsageError("Task sentence-classification smooths no labels; leave out labelSmoothing.");
  if (pretraining?.recipe.scoredOn !== undefined)
    throw new UsageError("A stage of pre-training is trained on the whole train text; leave out its scoredOn.");
  const tokeniser = pretraining?.recipe.text;
  if (
    pretraining !== undefined &&
    (tokeniser?.tokeniser !== text.tokeniser || tokeniser.vocabulary !== text.vocabulary)
  ) {
    throw new UsageError("A stage of pre-training and the stage after it need the same tokeniser and vocabulary.");
  }
  return text;
}

/** The stage before, as the case that a suite would declare for it: field by field, so that their names agree. */
export function pretrainingCase(item: TrainingCase): TrainingCase | undefined {
  const { pretraining } = item.recipe;
  return pretraining === undefined ? undefined : { ...item, task: "bidirectional-lm", ...pretraining, mustLearn: true };
}

function allTextOf({ first, second = [] }: LabelledSentences): string {
  return [...first, ...second].join("\n");
}

interface Splits {
  readonly train: LabelledSentences;
  readonly scored: LabelledSentences;
  readonly label: string;
}

function splitsOf({ label, train, test }: SentenceData, { trainExamples, testExamples, scoredOn }: Recipe): Splits {
  const kept = between(train, 0, trainExamples);
  const part = kept.labels.length === train.labels.length ? label : `${label}, first ${kept.labels.length} to train`;
  if (scoredOn !== "validation") return { train: kept, scored: between(test, 0, testExamples), label: part };
  const cut = keptOf(kept.labels.length);
  return {
    train: between(kept, 0, cut),
    scored: between(between(kept, cut), 0, testExamples),
    label: `${part}, scored on held-out training sentences`,
  };
}

function between({ first, second, labels }: LabelledSentences, start: number, end?: number): LabelledSentences {
  return {
    first: first.slice(start, end),
    ...(second === undefined ? {} : { second: second.slice(start, end) }),
    labels: labels.slice(start, end),
  };
}

function labelOfStart(tokeniser: Tokeniser, before: TrainingCase | undefined, dataLabel: string | undefined): string {
  return before === undefined
    ? `${tokeniser.id}, from scratch`
    : `after ${before.recipe.steps} steps as masked language model of ${dataLabel}`;
}

/** [B, outputs], for rows of sequences. */
function forward(
  classifier: SentenceClassifier,
  { ids, weights, labels }: SequenceRows,
  length: number,
  regularisation?: ReturnType<typeof regularisationOf>,
): tf.Tensor2D {
  const shape: [number, number] = [labels.length, length];
  return classifier.forward(tf.tensor2d(ids, shape, "int32"), tf.tensor2d(weights, shape), regularisation);
}

/** Cross-entropy in nats; for real values half the squared error, on labels brought to about [0, 1]. */
function lossOf(outputs: tf.Tensor2D, labels: readonly number[], classes: number | undefined): tf.Scalar {
  if (classes === undefined)
    return tf.mul(
      0.5,
      tf.mean(
        tf.squaredDifference(
          tf.squeeze(outputs, [1]),
          labels.map((label) => label / VALUE_SCALE),
        ),
      ),
    );
  return softNats(outputs, tf.oneHot(tf.tensor1d([...labels], "int32"), classes));
}

/** Real values of STS-B go from 0 to 5; correlations do not see the scale. */
const VALUE_SCALE = 5;

interface Judged {
  readonly labels: Float32Array;
  readonly metrics: readonly MetricName[];
  readonly classes: number | undefined;
}

function scoresOf(predicted: ArrayLike<number>, { labels, metrics, classes }: Judged): Record<string, number> {
  return sentenceScores({ predicted, labels }, metrics, classes !== undefined);
}

async function evaluate(classifier: SentenceClassifier, sequences: Sequences, judged: Judged): Promise<Evaluation> {
  const { labels, classes } = judged;
  const predicted: number[] = [];
  let loss = 0;
  for (const numbers of batchesOf(labels.length, EVALUATION_BATCH)) {
    const rows = gatherRows(sequences, numbers);
    const [outputs, nats] = tf.tidy(() => {
      const found = forward(classifier, rows, sequences.length);
      return [found, lossOf(found, rows.labels, classes)] as const;
    }) as unknown as [tf.Tensor2D, tf.Scalar];
    const values = (await outputs.data()) as Float32Array;
    loss += (await nats.data())[0]! * numbers.length;
    tf.dispose([outputs, nats]);
    numbers.forEach((_, row) =>
      predicted.push(
        classes === undefined ? values[row]! : largest(values.subarray(row * classes, (row + 1) * classes)),
      ),
    );
  }
  const itemScores = classes === undefined ? [] : predicted.map((value, i) => (value === labels[i] ? 1 : 0));
  return { scores: { ...scoresOf(predicted, judged), loss: loss / labels.length }, itemScores };
}

/** Number of the largest value; −1 where a value is no number, or where the largest comes twice: no lucky constants. */
function largest(values: Float32Array): number {
  const top = Math.max(...values);
  const at = values.indexOf(top);
  return values.includes(top, at + 1) ? -1 : at;
}

/** The loss of the stage before is told beside the scores. */
function conclusionOf({ result }: TrainedModel): Conclusion {
  const { loss } = result.scores;
  return { scores: loss === undefined ? {} : { pretrainingLoss: loss }, trivialScores: {} };
}
