import { expect, test } from "vitest";
import { loadScipyFixture } from "./fixtures/scipy.ts";
import { proportionInterval } from "./proportion.ts";

test.each(loadScipyFixture().proportions)("$hits of $trials agrees with SciPy", ({ hits, trials, low, high }) => {
  const interval = proportionInterval(hits, trials);
  expect(interval.low).toBeCloseTo(low, 12);
  expect(interval.high).toBeCloseTo(high, 12);
});

test("none of many still leaves a doubt, and senseless counts are refused", () => {
  expect(proportionInterval(0, 400)).toMatchObject({ estimate: 0, low: 0, high: expect.closeTo(0.0095, 4) });
  expect(() => proportionInterval(0, 0)).toThrow("at least one trial");
  expect(() => proportionInterval(5, 4)).toThrow("from 0 to 4, got 5");
});
