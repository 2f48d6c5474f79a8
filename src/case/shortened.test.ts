import { expect, test } from "vitest";
import { caseId, type TrainingCase } from "./case.ts";
import { shortenedTo } from "./shortened.ts";

const recipe = {
  steps: 200,
  batch: 4,
  learningRate: 1e-3,
  warmupSteps: 20,
  schedule: "cosine",
  weightDecay: 0,
} as const;
const item: TrainingCase = {
  kind: "training",
  suite: "s",
  contender: "additive-global",
  engine: "wasm",
  precision: "float32",
  scale: "small",
  seed: 0,
  task: "image-classification",
  dataset: "mnist",
  model: {
    variant: "nano",
    width: 8,
    depth: 1,
    heads: 2,
    gluWidth: 8,
    mixer: { operator: { op: "additive", causal: false }, encoding: "none" },
    localMixing: "none",
  },
  recipe,
  mustLearn: true,
};

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
