import { describe, expect, test } from "vitest";
import { syntheticSentences } from "#data/sets/synthetic-sentences";
import { bagOfWords } from "./baseline.ts";
import { accuracy, pearson } from "./metrics.ts";
import { officialMetrics, scaleNote, sentenceScores, trivialPrediction } from "./scores.ts";

describe("bag of words", () => {
  test("learns words, and no order: three quarters of the opinions", () => {
    const { train, test: held } = syntheticSentences.load(undefined);
    const reached = accuracy(bagOfWords(train, held, 2), held.labels);
    expect(reached).toBeGreaterThan(0.7);
    expect(reached).toBeLessThan(0.8);
  });

  test("real values: the number of shared words of a pair", () => {
    const words = ["a", "b", "c", "d", "e", "f"];
    const first = Array.from(
      { length: 256 },
      (_, i) => words.filter((_word, bit) => (i >> (bit % 6)) & 1).join(" ") || "z",
    );
    const second = first.map((_, i) => first[(i * 37 + 11) % 256]!);
    const shared = (i: number) => first[i]!.split(" ").filter((word) => second[i]!.split(" ").includes(word)).length;
    const data = { first, second, labels: Float32Array.from({ length: 256 }, (_, i) => 2 + shared(i)) };
    const predicted = bagOfWords(data, data, undefined);
    expect(pearson(predicted, data.labels)).toBeGreaterThan(0.9);
    expect(predicted.reduce((sum, value) => sum + value, 0) / 256).toBeCloseTo(
      data.labels.reduce((sum, value) => sum + value, 0) / 256,
      0,
    );
  });

  test("is the same each time", () => {
    const { train, test: held } = syntheticSentences.load(undefined);
    const few = { first: train.first.slice(0, 64), labels: train.labels.slice(0, 64) };
    expect(bagOfWords(few, held, 2)).toEqual(bagOfWords(few, held, 2));
  });
});

describe("scores", () => {
  test("the official score is the mean of the official metrics", () => {
    const judged = { predicted: [1, 1, 0, 0], labels: [1, 0, 0, 0] };
    expect(sentenceScores(judged, officialMetrics("glue-mrpc", true), true)).toEqual({
      official: (3 / 4 + 2 / 3) / 2,
      accuracy: 3 / 4,
      f1: 2 / 3,
    });
    expect(sentenceScores(judged, officialMetrics("glue-cola", true), true)).toMatchObject({
      official: 2 / Math.sqrt(2 * 1 * 3 * 2),
      accuracy: 3 / 4,
    });
    expect(Object.keys(sentenceScores(judged, officialMetrics("glue-stsb", false), false))).toEqual([
      "official",
      "pearson",
      "spearman",
    ]);
    expect(officialMetrics("another", true)).toEqual(["accuracy"]);
  });

  test("the trivial predictor names the most frequent class, or the mean", () => {
    expect([...trivialPrediction([1, 0, 1], 2, 2)]).toEqual([1, 1]);
    expect([...trivialPrediction([1, 2, 6], 1, undefined)]).toEqual([3]);
  });

  test("only SST-2 and the synthetic set are read below scale paper", () => {
    expect(scaleNote("glue-rte", "small")).toBe("not informative at this scale");
    expect([scaleNote("glue-sst2", "small"), scaleNote("glue-rte", "paper")]).toEqual([undefined, undefined]);
  });
});
