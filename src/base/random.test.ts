import { expect, test } from "vitest";
import { Random } from "./random.ts";

test("the same seed gives the same stream, another seed another", () => {
  const draw = (seed: number) => Array.from(new Random(seed).normals(5));
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});

test("a fork depends on seed and label, not on what was drawn before", () => {
  const used = new Random(3);
  used.uniform();
  expect(used.fork("a").uniform()).toBe(new Random(3).fork("a").uniform());
  expect(used.fork("a").uniform()).not.toBe(used.fork("b").uniform());
});

test("normals have mean 0 and variance 1", () => {
  const values = new Random(1).normals(20_000);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(values.length)); // four standard errors
  expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / values.length));
});

test("shuffling keeps the items and leaves the argument alone", () => {
  const items = [1, 2, 3, 4, 5, 6, 7, 8];
  const shuffled = new Random(2).shuffle(items);
  expect(items).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(shuffled).not.toEqual(items);
  expect([...shuffled].sort()).toEqual(items);
});
