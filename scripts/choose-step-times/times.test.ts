import { expect, test } from "vitest";
import type { RunRecord } from "#store/record";
import { measuredSteps } from "./times.ts";

const record = (contender: string, stepSecondsSamples: readonly number[], suite = "step-times") =>
  ({
    status: "ok",
    load: { before: 0.1, after: 1 },
    case: {
      kind: "training",
      suite,
      contender,
      task: "recall",
      dataset: "copying",
      scale: "small",
      engine: "tensorflow",
    },
    training: { stepSecondsSamples },
  }) as unknown as RunRecord;

test("the first steps are left out, and processes are joined by their median", () => {
  const slowStart = [9, 9, 9, 9];
  const steps = measuredSteps([
    record("lightnet", [...slowStart, 0.02, 0.03, 0.04]),
    record("lightnet", [...slowStart, 0.05]),
    record("lightnet", [...slowStart, 0.03123456]),
    record("gla", slowStart),
    record("gla", [...slowStart, 1], "recall"),
  ]);
  expect(steps).toEqual([
    {
      task: "recall",
      dataset: "copying",
      scale: "small",
      engine: "tensorflow",
      contender: "lightnet",
      seconds: 0.03123,
      processes: 3,
      loads: [0.1, 0.1, 0.1],
    },
  ]);
});
