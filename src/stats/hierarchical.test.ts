import { expect, test } from "vitest";
import { Random } from "#base/random";
import { hierarchicalInterval } from "./hierarchical.ts";
test("medians of many members, drawn from their normal limit, spread as drawn members do", () => {
  const members = (n: number): number[] => Array.from({ length: n }, (_, index) => index / n);
  const width = (n: number): number => {
    const { low, high } = hierarchicalInterval([members(n)], { random: new Random(3) });
    return Math.sqrt(n) * (high! - low!);
  };
  // 501 members take the limit, 499 are drawn one by one: 1.96/√n from end to end, within the error of resampling.
  expect(width(501)).toBeCloseTo(1.96, 0);
  expect(Math.abs(width(501) - width(499))).toBeLessThan(0.15);
});
