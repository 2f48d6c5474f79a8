import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shapeOf } from "#case/shape";
import { directionsOf, inverseOrder, mergeFactor, possibleScans, scanOrder } from "./scan-orders.ts";

const grids = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 });

describe("scanOrder", () => {
  test("two dimensions: row-major, its reverse, column-major, its reverse; the prefix first, in reverses last", () => {
    const shape = { grid: [2, 3], prefix: 1 };
    expect(scanOrder(shape, 0)).toBeUndefined();
    expect([...scanOrder(shape, 1)!]).toEqual([6, 5, 4, 3, 2, 1, 0]);
    expect([...scanOrder(shape, 2)!]).toEqual([0, 1, 4, 2, 5, 3, 6]);
    expect([...scanOrder(shape, 3)!]).toEqual([6, 3, 5, 2, 4, 1, 0]);
  });

  test("three dimensions: the named axis varies fastest, the others keep their order", () => {
    const shape = { grid: [2, 2, 2], prefix: 0 };
    expect([...scanOrder(shape, 2)!]).toEqual([0, 2, 1, 3, 4, 6, 5, 7]); // middle axis
    expect([...scanOrder(shape, 4)!]).toEqual([0, 4, 1, 5, 2, 6, 3, 7]); // first axis
  });

  test("every order visits each token once, and its inverse undoes it", () => {
    fc.assert(
      fc.property(grids, fc.integer({ min: 0, max: 3 }), (grid, prefix) => {
        const { N } = shapeOf({ grid, prefix });
        for (let index = 1; index < 2 * grid.length; index++) {
          const order = scanOrder({ grid, prefix }, index)!;
          expect([...order].sort((a, b) => a - b)).toEqual([...Array(N).keys()]);
          const inverse = inverseOrder(order);
          expect([...inverse].map((step) => order[step])).toEqual([...Array(N).keys()]);
        }
      }),
    );
  });
});

describe("directionsOf", () => {
  const shape = shapeOf({ grid: [4, 4], H: 4 });

  test("parallel runs every direction over all heads", () => {
    const directions = directionsOf({ op: "multiplicative", causal: false, decay: "vector", scans: 4 }, shape);
    expect(directions.map(({ heads, countsCurrent }) => [...heads, countsCurrent])).toEqual(
      Array(4).fill([0, 4, true]),
    );
  });

  test("head-split gives each direction its share of the heads", () => {
    const directions = directionsOf(
      { op: "multiplicative", causal: false, decay: "vector", scans: 2, layout: "head-split" },
      shape,
    );
    expect(directions.map(({ heads }) => heads)).toEqual([
      [0, 2],
      [2, 4],
    ]);
  });

  test("alternate runs the one direction of its layer", () => {
    const spec = {
      op: "multiplicative",
      causal: false,
      decay: "vector",
      scans: 4,
      layout: "alternate",
      direction: 3,
    } as const;
    expect(directionsOf(spec, shape).map(({ order }) => order)).toEqual([scanOrder(shape, 3)]);
  });

  test("the current token once: only the first direction counts it", () => {
    const spec = { op: "multiplicative", causal: false, decay: "scalar", scans: 4, currentToken: "once" } as const;
    expect(directionsOf(spec, shape).map(({ countsCurrent }) => countsCurrent)).toEqual([true, false, false, false]);
  });
});

test("possibleScans: 1, 2 and two an axis", () => {
  expect([1, 2, 3].map(possibleScans)).toEqual([
    [1, 2],
    [1, 2, 4],
    [1, 2, 6],
  ]);
});

test("mergeFactor divides parallel means only", () => {
  const spec = { op: "multiplicative", causal: false, decay: "scalar", scans: 4 } as const;
  expect(mergeFactor(spec)).toBe(1);
  expect(mergeFactor({ ...spec, merge: "mean" })).toBe(1 / 4);
});
