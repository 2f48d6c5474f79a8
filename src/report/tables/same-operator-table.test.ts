import { expect, test } from "vitest";
import { evidenceOf } from "#evidence/evidence";
import {
  failedRecord,
  manifest,
  operatorCase,
  simulateRecords,
  simulatedSuite as suite,
} from "#testing/simulated-records";
import { sameOperatorTable } from "./same-operator-table.ts";

/** A program computes the operator of the contender that its name ends with. */
const outside = (contender: string, N: number) => ({ ...operatorCase(contender.split("/")[1]!, N), contender });
const SECONDS: Readonly<Record<string, number>> = {
  "additive-global": 1e-3,
  "softmax-full": 4e-3,
  "linear-global": 2e-3,
  "pytorch/additive-global": 5e-4,
  "pytorch/softmax-full": 8e-3,
};
const cases = Object.keys(SECONDS).map((name) => (name.includes("/") ? outside(name, 512) : operatorCase(name, 512)));
const records = [
  ...simulateRecords(cases, { seconds: (item) => SECONDS[item.contender]! }),
  failedRecord(outside("jax/softmax-full", 512), "skipped", "jax is not set up here: contender setup contenders/jax"),
];
const evidence = evidenceOf([{ manifest: manifest("simulated"), records }], { resamples: 200 });
const table = sameOperatorTable(suite, evidence.results, evidence)!;
const row = (operator: string, implementation: string) =>
  table.rows.find(
    ({ cells }) => cells["operator"]!.text.startsWith(operator) && cells["implementation"]!.text === implementation,
  )!.cells;

test("each operator's own kernel stands first, and others are divided by it", () => {
  expect(table.rows.map(({ cells }) => cells["implementation"]!.text)).toEqual([
    "ours",
    "pytorch",
    "ours",
    "pytorch",
    "jax",
  ]);
  expect(row("additive", "pytorch")["ratio"]!.value).toBeCloseTo(0.5, 1);
  expect(row("softmax", "pytorch")["ratio"]!.value).toBeCloseTo(2, 1);
  expect(row("softmax", "ours")["ratio"]!.value).toBe(1);
});

test("an operator without a program is no row; a program that is not there is a row with its reason", () => {
  expect(table.rows.some(({ cells }) => cells["operator"]!.text.startsWith("plain linear"))).toBe(false);
  expect(row("softmax", "jax")["note"]!.text).toContain("contender setup contenders/jax");
});

test("a suite without programs has no such table", () => {
  const inside = evidence.results.filter(({ contender }) => !contender.includes("/"));
  expect(sameOperatorTable(suite, inside, evidence)).toBeUndefined();
});
