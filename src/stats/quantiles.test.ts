import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadScipyFixture } from "./fixtures/scipy.ts";
import { countOutliers } from "./outliers.ts";
import {
  interpolatedQuantile,
  interquartileRange,
  median,
  medianAbsoluteDeviation,
  quantile,
  relativeSpread,
} from "./quantiles.ts";
import { checkPositive, SampleError, sortSamples } from "./samples.ts";

const sample = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 });

describe("against NumPy and SciPy", () => {
  for (const { sample, probabilities, quantiles, iqr, mad } of loadScipyFixture().quantiles) {
    test(`quantiles, IQR and MAD of ${sample.length} values`, () => {
      const sorted = sortSamples(sample);
      probabilities.forEach((p, i) => expect(quantile(sorted, p)).toBeCloseTo(quantiles[i]!, 12));
      expect(interquartileRange(sorted)).toBeCloseTo(iqr, 12);
      expect(medianAbsoluteDeviation(sorted)).toBeCloseTo(mad, 12);
    });
  }
});

test("empty samples and values that are no finite numbers are refused by name and place", () => {
  expect(() => sortSamples([])).toThrow(SampleError);
  expect(() => sortSamples([1, Number.NaN])).toThrow("got NaN at index 1");
  expect(() => sortSamples([Infinity])).toThrow("got Infinity at index 0");
  expect(() => checkPositive("times", [1, 0])).toThrow("times: samples must be above zero, got 0 at index 1");
  expect(() => quantile(sortSamples([1]), 2)).toThrow(RangeError);
});

test("sorting leaves the argument in the order taken", () => {
  const taken = [3, 1, 2];
  expect([...sortSamples(taken)]).toEqual([1, 2, 3]);
  expect(taken).toEqual([3, 1, 2]);
});

test("quantiles rise with p and stay within the sample", () => {
  fc.assert(
    fc.property(
      sample,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, a, b) => {
        const sorted = sortSamples(values);
        const [lower, upper] = [quantile(sorted, Math.min(a, b)), quantile(sorted, Math.max(a, b))];
        return sorted[0]! <= lower && lower <= upper && upper <= sorted.at(-1)!;
      },
    ),
    { seed: 1 },
  );
});

test("the median does not depend on the order and moves with the sample", () => {
  fc.assert(
    fc.property(sample, (values) => {
      expect(median(values.toReversed())).toBe(median(values));
      expect(median(values.map((value) => -value))).toBeCloseTo(-median(values), 6);
    }),
    { seed: 2 },
  );
});

test("next to infinity a quantile takes the nearer value instead of NaN", () => {
  expect(interpolatedQuantile([-Infinity, 5], 0.4)).toBe(-Infinity);
  expect(interpolatedQuantile([-Infinity, 5], 0.6)).toBe(5);
  expect(interpolatedQuantile([Infinity, Infinity], 0.5)).toBe(Infinity);
});

test("relative spread is IQR over median, absent when the median is zero", () => {
  expect(relativeSpread(sortSamples([8, 9, 10, 11, 12]))).toBeCloseTo(0.2, 12);
  expect(relativeSpread(sortSamples([-1, 0, 1]))).toBeUndefined();
});

test("outliers are counted at 1.5 and 3 interquartile ranges beyond the quartiles", () => {
  const sorted = sortSamples([-11, 1, 2, 3, 4, 5, 6, 13, 4]);
  expect(quantile(sorted, 0.25)).toBe(2);
  expect(quantile(sorted, 0.75)).toBe(5);
  // quartiles 2 and 5, range 3: mild beyond −2.5 and 9.5, severe beyond −7 and 14
  expect(countOutliers(sorted)).toEqual({ lowSevere: 1, lowMild: 0, highMild: 1, highSevere: 0 });
  expect(countOutliers(sortSamples([7]))).toEqual({ lowSevere: 0, lowMild: 0, highMild: 0, highSevere: 0 });
});
