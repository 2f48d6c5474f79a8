import { expect, test } from "vitest";
import { evidenceOf } from "#evidence/evidence";
import { manifest, operatorCase, simulateRecords, simulatedSuite as suite } from "#testing/simulated-records";
import { segmentsTable } from "./segments-table.ts";

/** The encoding is none: what the clock read there is no part. */
const PARTS = { projections: [3e-4], "decay gate": [1e-5], encoding: [1e-9], operator: [5e-4] };
const cases = ["additive-global", "vector-2scan"].map((id) => operatorCase(id, 256, { level: "mixer" }));
const whole = simulateRecords(cases, { seconds: () => 1e-3 });
const inParts = whole.map((record) =>
  record.status === "ok" && record.case.contender === "vector-2scan"
    ? { ...record, segmentSecondsSamples: PARTS }
    : record,
);
const resultsOf = (records: typeof whole) =>
  evidenceOf([{ manifest: manifest("simulated"), records }], { resamples: 200 }).results;

test("a layer that was timed in parts has a row with each of them; a part that nobody has is no column", () => {
  const { rows, columns } = segmentsTable(suite, resultsOf(inParts))!;
  expect(rows.map(({ cells }) => cells["contender"]!.text)).toEqual(["vector decay (GLA-like), 2 scans"]);
  expect(columns.map(({ id }) => id)).toEqual([
    "contender",
    "pass",
    "dims",
    "N",
    "engine",
    "scale",
    "whole",
    "projections",
    "decay gate",
    "operator",
    "n",
  ]);
  const { cells } = rows[0]!;
  expect(cells["whole"]!.value).toBeCloseTo(1e-3, 4);
  expect(cells["operator"]!.value).toBeCloseTo(5e-4, 9);
  expect(cells["n"]!.value).toBe(3);
  for (const id of ["whole", "projections", "decay gate", "operator"]) expect(cells[id]!.text).toMatch(/ µs$/);
});

test("no table where nothing was timed in parts", () => {
  expect(segmentsTable(suite, resultsOf(whole))).toBeUndefined();
});
