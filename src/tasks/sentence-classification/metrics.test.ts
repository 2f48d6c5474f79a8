import { describe, expect, test } from "vitest";
import { accuracy, f1, matthews, pearson, ranks, spearman } from "./metrics.ts";

describe("two classes", () => {
  // 4 true positives, 3 true negatives, 2 false positives, 1 false negative
  const labels = [1, 1, 1, 1, 0, 0, 0, 0, 0, 1];
  const predicted = [1, 1, 1, 1, 0, 0, 0, 1, 1, 0];

  test("accuracy, F1 and Matthews by hand", () => {
    expect(accuracy(predicted, labels)).toBeCloseTo(7 / 10, 12);
    expect(f1(predicted, labels)).toBeCloseTo(8 / 11, 12);
    expect(matthews(predicted, labels)).toBeCloseTo((4 * 3 - 2 * 1) / Math.sqrt(6 * 5 * 5 * 4), 12);
  });

  test("the ends of the scale", () => {
    expect(matthews(labels, labels)).toBe(1);
    expect(
      matthews(
        labels.map((label) => 1 - label),
        labels,
      ),
    ).toBe(-1);
    expect(f1(labels, labels)).toBe(1);
  });

  test("a constant prediction is worth 0 to Matthews, and F1 depends on which constant", () => {
    expect(
      matthews(
        labels.map(() => 1),
        labels,
      ),
    ).toBe(0);
    expect(
      f1(
        labels.map(() => 0),
        labels,
      ),
    ).toBe(0);
    expect(
      f1(
        labels.map(() => 1),
        labels,
      ),
    ).toBeCloseTo(10 / 15, 12);
  });
});

describe("correlations", () => {
  // Anscombe's first set: r = 0.81642, published
  const x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
  const y = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];

  test("Pearson of Anscombe's first set, and of a line", () => {
    expect(pearson(x, y)).toBeCloseTo(0.8164205163448399, 12);
    expect(
      pearson(
        x,
        x.map((value) => 3 - 2 * value),
      ),
    ).toBeCloseTo(-1, 12);
  });

  test("Spearman without ties is 1 − 6Σd²/(n(n² − 1))", () => {
    const [rankX, rankY] = [ranks(x), ranks(y)];
    const squares = rankX.reduce((sum, rank, i) => sum + (rank - rankY[i]!) ** 2, 0);
    expect(spearman(x, y)).toBeCloseTo(1 - (6 * squares) / (11 * 120), 12);
    expect(
      spearman(
        x,
        x.map((value) => Math.exp(value)),
      ),
    ).toBeCloseTo(1, 12);
  });

  test("ties share their mean rank: by hand", () => {
    expect([...ranks([2, 1, 2, 3, 2])]).toEqual([3, 1, 3, 5, 3]);
    // ranks 1, 2.5, 2.5, 4 against 1, 3, 2, 4: covariance 4.5, variances 4.5 and 5
    expect(spearman([1, 2, 2, 3], [1, 3, 2, 4])).toBeCloseTo(4.5 / Math.sqrt(4.5 * 5), 12);
  });

  test("a constant side has no correlation", () => {
    expect(pearson([1, 1, 1], [1, 2, 3])).toBe(0);
    expect(spearman([1, 2, 3], [4, 4, 4])).toBe(0);
  });
});
