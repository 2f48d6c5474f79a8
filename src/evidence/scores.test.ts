import { expect, test } from "vitest";
import type { TrainingResult } from "#store/record";
import { meanOverSeeds, pairFinal } from "./scores.ts";

/** A run whose test score is read at the given seconds. */
function run(points: readonly (readonly [seconds: number, score: number])[]): TrainingResult {
  return {
    parameters: 1,
    dataLabel: "",
    synthetic: true,
    trainExamples: 1,
    testExamples: 1,
    curve: points.map(([elapsedSeconds, score], index) => ({
      step: index + 1,
      elapsedSeconds,
      values: { "test.top1": score },
    })),
    scores: { top1: points.at(-1)![1] },
    trivialScores: {},
    stepSecondsSamples: [],
    examplesPerSecond: 1,
    evaluationSeconds: 0,
  };
}

test("seeds pair up by number, and those of one side alone are left out", () => {
  const a = new Map([
    [3, run([[1, 0.3]])],
    [1, run([[1, 0.1]])],
    [9, run([[1, 0.9]])],
  ]);
  const b = new Map([
    [1, run([[1, 0.2]])],
    [3, run([[1, 0.4]])],
  ]);
  expect(pairFinal(a, b, "top1")).toEqual({ seeds: [1, 3], candidate: [0.1, 0.3], reference: [0.2, 0.4] });
  expect(pairFinal(a, b, "loss").seeds).toEqual([]);
});

test("one seed has no interval, several have one around the mean", () => {
  expect(meanOverSeeds([0.5], "x")).toMatchObject({ estimate: 0.5, n: 1 });
  expect(meanOverSeeds([0.5], "x").low).toBeUndefined();
  const { estimate, low, high } = meanOverSeeds([0.1, 0.2, 0.3], "x");
  expect(estimate).toBeCloseTo(0.2, 12);
  expect(low!).toBeLessThan(0.1);
  expect(high!).toBeGreaterThan(0.3);
});
