// The float64 references against central differences, and against what defines them.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random } from "#base/random";
import { DIFFERENCES, largestRelativeError, toleranceOf } from "#engine/tolerance";
import { dot, finiteDifferences } from "#testing/finite-differences";
import { cosineReference, halfCosineReference, rotaryReference } from "./angles-reference.ts";
import { axisTpeReference, type AxisTpeArrays } from "./md-tpe-per-axis-reference.ts";
import type { AngleLayout } from "./place.ts";
import { toeplitzReference, type ToeplitzArrays } from "./toeplitz-reference.ts";

const random = new Random(11);
const normals = (length: number, scale = 1) => Float64Array.from(random.normals(length, scale));
const EXACT = toleranceOf("float64", "cpu").output;

const place = { grid: [2, 3], prefix: 1, offset: 2 };
const FORMS = [
  ["cosine", cosineReference, 4, 2],
  ["cosine, frequencies of each axis", cosineReference, 4, 4],
  ["half cosine", halfCosineReference, 2, 1],
  ["rotary", rotaryReference, 2, 1],
] as const;

describe.each(FORMS)("%s", (_name, reference, width, row) => {
  const layout: AngleLayout = { heads: 2, width, place };
  const x = normals(2 * 2 * 7 * 4);
  const theta = normals(2 * row);
  const cotangent = normals(reference.forward(x, theta, layout).length);
  const gradients = reference.backward({ x, theta }, layout, cotangent);

  test("gradient of x", () => {
    const expected = finiteDifferences((moved) => dot(reference.forward(moved, theta, layout), cotangent), x);
    expect(largestRelativeError(gradients.x, expected)).toBeLessThan(DIFFERENCES.gradient);
  });

  test("gradient of θ", () => {
    const expected = finiteDifferences((moved) => dot(reference.forward(x, moved, layout), cotangent), theta);
    expect(largestRelativeError(gradients.theta, expected)).toBeLessThan(DIFFERENCES.gradient);
  });
});

test.each([
  ["cosine", cosineReference, 4],
  ["half cosine", halfCosineReference, 2],
  ["rotary", rotaryReference, 2],
] as const)("%s: products depend on the distance alone", (_name, reference, width) => {
  fc.assert(
    fc.property(fc.nat(1000), fc.nat(1000), fc.nat(1000), (t, s, shift) => {
      const theta = Float64Array.of(0.7, 0.11, 0.05, 0.3).slice(0, width);
      const [q, k] = [Float64Array.of(1, -2, 0.5, 3), Float64Array.of(0.3, 1, 2, -1)];
      const at = (x: Float64Array, offset: number) =>
        reference.forward(x, theta, { heads: 1, width, place: { grid: [1], offset } });
      const product = (by: number) => dot(at(q, t + by), at(k, s + by));
      expect(product(shift)).toBeCloseTo(product(0), 9);
    }),
  );
});

test.each([
  ["cosine", cosineReference, 4, true],
  ["half cosine", halfCosineReference, 2, true],
  ["rotating", rotaryReference, 2, false],
] as const)("%s on a mirrored grid", (_name, reference, width, even) => {
  const [rows, columns] = [4, 5];
  const layout: AngleLayout = { heads: 1, width, place: { grid: [rows, columns] } };
  const theta = normals(width, 0.7);
  const [q, k] = [normals(rows * columns * 4), normals(rows * columns * 4)];
  /** the same tokens, from right to left */
  const mirrored = (x: Float64Array) =>
    x.map((_, at) => {
      const [token, d] = [Math.floor(at / 4), at % 4];
      return x[4 * (token - (token % columns) + columns - 1 - (token % columns)) + d]!;
    });
  const products = (a: Float64Array, b: Float64Array) => {
    const [x, y] = [reference.forward(a, theta, layout), reference.forward(b, theta, layout)];
    const W = x.length / (rows * columns);
    return (t: number, s: number) => dot(x.subarray(W * t, W * t + W), y.subarray(W * s, W * s + W));
  };
  const [plain, turned] = [products(q, k), products(mirrored(q), mirrored(k))];
  const place = (token: number) => token - 2 * (token % columns) + columns - 1;
  const differences = Array.from({ length: (rows * columns) ** 2 }, (_, pair) => {
    const [t, s] = [Math.floor(pair / (rows * columns)), pair % (rows * columns)];
    return Math.abs(turned(place(t), place(s)) - plain(t, s));
  });
  if (even) expect(Math.max(...differences)).toBeLessThan(1e-12);
  else expect(Math.max(...differences)).toBeGreaterThan(0.5);
});

describe("MD-TPE with an encoding for each axis", () => {
  const layout = { B: 2, C: 4, heads: 2, place: { grid: [2, 3], prefix: 1 } };
  const arrays: AxisTpeArrays = {
    x: normals(2 * 7 * 4),
    q: normals(8),
    k: normals(8),
    gain: normals(8),
    projection: normals(32),
    logDecay: normals(4, 0.3).map((value) => -Math.abs(value)),
  };
  const cotangent = normals(arrays.x.length);
  const gradients = axisTpeReference.backward(arrays, layout, cotangent);

  test.each(["x", "q", "k", "gain", "projection", "logDecay"] as const)("gradient of %s", (name) => {
    const loss = (moved: Float64Array) =>
      dot(axisTpeReference.forward({ ...arrays, [name]: moved }, layout), cotangent);
    expect(largestRelativeError(gradients[name], finiteDifferences(loss, arrays[name]))).toBeLessThan(
      DIFFERENCES.gradient,
    );
  });

  test("the size of q and k does not matter, as the norm follows", () => {
    const larger = axisTpeReference.forward({ ...arrays, q: arrays.q.map((value) => 1000 * value) }, layout);
    const large = axisTpeReference.forward({ ...arrays, q: arrays.q.map((value) => 2000 * value) }, layout);
    expect(largestRelativeError(larger, large)).toBeLessThan(1e-6);
  });
});

describe("Toeplitz", () => {
  const layout = { B: 2, grid: [2, 3], C: 4, heads: 2 };
  const arrays: ToeplitzArrays = {
    x: normals(2 * 6 * 4),
    q: normals(8),
    k: normals(8),
    logDecay: normals(4, 0.3).map((value) => -Math.abs(value)),
  };

  describe.each([false, true])("both directions: %s", (bothDirections) => {
    const all = { ...layout, bothDirections };
    const cotangent = normals(arrays.x.length);
    const gradients = toeplitzReference.backward(arrays, all, cotangent);

    test.each(["x", "q", "k", "logDecay"] as const)("gradient of %s", (name) => {
      const loss = (moved: Float64Array) =>
        dot(toeplitzReference.forward({ ...arrays, [name]: moved }, all), cotangent);
      expect(largestRelativeError(gradients[name], finiteDifferences(loss, arrays[name]))).toBeLessThan(
        DIFFERENCES.gradient,
      );
    });
  });

  test("is the sum that defines it", () => {
    const one = { B: 1, grid: [5], C: 2, heads: 1 };
    const line = {
      x: normals(10),
      q: Float64Array.of(1, 2),
      k: Float64Array.of(0.5, -1),
      logDecay: Float64Array.of(Math.log(0.6)),
    };
    const out = toeplitzReference.forward(line, one);
    const expected = out.map((_, i) => {
      const [t, c] = [Math.floor(i / 2), i % 2];
      let sum = 0;
      for (let s = 0; s <= t; s++) sum += (1 * 0.5 - 2) * 0.6 ** (t - s) * line.x[2 * s + c]!;
      return sum;
    });
    expect(largestRelativeError(out, expected)).toBeLessThan(EXACT);
  });
});
