import { expect, test } from "vitest";
import { caseId } from "./case.ts";
import { shortenedTo } from "./shortened.ts";
import { trainingCase } from "#catalogue/training-case";

const recipe = {
  steps: 200,
  batch: 4,
  learningRate: 1e-3,
  warmupSteps: 20,
  schedule: "cosine",
  weightDecay: 0,
} as const;
const item = trainingCase(
  { scale: "small", engine: "wasm", datasets: [] },
  {
    suite: "s",
    task: "image-classification",
    contender: "additive-global",
    dataset: "mnist",
    size: "nano",
    recipe,
    seed: 0,
  },
);

test("fewer steps take their share of the warm-up, and make another case without a floor", () => {
  const shorter = shortenedTo(50, item);
  expect(shorter.recipe).toEqual({ ...recipe, steps: 50, warmupSteps: 5 });
  expect(shorter.mustLearn).toBeUndefined();
  expect(caseId(shorter)).not.toBe(caseId(item));
});

test("a case that has no more steps stays what it is", () => {
  expect(shortenedTo(200, item)).toBe(item);
  expect(item.mustLearn).toBe(true);
});
