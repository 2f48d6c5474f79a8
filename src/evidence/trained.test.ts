import { expect, test } from "vitest";
import { fixtureRun } from "#testing/fixture-records";
import type { RunRecord } from "#store/record";
import { resultsOf } from "./result.ts";

/** The trainings of the fixture, with these scores for seeds 0, 1 and so on. */
function intervalOf(name: string, values: readonly number[]): { low?: number; high?: number } {
  const { records } = fixtureRun({ trainingSeeds: values.length });
  const changed = records.map((record): RunRecord => {
    if (record.status !== "ok" || record.training === undefined) return record;
    const scores = { [name]: values[record.case.seed % values.length]! };
    return { ...record, training: { ...record.training, scores, itemScoreSamples: [] } };
  });
  const trained = resultsOf(changed, { resamples: 50 }).find(({ training, n }) => training !== undefined && n > 1)!;
  return trained.training!.scores.get(name)!;
}

test("the interval of a share ends at 0 and 1, of a part of one too", () => {
  expect(intervalOf("accuracy", [0.997, 0.999]).high).toBe(1);
  expect(intervalOf("accuracy.items8", [0.997, 0.999]).high).toBe(1);
  expect(intervalOf("accuracy", [0.001, 0.02]).low).toBe(0);
});

test("a correlation may be below 0, a loss may not, a slope has no bound", () => {
  expect(intervalOf("matthews", [-0.1, 0.1]).low).toBeLessThan(0);
  expect(intervalOf("loss", [0.01, 0.3]).low).toBe(0);
  expect(intervalOf("saturationSlope", [0.01, 3]).low).toBeLessThan(0);
});

test("the interval of a step's time ends above zero, however far seeds lie apart", () => {
  const { records } = fixtureRun({ trainingSeeds: 2 });
  const changed = records.map((record): RunRecord => {
    if (record.status !== "ok" || record.training === undefined) return record;
    const seconds = record.case.seed === 0 ? 0.1 : 2;
    return { ...record, training: { ...record.training, stepSecondsSamples: [seconds, seconds] } };
  });
  const trained = resultsOf(changed, { resamples: 50 }).find(({ training }) => training !== undefined)!;
  const { stepSeconds, examplesPerSecond } = trained.training!;
  expect(stepSeconds!.estimate).toBeCloseTo(Math.sqrt(0.1 * 2), 6);
  expect(stepSeconds!.low).toBeGreaterThan(0);
  expect(examplesPerSecond!.high).toBeGreaterThan(examplesPerSecond!.estimate);
});
