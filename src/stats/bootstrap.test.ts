import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random } from "#base/random";
import { bcaProbabilities, bootstrapInterval, drawMedian, jackknifeAcceleration, type Statistic } from "./bootstrap.ts";
import { loadScipyFixture } from "./fixtures/scipy.ts";
import { medianInterval, orderStatisticInterval } from "./median-interval.ts";
import { median } from "./quantiles.ts";
import { SampleError, sortSamples } from "./samples.ts";

const mean: Statistic = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const variance: Statistic = (values) => {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / values.length;
};
const STATISTICS = { mean, variance, median: (values: Float64Array) => median(values) };

// Efron and Tibshirani (1993), table 14.1: spatial test data A of 26 children.
const SPATIAL = [48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41];

describe("the worked example of Efron and Tibshirani (1993), §14.2 and §14.3", () => {
  const values = Float64Array.from(SPATIAL);

  test("variance 171.5 and acceleration 0.061", () => {
    expect(variance(values)).toBeCloseTo(171.5, 1);
    expect(jackknifeAcceleration(values, variance)).toBeCloseTo(0.061, 3);
  });

  test("the 90 % intervals are the book's within its resampling error", () => {
    const options = { random: new Random(1), confidence: 0.9, resamples: 40_000 };
    const percentile = bootstrapInterval(values, variance, { ...options, method: "percentile" });
    const bca = bootstrapInterval(values, variance, { ...options, method: "bca" });
    // Book: percentile (100.8, 233.9), BCa (115.8, 259.6), from 2000 resamples; the standard error is about 42.
    expect(Math.abs(percentile.low! - 100.8)).toBeLessThan(4);
    expect(Math.abs(percentile.high! - 233.9)).toBeLessThan(4);
    expect(Math.abs(bca.low! - 115.8)).toBeLessThan(4);
    expect(Math.abs(bca.high! - 259.6)).toBeLessThan(6);
    expect(bca.method).toBe("bootstrap, BCa");
  });
});

describe("against scipy.stats.bootstrap", () => {
  for (const { sample, statistic, method, low, high, standardError } of loadScipyFixture().bootstraps) {
    test(`${method} interval of the ${statistic} of ${sample.length} values`, () => {
      const options = { random: new Random(3), resamples: 20_000, method };
      const ours = bootstrapInterval(sample, STATISTICS[statistic], options);
      // both ends are resampled: what they may differ by is a share of the standard error
      expect(Math.abs(ours.low! - low) / standardError).toBeLessThan(0.12);
      expect(Math.abs(ours.high! - high) / standardError).toBeLessThan(0.12);
    });
  }
});

test("without bias and acceleration BCa reads the percentiles", () => {
  const distribution = Float64Array.from({ length: 1001 }, (_, i) => i);
  const [low, high] = bcaProbabilities(distribution, 500, { acceleration: 0, confidence: 0.95 })!;
  expect(low).toBeCloseTo(0.025, 12);
  expect(high).toBeCloseTo(0.975, 12);
});

test("a statistic that never varies falls back to the percentile interval of no width", () => {
  const constant = bootstrapInterval([5, 5, 5], mean, { random: new Random(1) });
  expect([constant.low, constant.estimate, constant.high]).toEqual([5, 5, 5]);
});

test("one sample has an estimate and no interval; none, or NaN, is refused", () => {
  const one = bootstrapInterval([3], mean, { random: new Random(1) });
  expect(one.estimate).toBe(3);
  expect(one).not.toHaveProperty("low");
  expect(medianInterval([3], { random: new Random(1) })).not.toHaveProperty("high");
  expect(() => medianInterval([], { random: new Random(1) })).toThrow(SampleError);
  expect(() => bootstrapInterval([1, Number.NaN], mean, { random: new Random(1) })).toThrow("NaN at index 1");
});

test("the same seed gives the same interval", () => {
  const sample = Array.from({ length: 40 }, (_, i) => Math.sin(i) + 2);
  const once = medianInterval(sample, { random: new Random(5) });
  expect(medianInterval(sample, { random: new Random(5) })).toEqual(once);
});

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

test("intervals of the median cover the truth about as often as they say", () => {
  const random = new Random(17);
  const trials = 400;
  let covered = 0;
  for (let trial = 0; trial < trials; trial++) {
    const sample = Array.from({ length: 31 }, () => Math.exp(0.5 * random.normal())); // true median 1
    const { low, high } = medianInterval(sample, { random, resamples: 400 });
    if (low! <= 1 && 1 <= high!) covered++;
  }
  expect(covered / trials).toBeGreaterThan(0.91);
});
