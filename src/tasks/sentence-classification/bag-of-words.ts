// The contender without a token mixer: a linear model on word counts, trained in float64 on the very sentences the others
// are trained on. Logistic regression for classes, least squares for real values. What a mixer reaches above it, it owes to
// more than single words.

import { Random } from "#base/random";
import type { LabelledSentences } from "#data/sets/dataset";

/** Plain values, the same for all data sets; chosen on no dev split. */
const EPOCHS = 5;
const RATE = 0.3;
const DECAY = 1e-6;
/** words seen less often in training share one feature */
const LEAST_COUNT = 2;

/** Numbers of the features that an example has; each counts as 1/√length. */
type Features = readonly number[];

/**
 * Trains on `train` and predicts `test`: class numbers, or real values.
 *
 * Features are the words in lower case that are there, once each; of a pair: words of the first, words of the second, words
 * of both and words of one alone. One adaptive gradient step (Duchi et al., JMLR 2011) an example.
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
  const outputs = classes ?? 1;
  const model = new LinearModel(4 * vocabulary.size + 1, outputs);
  const examples = features(train);
  const random = new Random(0).fork("bag of words");
  const centre = classes === undefined ? train.labels.reduce((sum, label) => sum + label, 0) / train.labels.length : 0;
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    for (const i of random.fork(`epoch ${epoch}`).shuffle(examples.map((_, number) => number))) {
      const values = model.outputs(examples[i]!);
      const errors =
        classes === undefined ? [values[0]! + centre - train.labels[i]!] : probabilityErrors(values, train.labels[i]!);
      model.step(examples[i]!, errors);
    }
  }
  return Float64Array.from(features(test), (example) => {
    const values = model.outputs(example);
    return classes === undefined ? values[0]! + centre : values.indexOf(Math.max(...values));
  });
}

/** softmax(values) − one-hot(label): the gradient of the cross-entropy. */
function probabilityErrors(values: readonly number[], label: number): number[] {
  const top = Math.max(...values);
  const weights = values.map((value) => Math.exp(value - top));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight, c) => weight / total - (c === label ? 1 : 0));
}

class LinearModel {
  readonly #outputs: number;
  readonly #weights: Float64Array;
  readonly #squares: Float64Array;

  constructor(features: number, outputs: number) {
    this.#outputs = outputs;
    this.#weights = new Float64Array(features * outputs);
    this.#squares = new Float64Array(features * outputs).fill(1e-8);
  }

  outputs(features: Features): number[] {
    const sums = new Array<number>(this.#outputs).fill(0);
    const scale = scaleOf(features);
    for (const feature of features)
      for (let c = 0; c < this.#outputs; c++) sums[c]! += scale * this.#weights[feature * this.#outputs + c]!;
    return sums;
  }

  step(features: Features, errors: readonly number[]): void {
    const scale = scaleOf(features);
    for (const feature of features) {
      for (let c = 0; c < this.#outputs; c++) {
        const at = feature * this.#outputs + c;
        const gradient = scale * errors[c]! + DECAY * this.#weights[at]!;
        this.#squares[at]! += gradient * gradient;
        this.#weights[at]! -= (RATE * gradient) / Math.sqrt(this.#squares[at]!);
      }
    }
  }
}

function scaleOf(features: Features): number {
  return 1 / Math.sqrt(features.length);
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
): Features {
  const numbers = (text: string) => new Set([...wordsOf(text)].map((word) => vocabulary.get(word) ?? 0));
  const bias = 4 * vocabulary.size;
  const a = numbers(first[item]!);
  if (second === undefined) return [...a, bias];
  const b = numbers(second[item]!);
  const block = (index: number, words: Iterable<number>) => [...words].map((word) => index * vocabulary.size + word);
  const shared = [...a].filter((word) => b.has(word));
  const alone = [...a, ...b].filter((word) => !(a.has(word) && b.has(word)));
  return [...block(0, a), ...block(1, b), ...block(2, shared), ...block(3, alone), bias];
}
