import { expect, test } from "vitest";
import { spacedTicks } from "./spaced-ticks.ts";

const ticks = [5, 10, 20, 50, 100, 200, 500].map((value) => ({ value, label: `${value} ms` }));
const axis = { ticks, min: 4, max: 800, isLog: true };

test("labels that have room stay, crowded ones go, the ends first to stay", () => {
  expect(spacedTicks(axis, { pixels: 800, isVertical: false })).toEqual(ticks);
  const few = spacedTicks(axis, { pixels: 200, isVertical: false });
  expect(few.length).toBeLessThan(ticks.length);
  expect([few[0], few.at(-1)]).toEqual([ticks[0], ticks.at(-1)]);
});

test("on an upright axis the height of a line counts, not the length of the label", () => {
  expect(spacedTicks(axis, { pixels: 200, isVertical: true })).toEqual(ticks);
  expect(spacedTicks({ ...axis, ticks: [] }, { pixels: 200, isVertical: true })).toEqual([]);
});
