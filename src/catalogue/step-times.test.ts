import { expect, test } from "vitest";
import { trainingCase } from "./training-case.ts";
import { withEqualSeconds, type StepTime } from "./step-times.ts";

const context = { scale: "small", engine: "tensorflow", datasets: ["mnist"] } as const;
const recipe = {
  steps: 600,
  batch: 64,
  learningRate: 1e-3,
  warmupSteps: 60,
  schedule: "cosine",
  weightDecay: 0,
} as const;
const caseOf = (model: string, dataset = "mnist") =>
  trainingCase(context, { suite: "s", task: "image-classification", dataset, size: "mini", recipe, seed: 3, model });

const time = (contender: string, seconds: number): StepTime => ({
  task: "image-classification",
  dataset: "mnist",
  scale: "small",
  engine: "tensorflow",
  contender,
  seconds,
});
const TIMES = [time("lightnet", 0.03), time("hgrn2-2scan", 0.04), time("gla-2scan", 0.04)];

test("a slower rival is trained for fewer steps, on a schedule of its own, and says as whom", () => {
  const [, , , extra, ...rest] = withEqualSeconds(
    ["lightnet", "hgrn2-2scan", "gla-2scan"].map((id) => caseOf(id)),
    TIMES,
  );
  expect(rest).toEqual([]);
  expect(extra).toEqual({
    ...caseOf("hgrn2-2scan"),
    recipe: { ...recipe, steps: 450, warmupSteps: 45 },
    equalSeconds: { as: "lightnet", stepRatio: 0.75 },
  });
});

test("times of one data set serve those whose sweep it makes, and no other engine", () => {
  expect(withEqualSeconds([caseOf("hgrn2-2scan", "cluttered-mnist")], TIMES)).toHaveLength(2);
  expect(withEqualSeconds([{ ...caseOf("hgrn2-2scan"), engine: "wasm" }], TIMES)).toHaveLength(1);
});

test("without timings there is nothing more", () => {
  expect(withEqualSeconds([caseOf("hgrn2-2scan")], [])).toEqual([caseOf("hgrn2-2scan")]);
});
