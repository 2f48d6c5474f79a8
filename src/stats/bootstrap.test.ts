import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random } from "#base/random";
import { drawMedian } from "./bootstrap.ts";
import { loadScipyFixture } from "./fixtures/scipy.ts";
import { orderStatisticInterval } from "./median-interval.ts";
import { median } from "./quantiles.ts";
import { sortSamples } from "./samples.ts";

test("a drawn median is the median of what was drawn", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 30 }),
      fc.integer(),
      (values, seed) => {
        const sorted = sortSamples(values);
        const counts = new Uint32Array(sorted.length);
        const random = new Random(seed);
        const drawn = Array.from(sorted, () => sorted[random.integer(sorted.length)]!);
        expect(drawMedian(sorted, new Random(seed), counts)).toBe(median(drawn));
        expect(counts.every((count) => count === 0)).toBe(true);
      },
    ),
    { seed: 3 },
  );
});

test("the resampled median of an odd sample follows its exact law", () => {
  // Efron (1982), "The Jackknife, the Bootstrap and Other Resampling Plans", §10.3: for n = 3 the smallest value
  // is the median of a resample when it is drawn at least twice: 3 (1/3)² (2/3) + (1/3)³ = 7/27.
  const sorted = sortSamples([1, 2, 3]);
  const random = new Random(11);
  const counts = new Uint32Array(3);
  const draws = 27_000;
  let smallest = 0;
  for (let i = 0; i < draws; i++) if (drawMedian(sorted, random, counts) === 1) smallest++;
  const standardError = Math.sqrt((7 / 27) * (20 / 27) * draws);
  expect(Math.abs(smallest - draws * (7 / 27))).toBeLessThan(4 * standardError);
});

describe("order statistics", () => {
  for (const { sample, low, high } of loadScipyFixture().mediansByRanks) {
    test(`the interval of ${sample.length} values is that of scipy.stats.quantile_test`, () => {
      const interval = orderStatisticInterval(sortSamples(sample));
      expect([interval.low, interval.high]).toEqual([low, high]);
      expect(interval.confidence).toBeGreaterThanOrEqual(0.95);
    });
  }

  test("below six values the whole range is given with the coverage it has", () => {
    const interval = orderStatisticInterval(sortSamples([1, 2, 3, 4, 5]));
    expect([interval.low, interval.high]).toEqual([1, 5]);
    expect(interval.confidence).toBeCloseTo(1 - 2 / 32, 12);
  });
});
