// The judge without a token mixer: a linear model on word counts, trained on the very sentences the others are trained on.

import type { LabelledSentences } from "#data/sets/dataset";
import { trainLinearModel, type SparseFeatures } from "../linear-model.ts";

const EPOCHS = 5;
/** words seen less often in training share one feature */
const LEAST_COUNT = 2;

/**
 * Trains on `train` and predicts `test`: class numbers, or real values.
 *
 * Features are the words in lower case that are there, once each; of a pair: words of the first, words of the second, words
 * of both and words of one alone. Each counts as 1/√length.
 *
 * @param classes absent for real values
 */
export function bagOfWords(
  train: LabelledSentences,
  test: LabelledSentences,
  classes: number | undefined,
): Float64Array {
  const vocabulary = vocabularyOf(train);
  const features = (split: LabelledSentences) => Array.from(split.labels, (_, i) => featuresOf(split, i, vocabulary));
  const examples = features(train);
  const predict = trainLinearModel({
    count: examples.length,
    features: 4 * vocabulary.size,
    example: (item) => examples[item]!,
    labels: train.labels,
    classes,
    epochs: EPOCHS,
  });
  return Float64Array.from(features(test), (example) => {
    const values = predict(example);
    return classes === undefined ? values[0]! : values.indexOf(Math.max(...values));
  });
}

const wordsOf = (text: string): Set<string> => new Set(text.toLowerCase().split(/\s+/));

/** Numbers of the words that training saw often enough; 0 is every other word. */
function vocabularyOf({ first, second = [] }: LabelledSentences): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of [...first, ...second])
    for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const frequent = [...counts].filter(([, count]) => count >= LEAST_COUNT).map(([word]) => word);
  return new Map(["", ...frequent.sort()].map((word, number) => [word, number]));
}

function featuresOf(
  { first, second }: LabelledSentences,
  item: number,
  vocabulary: ReadonlyMap<string, number>,
): SparseFeatures {
  const numbers = (text: string) => new Set([...wordsOf(text)].map((word) => vocabulary.get(word) ?? 0));
  const a = numbers(first[item]!);
  if (second === undefined) return scaled([...a]);
  const b = numbers(second[item]!);
  const block = (index: number, words: Iterable<number>) => [...words].map((word) => index * vocabulary.size + word);
  const shared = [...a].filter((word) => b.has(word));
  const alone = [...a, ...b].filter((word) => !(a.has(word) && b.has(word)));
  return scaled([...block(0, a), ...block(1, b), ...block(2, shared), ...block(3, alone)]);
}

function scaled(places: readonly number[]): SparseFeatures {
  return { places, values: new Array<number>(places.length).fill(1 / Math.sqrt(places.length + 1)) };
}
