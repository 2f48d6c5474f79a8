import { expect, test } from "vitest";
import type { HistorySeries } from "#evidence/history";
import { historyHtml, worthDrawing } from "./history.ts";

const entry = (index: number) => ({
  schema: 1,
  run: `run-${index}`,
  at: "2026-01-01T00:00:00Z",
  commit: `c${index}`,
  caseId: "case",
  suite: "decode",
  contender: "lightnet",
  label: "decode <N 256>",
  quantity: "time",
  better: "lower",
  value: 1 + index,
  low: 0.9 + index,
  high: 1.1 + index,
  n: 8,
});
const series = {
  ...entry(0),
  entries: [0, 1, 2].map(entry),
  steps: [{ at: 2, change: 0.5, isWorse: true, pValue: 0.001 }],
} as unknown as HistorySeries;

test("a case is a line with a point per run, its steps marked and told in words", () => {
  const page = String(historyHtml([series]));
  expect(page.match(/<circle/g)).toHaveLength(3);
  expect(page.match(/stroke-dasharray/g)).toHaveLength(1);
  expect(page).toContain("▲ 50 % slower since c2");
  expect(page).toContain("decode &lt;N 256&gt;, time");
});

test("one run, and equal values, are drawn at finite places", () => {
  const flat = { ...series, entries: [{ ...entry(0), low: undefined, high: undefined }], steps: [] };
  expect(String(historyHtml([flat as unknown as HistorySeries]))).not.toMatch(/NaN|Infinity/);
});

test("beyond six cases the rest is folded, and those with a step come first", () => {
  const quiet = { ...series, label: "quiet", steps: [] };
  const page = String(historyHtml([...Array.from({ length: 8 }, () => quiet), series]));
  expect(page).toContain("More cases (3)");
  expect(page.indexOf("decode &lt;N 256&gt;")).toBeLessThan(page.indexOf("quiet"));
});

test("fewer than three runs make no line", () => {
  const short = { ...series, entries: series.entries.slice(0, 2) };
  expect(worthDrawing([short, series])).toEqual([series]);
});

test("a wide interval is cut, so that the others can still be told apart", () => {
  const wide = [10, 11, 10, 12].map((value, index) => ({
    ...entry(index),
    value,
    low: value - 0.2,
    high: value + 0.2,
  }));
  const last = { ...entry(4), value: 11, low: 0, high: 1000 };
  const page = String(historyHtml([{ ...series, entries: [...wide, last], steps: [] } as unknown as HistorySeries]));
  const heights = [...page.matchAll(/<circle [^>]*cy="([\d.]+)"/g)].map(([, y]) => Number(y));
  expect(Math.max(...heights) - Math.min(...heights)).toBeGreaterThan(15);
});
