import { expect, test } from "vitest";
import type { HistorySeries } from "#evidence/history";
import { historyText } from "./history-text.ts";

const series = (contender: string, N: number): HistorySeries => {
  const label = `decode · ${contender} · decode wasm · N ${N} · B 1 H 2 D 64 E 64`;
  const entries = Array.from({ length: 40 }, (_, index) => ({
    at: "2026-10-01T10:00:00.000Z",
    run: `r${index}`,
    commit: "0123456789",
    quantity: "time",
    value: 1e-5,
    low: 0.9e-5,
    high: 1.1e-5,
    n: 3,
  }));
  const steps = [{ at: 30, change: 0.3, isWorse: true, pValue: 0.001 }];
  return { suite: "decode", contender, label, quantity: "time", entries, steps } as unknown as HistorySeries;
};

test("what all cases of a suite share is said once, so that a line fits a terminal", () => {
  const text = historyText("machine", [series("additive-causal", 256), series("linear-causal", 16384)]);
  expect(text).toMatch(/\ndecode · decode wasm · B 1 H 2 D 64 E 64\n {2}additive-causal N 256 +time/);
  const [overview] = text.split("\n\ndecode · additive-causal");
  expect(Math.max(...overview!.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(100);
});

test("a single case keeps its contender", () => {
  expect(historyText("machine", [series("additive-causal", 256)])).toMatch(/\n {2}additive-causal +time/);
});
