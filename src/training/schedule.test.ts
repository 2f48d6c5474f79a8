import { describe, expect, test } from "vitest";
import type { Recipe } from "#case/case";
import { learningRateAt } from "./schedule.ts";

const recipe = (schedule: Recipe["schedule"], warmupSteps = 4): Recipe => ({
  steps: 14,
  batch: 1,
  learningRate: 2,
  warmupSteps,
  schedule,
  weightDecay: 0,
});

describe("learning rate", () => {
  test.each(["constant", "cosine", "triangle", "inverse-sqrt"] as const)(
    "%s warms up in equal steps to its peak",
    (schedule) => {
      expect([0, 1, 2, 3].map((step) => learningRateAt(recipe(schedule), step))).toEqual([0.5, 1, 1.5, 2]);
    },
  );

  test("constant stays", () => {
    expect(learningRateAt(recipe("constant"), 13)).toBe(2);
  });

  test("cosine: peak, half way, 1 % of the peak at the last step", () => {
    expect(learningRateAt(recipe("cosine"), 4)).toBeCloseTo(2, 12);
    expect(learningRateAt(recipe("cosine", 5), 9)).toBeCloseTo(2 * (0.01 + 0.99 / 2), 12); // steps 5 to 13, middle 9
    expect(learningRateAt(recipe("cosine"), 13)).toBeCloseTo(0.02, 12);
  });

  test("cosine and triangle end at the recipe's least rate", () => {
    const withLeast = (schedule: Recipe["schedule"]) => ({ ...recipe(schedule, 5), minLearningRate: 0.4 });
    for (const schedule of ["cosine", "triangle"] as const) {
      expect(learningRateAt(withLeast(schedule), 9)).toBeCloseTo(1.2, 12);
      expect(learningRateAt(withLeast(schedule), 13)).toBeCloseTo(0.4, 12);
    }
  });

  test("triangle falls in a straight line", () => {
    expect(learningRateAt(recipe("triangle", 5), 9)).toBeCloseTo(2 * (0.01 + 0.99 / 2), 12);
    expect(learningRateAt(recipe("triangle", 5), 7)).toBeCloseTo(2 * (0.01 + 0.99 * 0.75), 12);
  });

  test("inverse square root: half the peak at four times the warm-up", () => {
    expect(learningRateAt({ ...recipe("inverse-sqrt"), steps: 100 }, 15)).toBeCloseTo(1, 12);
  });

  test("without warm-up, and for a single step, every schedule starts at the peak", () => {
    for (const schedule of ["constant", "cosine", "triangle", "inverse-sqrt"] as const) {
      expect(learningRateAt(recipe(schedule, 0), 0)).toBe(2);
      expect(learningRateAt({ ...recipe(schedule, 0), steps: 1 }, 0)).toBe(2);
    }
  });
});
