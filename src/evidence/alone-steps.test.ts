import { expect, test } from "vitest";
import { stepSecondsOf } from "./times.ts";
import type { TrainingResult } from "#store/record";

const training = { stepSecondsSamples: [5, 6] } as unknown as TrainingResult;

test("times of steps beside other trainings are no step times of claims", () => {
  expect(stepSecondsOf(training)).toEqual([5, 6]);
  expect(stepSecondsOf({ ...training, aloneStepSecondsSamples: [3] })).toEqual([3]);
  expect(stepSecondsOf({ ...training, aloneStepSecondsSamples: [] })).toEqual([]);
});
