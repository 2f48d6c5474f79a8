import { expect, test } from "vitest";
import { caseId, caseSchema, SCALES } from "#case/case";
import { checkPossible } from "#runner/expand";
import { allSuites } from "./index.ts";

const DATASETS = ["synthetic-shapes", "mnist", "fashion-mnist"];

test.each(allSuites.flatMap((suite) => SCALES.map((scale) => [suite.id, scale, suite] as const)))(
  "%s at scale %s declares valid, possible, distinct cases",
  (_id, scale, suite) => {
    const cases = suite.cases({ scale, engine: "wasm", datasets: DATASETS, rates: "recipe" });
    expect(cases.length).toBeGreaterThan(0);
    for (const item of cases) {
      expect(caseSchema.parse(item)).toEqual(item);
      expect(item).toMatchObject({ suite: suite.id, kind: suite.kind, scale });
    }
    checkPossible(cases);
    expect(new Set(cases.map(caseId)).size).toBe(cases.length);
  },
);

test("suites have distinct names", () => {
  expect(new Set(allSuites.map(({ id }) => id)).size).toBe(allSuites.length);
});
