import { expect, test } from "vitest";
import { evidenceOf } from "#evidence/evidence";
import type { RunRecord } from "#store/record";
import {
  failedRecord,
  manifest,
  operatorCase,
  simulateRecords,
  simulatedSuite as suite,
} from "#testing/simulated-records";
import { growthTable } from "./growth-table.ts";

const LENGTHS = [256, 512, 1024, 2048, 4096];
/** linear and quadratic, equal at N = 1000; one far below, one far above attention */
const SECONDS: Readonly<Record<string, (N: number) => number>> = {
  "additive-global": (N) => N * 1e-6,
  "linear-global": (N) => N * 1e-9,
  "vector-2scan": (N) => N * 1e-3,
  "softmax-full": (N) => (N * N * 1e-6) / 1000,
};
const cases = LENGTHS.flatMap((N) => Object.keys(SECONDS).map((contender) => operatorCase(contender, N)));
const records = [
  ...simulateRecords(cases, { seconds: (item) => SECONDS[item.contender]!(item.shape.N) }),
  failedRecord(operatorCase("softmax-full", 8192), "oom", "needs 4.3 GB"),
];
const tableOf = (lines: readonly RunRecord[]) =>
  growthTable(suite, evidenceOf([{ manifest: manifest("simulated"), records: lines }], { resamples: 200 }));
const table = tableOf(records)!;
const cell = (contender: string, column: string) =>
  table.rows.find(({ cells }) => cells["contender"]!.text.startsWith(contender))!.cells[column]!;

test("exponents stand beside the theory, and every row names engine, precision and strategy", () => {
  expect(table.rows).toHaveLength(4);
  expect(cell("softmax", "exponent").value).toBeCloseTo(2, 1);
  expect(cell("additive", "exponent").value).toBeCloseTo(1, 1);
  expect(cell("additive", "theory").text).toBe("1.00");
  for (const { cells } of table.rows)
    expect([cells["engine"]!.text, cells["precision"]!.text, cells["strategy"]!.text]).toEqual([
      "wasm",
      "float32",
      "reference",
    ]);
});

test("the crossover has its interval; beyond the lengths measured only the side is told", () => {
  const { value, low, high, text } = cell("additive", "crossover");
  expect(low).toBeLessThan(1010);
  expect(high).toBeGreaterThan(990);
  expect(value).toBeCloseTo(1000, -2);
  expect(text).toMatch(/^\d+ \[\d+, \d+\] \(n = 3 processes\)$/);
  expect(cell("additive", "against").text).toBe("softmax attention, reference");
  expect(cell("plain linear", "crossover").text).toBe("the shortest measured, 256 (n = 3 processes)");
  expect(cell("vector", "crossover").text).toBe("none up to 4096 (n = 3 processes)");
  expect(cell("softmax", "crossover").text).toBe("—");
});

test("the first length without a result is named with its reason", () => {
  expect(cell("softmax", "stops")).toMatchObject({ text: "8192: OOM: needs 4.3 GB", value: 8192 });
  expect(cell("additive", "stops").text).toBe("—");
});

test("where nothing ran out the table says so; a suite with one length has no table", () => {
  const whole = records.filter(({ status }) => status === "ok");
  expect(tableOf(whole)!.notes.join()).toContain("No series ran out of memory");
  const one = whole.filter((record) => record.case.kind === "operator" && record.case.shape.N === 256);
  expect(tableOf(one)).toBeUndefined();
});
