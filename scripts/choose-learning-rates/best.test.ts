import { expect, test } from "vitest";
import { bestRates, type SweptScore } from "./best.ts";

const score = (contender: string, learningRate: number, value: number, better: "higher" | "lower"): SweptScore => ({
  task: "t",
  dataset: "d",
  scale: "small",
  contender,
  learningRate,
  score: value,
  better,
});

test("each contender has its own best rate, in the direction of the task's score", () => {
  const accuracies = [
    score("a", 1e-3, 0.5, "higher"),
    score("a", 1e-2, 0.7, "higher"),
    score("b", 1e-3, 0.9, "higher"),
    score("b", 1e-2, 0.1, "higher"),
  ];
  expect(bestRates(accuracies).map(({ contender, learningRate }) => [contender, learningRate])).toEqual([
    ["a", 1e-2],
    ["b", 1e-3],
  ]);
  expect(
    bestRates(accuracies.map((entry) => ({ ...entry, better: "lower" as const }))).map(
      ({ learningRate }) => learningRate,
    ),
  ).toEqual([1e-3, 1e-2]);
});

test("seeds count by their mean, and a rate at which one of them gave no score is not chosen", () => {
  const seeds = (learningRate: number, values: readonly number[]) =>
    values.map((value) => score("a", learningRate, value, "higher"));
  const swept = [...seeds(1e-3, [0.6, 0.6, 0.6]), ...seeds(1e-2, [0.9, 0.2, 0.3]), ...seeds(1e-1, [0.95, 0.95])];
  expect(bestRates(swept)[0]).toMatchObject({ learningRate: 1e-3, score: expect.closeTo(0.6) as number });
});

test("of equal scores the smaller rate is taken", () => {
  expect(bestRates([score("a", 1e-2, 0.5, "lower"), score("a", 1e-3, 0.5, "lower")])[0]!.learningRate).toBe(1e-3);
});
