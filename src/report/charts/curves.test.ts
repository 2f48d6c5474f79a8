import { expect, test } from "vitest";
import { thinned } from "./curves.ts";

test("a long curve keeps its ends and evenly many points between them; a short one is whole", () => {
  const long = Array.from({ length: 1000 }, (_, index) => index);
  const points = thinned(long);
  expect(points).toHaveLength(80);
  expect([points[0], points.at(-1)]).toEqual([0, 999]);
  const gaps = points.slice(1).map((point, index) => point - points[index]!);
  expect([...new Set(gaps)].sort()).toEqual([12, 13]);
  expect(thinned(long.slice(0, 80))).toEqual(long.slice(0, 80));
});
