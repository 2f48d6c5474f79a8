import { expect, test } from "vitest";
import { fixtureRun } from "#testing/fixture-records";
import { buildReport } from "./build.ts";
import { hasRows, type PlotSeries } from "./charts/picture.ts";
import { foundOf } from "./found.ts";
import { styleOf } from "./palette.ts";

const { manifest, records, suites } = fixtureRun({ processes: 2 });
const { data } = buildReport({ runs: [{ manifest, records }], suites });

test.each(data.suites.map((suite) => [suite.id, suite] as const))(
  "%s asks a question, and what it found has the numbers of its results",
  (_, { question, found, pictures }) => {
    expect(question).toMatch(/\?$/);
    const values = pictures.flatMap(({ series }) => series.flatMap(({ points }) => points.map(({ value }) => value)));
    const numbers = found.filter((sentence) => !sentence.startsWith("Claims that rest on this"));
    for (const sentence of numbers)
      expect(values.filter((value) => sentence.includes(value)).length).toBeGreaterThan(0);
  },
);

test("time against length names the lowest at the longest length, and the place of LightNet", () => {
  const { found } = data.suites.find(({ id }) => id === "kernel-forward")!;
  expect(found[0]).toMatch(/at tokens N \d+: .+ has .+, the lowest of \d+; .+/);
});

const point = (x: number, low: number, high: number) => ({ x, y: 0, low, high, value: `${x}`, text: `${x}` });
const row = (label: string, value: number, isSubject: boolean): PlotSeries => ({
  ...{ id: label, label, style: styleOf("additive-global"), spread: "interval", isRow: true, isSubject },
  points: [point(value, value - 1, value + 1)],
});
const template = data.suites.flatMap(({ pictures }) => pictures).find(hasRows)!;
const sentence = (...series: PlotSeries[]) =>
  foundOf([{ ...template, title: "Accuracy", better: "higher", series }], [], [])[0];

test("every row of LightNet is named with its place, the first in rank before the first drawn", () => {
  expect(sentence(row("causal", 60, true), row("rival", 80, false), row("order-free", 90, true))).toBe(
    "Accuracy: order-free has 90, the highest of 3; rival has 80 (place 2); causal has 60 (place 3).",
  );
});

test("a rival ahead is named first, and an overlap of intervals is said of the row it belongs to", () => {
  expect(sentence(row("causal", 60, true), row("rival", 91, false), row("order-free", 90, true))).toBe(
    "Accuracy: rival has 91, the highest of 3; order-free has 90 (place 2, its interval overlaps that of the first); causal has 60 (place 3).",
  );
});

test("of many rows of LightNet the best three are named and the last is told", () => {
  const own = [10, 20, 30, 40, 50].map((value) => row(`own ${value}`, value, true));
  expect(sentence(...own)).toContain("2 more of LightNet's down to 10.");
});

test("rows under headings that are places of their own are ranked within their place", () => {
  const groups = ["first task", "second task"].flatMap((group, index) =>
    [1, 5].map((value) => ({ ...row(`model ${value}`, value + 10 * index, false), group })),
  );
  const picture = { ...template, title: "Time", better: "lower" as const, series: groups, areGroupsApart: true };
  expect(foundOf([picture], [], [])).toEqual([
    "Time — first task: model 1 has 1, the lowest of 2; model 5 has 5.",
    "Time — second task: model 1 has 11, the lowest of 2; model 5 has 15.",
  ]);
});
