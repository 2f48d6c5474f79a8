import { expect, test } from "vitest";
import { axesOf } from "./axes.ts";
import type { ModelSpec } from "#case/case";
import { contenders } from "./contenders.ts";
import { modelOf, modelSizes } from "./sizes/model-sizes.ts";
import { stateBytes } from "./state-size.ts";
import { operatorTrainingCase } from "./training-case.ts";

const bytes = (contender: string, size: string, encoding: ModelSpec["mixer"]["encoding"] = "none") =>
  stateBytes(modelOf(modelSizes.get(size), { operator: contenders.get(contender).spec, encoding }));

test("states by hand: width 64", () => {
  // 2 heads of 32×32, 4 bytes each; additive: one more value a channel
  expect(bytes("linear-causal", "recall-d32")).toBe(4 * 2 * 32 * 32);
  expect(bytes("additive-causal", "recall-d32")).toBe(4 * 2 * 32 * 33);
  expect(bytes("hgrn2-2scan", "recall-d32")).toBe(2 * 4 * 2 * 32 * 32);
  expect(bytes("vector-2scan-head-split", "recall-d32")).toBe(4 * 2 * 32 * 32);
  // half the heads, twice the state
  expect(bytes("linear-causal", "recall-d64")).toBe(2 * bytes("linear-causal", "recall-d32")!);
  // cosine encodings double the keys
  expect(bytes("linear-causal", "recall-d32", "md-lrpe")).toBe(2 * bytes("linear-causal", "recall-d32")!);
  expect(bytes("linear-causal", "recall-d32", "rope")).toBe(bytes("linear-causal", "recall-d32"));
  // keys and values of 64 tokens, 64 channels each, whatever the heads
  expect(bytes("softmax-causal", "recall-d32")).toBe(4 * 2 * 64 * 64);
  expect(bytes("softmax-causal", "recall-d8")).toBe(bytes("softmax-causal", "recall-d32"));
  expect(bytes("softmax-full", "nano")).toBeUndefined();
});

test("the state's size is an axis of training cases", () => {
  const recipe = { steps: 1, batch: 1, learningRate: 1, warmupSteps: 0, schedule: "constant", weightDecay: 0 } as const;
  const item = operatorTrainingCase(
    { scale: "small", engine: "wasm", datasets: [] },
    {
      suite: "recall",
      task: "recall",
      operator: "linear-causal",
      dataset: "mqar-64",
      size: "recall-d32",
      recipe,
      seed: 0,
      encoding: "none",
    },
  );
  expect(axesOf(item)["stateBytes"]).toBe(8192);
});
