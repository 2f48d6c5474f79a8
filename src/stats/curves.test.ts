import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random } from "#base/random";
import { crossoverInterval } from "./crossover.ts";
import { exponentFit } from "./exponent.ts";
import { loadScipyFixture } from "./fixtures/scipy.ts";

describe("exponent", () => {
  for (const expected of loadScipyFixture().slopes) {
    test(`the slope ${expected.slope.toFixed(2)} and its interval agree with SciPy`, () => {
      const fit = exponentFit(expected.x, expected.y);
      expect(fit.estimate).toBeCloseTo(expected.slope, 10);
      expect(fit.low).toBeCloseTo(expected.low, 9);
      expect(fit.high).toBeCloseTo(expected.high, 9);
      expect(fit.factor / expected.factor).toBeCloseTo(1, 9);
      expect(fit.rSquared).toBeCloseTo(expected.rSquared, 10);
    });
  }

  test("a power law is found exactly, whatever its factor", () => {
    const exponents = fc.double({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(exponents, fc.double({ min: 1e-6, max: 1e3, noNaN: true }), (exponent, factor) => {
        const x = [4096, 256, 1024];
        const fit = exponentFit(
          x,
          x.map((n) => factor * n ** exponent),
        );
        expect(fit.estimate).toBeCloseTo(exponent, 8);
        expect(fit.lastExponent).toBeCloseTo(exponent, 8);
      }),
      { seed: 4 },
    );
  });

  test("the last pair shows where a bending curve goes", () => {
    const x = [256, 512, 1024, 2048];
    const fit = exponentFit(
      x,
      x.map((n) => 1e-3 + 1e-9 * n * n),
    );
    expect(fit.lastExponent).toBeCloseTo(Math.log2((1e-3 + 1e-9 * 2048 ** 2) / (1e-3 + 1e-9 * 1024 ** 2)), 10);
    expect(fit.lastExponent).toBeGreaterThan(fit.estimate);
  });

  test("two points have no interval, one length no slope", () => {
    expect(exponentFit([1, 2], [1, 4])).not.toHaveProperty("low");
    expect(exponentFit([1, 2], [1, 4]).estimate).toBeCloseTo(2, 12);
    expect(() => exponentFit([2, 2], [1, 4])).toThrow("two different x");
    expect(() => exponentFit([1, 2], [0, 4])).toThrow("above zero");
    expect(() => exponentFit([1, 2], [1])).toThrow("pair up");
  });
});

describe("crossover", () => {
  const lengths = [256, 512, 1024, 2048, 4096];
  /** ratio (crossing / N)^1: linear against quadratic time */
  const points = (crossing: number, random: Random, noise: number) =>
    lengths.map((length) => ({
      length,
      ratios: Array.from({ length: 8 }, () =>
        Array.from({ length: 5 }, () => (crossing / length) * Math.exp(noise * random.normal())),
      ),
    }));

  test("linear against quadratic time crosses where the formula says", () => {
    const random = new Random(1);
    const exact = crossoverInterval(points(700, random, 0), { random });
    expect(exact.kind).toBe("crosses");
    expect(exact.estimate).toBeCloseTo(700, 6);
    const noisy = crossoverInterval(points(700, random, 0.05), { random });
    expect(noisy.low).toBeLessThan(700);
    expect(noisy.high).toBeGreaterThan(700);
    expect(noisy.support).toBe(1);
  });

  test("outside the measured lengths only the side is told, never a number", () => {
    const random = new Random(2);
    const below = crossoverInterval(points(10, random, 0.01), { random });
    expect(below.kind).toBe("below");
    expect(below).not.toHaveProperty("estimate");
    expect(crossoverInterval(points(1e6, random, 0.01), { random }).kind).toBe("above");
  });

  test("an interval that reaches past the longest length is open there", () => {
    const random = new Random(3);
    const open = crossoverInterval(points(4000, random, 0.5), { random });
    expect(open).not.toHaveProperty("high");
    expect(open.low).toBeLessThan(4000);
  });

  test("a curve that dips below and rises again has not crossed for good", () => {
    const random = new Random(4);
    const ratios = [1.5, 0.8, 1.2];
    const dip = ratios.map((ratio, i) => ({ length: 2 ** (8 + i), ratios: [[ratio], [ratio]] }));
    expect(crossoverInterval(dip, { random, resamples: 50 }).kind).toBe("above");
    expect(() => crossoverInterval(dip.slice(0, 1), { random })).toThrow("two lengths");
  });
});
