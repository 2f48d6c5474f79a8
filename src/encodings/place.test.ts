import { expect, test } from "vitest";
import { Random } from "#base/random";
import { sinusoidalTable } from "./absolute.ts";
import { axisOf, coordinates, thetaIndex, tokensOf } from "./place.ts";
import { anglesPerAxis, standardFrequencies } from "#weights/angle-forms";
import { encodings } from "./registry.ts";

const image = { grid: [2, 3], prefix: 1, offset: 10 };

test("coordinates: row-major, the offset added, prefix tokens at 0", () => {
  expect(tokensOf(image)).toBe(7);
  expect([...coordinates(image, 0)]).toEqual([0, 10, 10, 10, 11, 11, 11]);
  expect([...coordinates(image, 1)]).toEqual([0, 10, 11, 12, 10, 11, 12]);
});

test("angles: each axis owns ⌈width/m⌉, the last the rest; frequencies shared or of its own", () => {
  const layout = { heads: 1, width: 5, place: image };
  expect(anglesPerAxis(5, 2)).toBe(3);
  expect([0, 1, 2, 3, 4].map((index) => axisOf(index, layout))).toEqual([0, 0, 0, 1, 1]);
  expect([0, 1, 2, 3, 4].map((index) => thetaIndex(index, 3, layout))).toEqual([0, 1, 2, 0, 1]);
  expect([0, 1, 2, 3, 4].map((index) => thetaIndex(index, 5, layout))).toEqual([0, 1, 2, 3, 4]);
  expect(() => thetaIndex(0, 4, layout)).toThrow(/theta/);
});

test("standardFrequencies: base^(−2i/D), the same in each head", () => {
  expect([...standardFrequencies(2, 2, { D: 4, base: 100 })]).toEqual([1, 0.1, 1, 0.1]);
});

test("sinusoidalTable: sines then cosines; the prefix stands at 0", () => {
  const table = sinusoidalTable({ C: 4, place: { grid: [2], prefix: 1 } });
  const close = [0, 0, 1, 1, 0, 0, 1, 1, Math.sin(1), Math.sin(0.01), Math.cos(1), Math.cos(0.01)];
  close.forEach((value, i) => expect(table[i]).toBeCloseTo(value, 6));
});

test("learned: small normal entries, the same for the same stream", async () => {
  const { absolute, trained } = await encodings.get("learned").load();
  const table = () => absolute!({ C: 8, place: { grid: [16] } }, new Random(3));
  expect(trained).toBe(true);
  expect(table()).toEqual(table());
  expect(Math.max(...table().map(Math.abs))).toBeLessThan(0.02 * 5);
});

test("registry: widths that do not go round are named", () => {
  expect(encodings.get("rope").impossible(7, [16])).toMatch(/even/);
  expect(encodings.get("md-lrpe").impossible(4, [4, 4, 4])).toMatch(/axes/);
  expect(encodings.get("md-lrpe").impossible(6, [4, 4, 4])).toBeUndefined();
});
