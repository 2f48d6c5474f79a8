import { expect, test } from "vitest";
import { fairBinomialCdf, normalCdf, normalQuantile, studentCdf, studentQuantile } from "./distributions.ts";
import { loadScipyFixture } from "./fixtures/scipy.ts";

const scipy = loadScipyFixture();
const relativeError = (got: number, expected: number): number =>
  got === expected ? 0 : Math.abs(got - expected) / Math.abs(expected);

test.each(scipy.normalCdf)("Φ(%d) agrees with SciPy, far into the lower tail", (x, expected) => {
  expect(relativeError(normalCdf(x), expected)).toBeLessThan(1e-12);
});

test.each(scipy.normalQuantile)("the normal quantile of %d agrees with SciPy", (p, expected) => {
  expect(relativeError(normalQuantile(p), expected)).toBeLessThan(1e-12);
});

test.each(scipy.studentCdf)(
  "Student's distribution at %d with %d degrees of freedom agrees with SciPy",
  (t, df, expected) => {
    expect(relativeError(studentCdf(t, df), expected)).toBeLessThan(1e-11);
  },
);

test.each(scipy.studentQuantile)(
  "Student's quantile of %d with %d degrees of freedom agrees with SciPy",
  (p, df, expected) => {
    expect(relativeError(studentQuantile(p, df), expected)).toBeLessThan(1e-10);
  },
);

test.each(scipy.fairBinomialCdf)("at most %d heads in %d tosses agrees with SciPy", (k, n, expected) => {
  expect(relativeError(fairBinomialCdf(k, n), expected)).toBeLessThan(1e-11);
});

test("probabilities outside their range are refused", () => {
  expect(() => normalQuantile(1.1)).toThrow(RangeError);
  expect(() => studentQuantile(1, 3)).toThrow(RangeError);
  expect(() => studentQuantile(0.9, 0)).toThrow(RangeError);
  expect(normalQuantile(0)).toBe(-Infinity);
});
