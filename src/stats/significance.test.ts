import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadScipyFixture } from "./fixtures/scipy.ts";
import { holm } from "./holm.ts";
import { nonInferiority } from "./non-inferiority.ts";
import { mannWhitney, smallestRankTestPValue } from "./rank-test.ts";

const scipy = loadScipyFixture();

describe("Mann–Whitney U", () => {
  test("permeability of the human chorioamnion (Hollander and Wolfe, example 4.1): U 35, one-sided p 0.1272", () => {
    const atTerm = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
    const early = [1.15, 0.88, 0.9, 0.74, 1.21];
    const result = mannWhitney(atTerm, early);
    expect(result.u).toBe(35);
    expect(result.pValue / 2).toBeCloseTo(0.1272, 4);
  });

  for (const { x, y, method, u, pValue } of scipy.rankTests) {
    test(`${x.length} against ${y.length} values, ${method}, agrees with SciPy`, () => {
      const ours = mannWhitney(x, y);
      expect(ours.method).toBe(method === "exact" ? "exact" : "normal approximation");
      expect(ours.u).toBe(u);
      expect(Math.abs(ours.pValue - pValue)).toBeLessThan(1e-9);
    });
  }

  test("complete separation gives the smallest p-value these sizes allow", () => {
    expect(mannWhitney([1, 2, 3], [4, 5, 6]).pValue).toBeCloseTo(0.1, 12);
    expect(smallestRankTestPValue(3, 3)).toBeCloseTo(0.1, 12);
    expect(smallestRankTestPValue(8, 8)).toBeCloseTo(2 / 12870, 12);
    expect(smallestRankTestPValue(1, 1)).toBe(1);
  });

  test("p-values of large groups stay positive and exact to the last digits (23 against 48, 49 against 49)", () => {
    const below = (m: number, n: number) =>
      mannWhitney(
        Array.from({ length: m }, (_, i) => i),
        Array.from({ length: n }, (_, j) => m + j),
      ).pValue;
    for (const [m, n] of [
      [23, 48],
      [49, 49],
      [2, 49],
    ] as const) {
      expect(below(m, n) / smallestRankTestPValue(m, n)).toBeCloseTo(1, 9);
    }
  });

  test("does not depend on the order of the groups, and identical values give 1", () => {
    const values = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(values, values, (x, y) => {
        expect(mannWhitney(x, y).pValue).toBeCloseTo(mannWhitney(y, x).pValue, 10);
        expect(mannWhitney(x, y).u + mannWhitney(y, x).u).toBe(x.length * y.length);
      }),
      { seed: 1 },
    );
    expect(mannWhitney([2, 2, 2], [2, 2]).pValue).toBe(1);
  });
});

describe("Holm", () => {
  test("adjusts 0.01, 0.04, 0.03, 0.005 to 0.03, 0.06, 0.06, 0.02 (worked by hand)", () => {
    // sorted 0.005·4, 0.01·3, 0.03·2, then 0.04·1 raised to the one before
    holm([0.01, 0.04, 0.03, 0.005]).forEach((p, i) => expect(p).toBeCloseTo([0.03, 0.06, 0.06, 0.02][i]!, 12));
    expect(holm([])).toEqual([]);
    expect(() => holm([1.2])).toThrow(RangeError);
  });

  test("never lowers a p-value, keeps their order and stays within Bonferroni", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 }), (ps) => {
        const adjusted = holm(ps);
        ps.forEach((p, i) => {
          expect(adjusted[i]).toBeGreaterThanOrEqual(p);
          expect(adjusted[i]).toBeLessThanOrEqual(Math.min(1, ps.length * p) + 1e-12);
          ps.forEach((q, j) => p < q && expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j]!));
        });
      }),
      { seed: 2 },
    );
  });
});

describe("non-inferiority", () => {
  for (const { candidate, reference, margin, pValue, lowerLimit } of scipy.notWorse) {
    test(`${candidate.length} pairs with margin ${margin} agree with SciPy's t test`, () => {
      const { notWorsePValue, worsePValue, difference } = nonInferiority(candidate, reference, {
        margin,
        higherIsBetter: true,
      });
      expect(notWorsePValue).toBeCloseTo(pValue, 10);
      expect(worsePValue).toBeCloseTo(1 - pValue, 10);
      expect(difference.low).toBeCloseTo(lowerLimit, 10);
    });
  }

  test("lower scores may be the better ones, and equal ones are not worse for certain", () => {
    const [a, b] = [
      [1, 2, 3],
      [1.5, 2.5, 3.6],
    ];
    const { difference } = nonInferiority(a!, b!, { margin: 0.1, higherIsBetter: false });
    expect(difference.estimate).toBeCloseTo(1.6 / 3, 12);
    expect(nonInferiority(a!, a!, { margin: 0.1, higherIsBetter: false })).toMatchObject({
      notWorsePValue: 0,
      worsePValue: 1,
    });
  });

  test("one seed has a difference and no interval; margins and pairs are checked", () => {
    const { difference, ...tests } = nonInferiority([1], [0], { margin: 0.1, higherIsBetter: true });
    expect(difference).not.toHaveProperty("low");
    expect(tests).toEqual({ margin: 0.1 });
    expect(() => nonInferiority([1], [0], { margin: 0, higherIsBetter: true })).toThrow(RangeError);
    expect(() => nonInferiority([1], [0, 1], { margin: 1, higherIsBetter: true })).toThrow("pair up by seed");
  });
});
