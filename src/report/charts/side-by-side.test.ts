import { expect, test } from "vitest";
import type { PlotSeries } from "./picture.ts";
import { sideBySide } from "./side-by-side.ts";

const LOG = { title: "N", scale: "log", min: 50, max: 1000, ticks: [] } as const;
const LINEAR = { ...LOG, scale: "linear", min: 0, max: 4 } as const;

function series(places: readonly number[], hasInterval = true): PlotSeries {
  const points = places.map((x) => ({ x, y: 1, value: "", text: "", ...(hasInterval ? { low: 0.5, high: 2 } : {}) }));
  return { id: "a", label: "a", style: {} as PlotSeries["style"], spread: "interval", points };
}

test("series share a fifth of the distance to the next place, around the place", () => {
  const { isShifted, placeOf } = sideBySide({
    kind: "line",
    x: LINEAR,
    series: [series([1, 2, 4]), series([1, 2, 4]), series([1, 2, 4])],
  });
  expect(isShifted).toBe(true);
  expect([0, 1, 2].map((index) => placeOf(index, 2))).toEqual(
    [2 - 1 / 15, 2, 2 + 1 / 15].map((x) => expect.closeTo(x, 12)),
  );
});

test("on a log axis the shift is a factor", () => {
  const { placeOf } = sideBySide({ kind: "line", x: LOG, series: [series([64, 128]), series([64, 128])] });
  expect(placeOf(1, 64) / placeOf(0, 64)).toBeCloseTo(2 ** 0.1, 12);
  expect(placeOf(1, 128) / placeOf(0, 128)).toBeCloseTo(2 ** 0.1, 12);
  expect(Math.sqrt(placeOf(0, 64) * placeOf(1, 64))).toBeCloseTo(64, 12);
});

test("one place alone stays well inside of the axis", () => {
  const { placeOf } = sideBySide({ kind: "line", x: LINEAR, series: [series([2]), series([2])] });
  expect([placeOf(0, 2), placeOf(1, 2)]).toEqual([1.95, 2.05].map((x) => expect.closeTo(x, 12)));
});

test.each([
  ["no two intervals meet", "line", [series([1, 2]), series([3, 4])]],
  ["there are no intervals", "line", [series([1, 2], false), series([1, 2], false)]],
  ["each series is a point of its own", "points", [series([1]), series([1])]],
] as const)("points stay where they are when %s", (_, kind, all) => {
  const { isShifted, placeOf } = sideBySide({ kind, x: LINEAR, series: all });
  expect(isShifted).toBe(false);
  expect(placeOf(1, 3)).toBe(3);
});
