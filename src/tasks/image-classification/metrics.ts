// Scores of a classifier on a split, item by item, and those of the trivial predictor.

/** Running scores: add batches of logits, read the totals. */
export class ClassificationScores {
  readonly #classes: number;
  readonly top1Items: number[] = [];
  #top5 = 0;
  #nats = 0;

  constructor(classes: number) {
    this.#classes = classes;
  }

  /**
   * @param logits [labels.length, classes]
   * @param labels class numbers
   */
  add(logits: Float32Array, labels: ArrayLike<number>): void {
    for (let item = 0; item < labels.length; item++) {
      const row = logits.subarray(item * this.#classes, (item + 1) * this.#classes);
      const rank = rankOf(row, labels[item]!);
      this.top1Items.push(rank === 0 ? 1 : 0);
      if (rank < 5) this.#top5++;
      this.#nats += crossEntropy(row, labels[item]!);
    }
  }

  /** `top1`, `top5` in [0, 1]; `loss` in nats an item. `top5` only where there are more than five classes. */
  totals(): Record<string, number> {
    const count = this.top1Items.length;
    const top1 = this.top1Items.reduce((sum, hit) => sum + hit, 0) / count;
    return { top1, ...(this.#classes > 5 ? { top5: this.#top5 / count } : {}), loss: this.#nats / count };
  }
}

/** How many classes come before this one. NaN comes first and equal logits count against the label: no lucky constants. */
function rankOf(logits: Float32Array, label: number): number {
  const own = logits[label]!;
  return logits.reduce((rank, logit, i) => rank + (i !== label && !(logit < own) ? 1 : 0), 0);
}

/** −log softmax(logits)[label], in float64. */
function crossEntropy(logits: Float32Array, label: number): number {
  const top = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0);
  return top + Math.log(total) - logits[label]!;
}

/**
 * Scores on the test labels of the predictor that knows the train labels' frequencies and no image. Counts start at one,
 * so that a class the train split lacks costs finitely many nats.
 */
export function trivialScores(
  trainLabels: ArrayLike<number>,
  testLabels: ArrayLike<number>,
  classes: number,
): Record<string, number> {
  const counts = new Array<number>(classes).fill(1);
  for (let i = 0; i < trainLabels.length; i++) counts[trainLabels[i]!]!++;
  const total = trainLabels.length + classes;
  const byFrequency = counts.map((_, label) => label).sort((a, b) => counts[b]! - counts[a]! || a - b);
  const rank = new Map(byFrequency.map((label, index) => [label, index]));
  let [top1, top5, loss] = [0, 0, 0];
  for (let i = 0; i < testLabels.length; i++) {
    const label = testLabels[i]!;
    if (rank.get(label)! < 1) top1++;
    if (rank.get(label)! < 5) top5++;
    loss -= Math.log(counts[label]! / total);
  }
  const n = testLabels.length;
  return { top1: top1 / n, ...(classes > 5 ? { top5: top5 / n } : {}), loss: loss / n };
}
