import { expect, test } from "vitest";
import { fixtureRun } from "#testing/fixture-records";
import type { HistoryEntry } from "#store/history";
import { historyEntriesOf, historySeriesOf } from "./history.ts";
import { resultsOf } from "./result.ts";

const { manifest, records } = fixtureRun({ processes: 2 });
const entries = historyEntriesOf({ manifest, records }, resultsOf(records, { resamples: 50 }));

/** The same run `count` times under other names, one case's time multiplied from some run on. */
function repeated(count: number, factor: (run: number) => number): HistoryEntry[] {
  return Array.from({ length: count }, (_, run) =>
    entries.map((entry) => ({
      ...entry,
      run: `run-${run}`,
      value: entry.value * (1 + 0.004 * Math.sin(7 * run)) * (entry === entries[0] ? factor(run) : 1),
    })),
  ).flat();
}

test("a run adds a time or a score with interval and n for each case that has a result", () => {
  const quantities = new Set(entries.map(({ quantity }) => quantity));
  expect(quantities).toContain("time");
  expect(quantities.size).toBeGreaterThan(1);
  for (const { value, n, low, high } of entries) {
    expect(Number.isFinite(value)).toBe(true);
    expect(n).toBeGreaterThan(0);
    if (low !== undefined) expect(low).toBeLessThanOrEqual(high!);
  }
});

test("a time that is 15 % slower from one run on is a step there, and no other case has one", () => {
  const series = historySeriesOf(repeated(24, (run) => (run < 14 ? 1 : 1.15)));
  expect(series.length).toBe(entries.length);
  expect(series[0]!.steps).toHaveLength(1);
  expect(series[0]!.steps[0]).toMatchObject({ at: 14, isWorse: true });
  expect(series[0]!.steps[0]!.change).toBeCloseTo(0.15, 1);
  expect(series.slice(1).filter(({ steps }) => steps.length > 0)).toEqual([]);
});

test("a step below the noise band of compare is none", () => {
  const [first] = historySeriesOf(repeated(24, (run) => (run < 14 ? 1 : 1.01)));
  expect(first!.steps).toEqual([]);
});
