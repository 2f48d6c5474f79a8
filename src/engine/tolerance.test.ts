import { describe, expect, test } from "vitest";
import { largestMagnitude, largestRelativeError, roundingGrowth, toleranceOf } from "./tolerance.ts";

describe("largestRelativeError", () => {
  test("is the largest difference over the largest expected magnitude", () => {
    expect(largestRelativeError([1, 2, 4.4], [1, 2.1, 4])).toBeCloseTo(0.1, 12);
  });

  test("equal infinities agree and do not set the scale; a wrong infinity or NaN is an infinite error", () => {
    expect(largestRelativeError([-Infinity, 1], [-Infinity, 2])).toBe(0.5);
    expect(largestRelativeError([Infinity, 1], [-Infinity, 1])).toBe(Infinity);
    expect(largestRelativeError([NaN], [0])).toBe(Infinity);
  });

  test("another length is an infinite error", () => {
    expect(largestRelativeError([], [1])).toBe(Infinity);
  });

  test("where zero is expected, any difference is infinite, unless siblings set a scale", () => {
    expect(largestRelativeError([0, 0], [0, 0])).toBe(0);
    expect(largestRelativeError([1e-9], [0])).toBe(Infinity);
    expect(largestRelativeError([1e-9], [0], 2)).toBe(5e-10);
    expect(largestRelativeError([1e-9], [1e-17], 2)).toBeCloseTo(5e-10, 15);
    expect(largestRelativeError([1.5], [1], 2)).toBe(0.5);
  });
});

test("the allowance for rounding grows as a running sum's error does: by the root of its length", () => {
  expect(roundingGrowth(1)).toBe(1);
  expect(roundingGrowth(4096)).toBe(1);
  expect(roundingGrowth(4 * 4096)).toBe(2);
});

test("largestMagnitude leaves infinities out", () => {
  expect(largestMagnitude([-3, 2, Infinity])).toBe(3);
  expect(largestMagnitude([])).toBe(0);
});

test("GPUs are allowed more than CPUs, gradients more than outputs", () => {
  const [cpu, gpu] = [toleranceOf("float32", "cpu"), toleranceOf("float32", "gpu")];
  expect(gpu.output).toBeGreaterThan(cpu.output);
  expect(cpu.gradient).toBeGreaterThan(cpu.output);
  expect(toleranceOf("float16", "gpu").output).toBeGreaterThan(2 ** -11); // half a unit in the last place
});
