import { expect, test } from "vitest";
import { type Comparison, engineTable, ratioOf, targetTable, verdict } from "./engine-table.ts";

const row: Comparison = {
  work: "training step",
  flops: 1,
  samples: { "tensorflow 1": [0.1, 0.2, 0.1, 0.2], wasm: [0.2, 0.4, 0.2, 0.4], "torch 1": [null, 0.1, null, 0.1] },
  missing: {},
};

test("ratios pair the rounds in which both were there", () => {
  expect(ratioOf(row, "tensorflow 1", "wasm")?.estimate).toBeCloseTo(0.5, 12);
  expect(ratioOf(row, "tensorflow 1", "torch 1")?.estimate).toBeCloseTo(2, 12);
  expect(ratioOf(row, "tensorflow 1", "torch 2")).toBeUndefined();
});

test("a target is met or missed by its whole interval", () => {
  const ratio = { estimate: 1, low: 0.9, high: 1.1, confidence: 0.95, n: 1, method: "" };
  expect([1.2, 1.0, 0.8].map((most) => verdict(ratio, most))).toEqual(["met", "open", "missed"]);
  expect(verdict(undefined, 1)).toBe("not measured");
});

test("tables name the threads and show a dash where a contender was not there", () => {
  const line = engineTable([row], "tensorflow", [1, 2]).split("\n")[2];
  expect(line).toMatch(
    /^\| training step \| 150 ms \| – \| 300 ms \| 0\.50*( \[.*\])? \| – \| 2(\.0*)?( \[.*\])? \| – \|$/,
  );
  expect(targetTable([row], "tensorflow", [1], [{ work: "training step", rival: "wasm", most: 0.7 }])).toContain(
    "| 1 | wasm | ≤ 0.7 |",
  );
});
