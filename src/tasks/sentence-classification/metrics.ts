// The official metrics of GLUE, in float64. Where a quotient is 0/0, a constant prediction for one, the metric is 0: such a
// predictor knows nothing, and scikit-learn and GLUE's own code agree for Matthews and F1.

/** Hits and misses of two classes, class 1 the positive one. */
interface Confusion {
  readonly truePositive: number;
  readonly trueNegative: number;
  readonly falsePositive: number;
  readonly falseNegative: number;
}

function confusionOf(predicted: ArrayLike<number>, labels: ArrayLike<number>): Confusion {
  const cells = [0, 0, 0, 0];
  for (let i = 0; i < labels.length; i++) cells[2 * (labels[i] === 1 ? 1 : 0) + (predicted[i] === 1 ? 1 : 0)]!++;
  const [trueNegative, falsePositive, falseNegative, truePositive] = cells as [number, number, number, number];
  return { truePositive, trueNegative, falsePositive, falseNegative };
}

const quotient = (above: number, below: number): number => (below === 0 ? 0 : above / below);

/** Share of equal class numbers, in [0, 1]. */
export function accuracy(predicted: ArrayLike<number>, labels: ArrayLike<number>): number {
  let hits = 0;
  for (let i = 0; i < labels.length; i++) if (predicted[i] === labels[i]) hits++;
  return quotient(hits, labels.length);
}

/**
 * Matthews correlation of two classes, in [−1, 1]: (TP·TN − FP·FN) / √((TP+FP)(TP+FN)(TN+FP)(TN+FN)).
 *
 * @source B. W. Matthews, Biochimica et Biophysica Acta 405 (1975)
 */
export function matthews(predicted: ArrayLike<number>, labels: ArrayLike<number>): number {
  const { truePositive: tp, trueNegative: tn, falsePositive: fp, falseNegative: fn } = confusionOf(predicted, labels);
  return quotient(tp * tn - fp * fn, Math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)));
}

/** F1 of class 1, in [0, 1]: 2TP / (2TP + FP + FN). */
export function f1(predicted: ArrayLike<number>, labels: ArrayLike<number>): number {
  const { truePositive, falsePositive, falseNegative } = confusionOf(predicted, labels);
  return quotient(2 * truePositive, 2 * truePositive + falsePositive + falseNegative);
}

/** Pearson's correlation, in [−1, 1]; 0 where one side is constant. */
export function pearson(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const n = x.length;
  if (isConstant(x) || isConstant(y)) return 0;
  const [meanX, meanY] = [mean(x), mean(y)];
  let [xx, yy, xy] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [dx, dy] = [x[i]! - meanX, y[i]! - meanY];
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  return quotient(xy, Math.sqrt(xx) * Math.sqrt(yy));
}

/** Spearman's rank correlation, in [−1, 1]: Pearson's of the ranks, ties taking their mean rank. */
export function spearman(x: ArrayLike<number>, y: ArrayLike<number>): number {
  return pearson(ranks(x), ranks(y));
}

/** Ranks from 1, equal values sharing the mean of theirs. */
export function ranks(values: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const found = new Float64Array(values.length);
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let i = start; i < end; i++) found[order[i]!] = (start + 1 + end) / 2;
    start = end;
  }
  return found;
}

function isConstant(values: ArrayLike<number>): boolean {
  for (let i = 1; i < values.length; i++) if (values[i] !== values[0]) return false;
  return true;
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}
