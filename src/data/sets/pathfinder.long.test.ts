import { describe, expect, test } from "vitest";
import { Random } from "#base/random";
import { drawPathfinder, pathfinder, type PathfinderImage } from "./pathfinder.ts";

const EDGE = 32;
const SAMPLE = 150;

/** Cells that can be walked to from a cell along drawn contours, diagonals included. */
function reach({ contours, discs }: PathfinderImage): Set<number> {
  const seen = new Set([discs[0]]);
  const left = [discs[0]];
  for (let cell = left.pop(); cell !== undefined; cell = left.pop()) {
    for (const step of [-EDGE - 1, -EDGE, -EDGE + 1, -1, 1, EDGE - 1, EDGE, EDGE + 1]) {
      const next = cell + step;
      if ((contours[next] ?? 0) === 0 || seen.has(next)) continue;
      seen.add(next);
      left.push(next);
    }
  }
  return seen;
}

function images(joined: boolean): PathfinderImage[] {
  const random = new Random(3);
  return Array.from({ length: SAMPLE }, () => drawPathfinder(random, joined));
}

describe("pathfinder", () => {
  const joined = images(true);
  const apart = images(false);

  test("a flood along the contours joins the discs of joined images, and of no others", () => {
    for (const image of joined) expect(reach(image).has(image.discs[1])).toBe(true);
    for (const image of apart) expect(reach(image).has(image.discs[1])).toBe(false);
  });

  test("a flood stays on one contour: contours never touch", () => {
    for (const image of [...joined, ...apart]) {
      const numbers = new Set([...reach(image)].map((cell) => image.contours[cell]));
      expect(numbers.size).toBe(1);
    }
  });

  test("both discs are drawn, and contours have gaps", () => {
    for (const { pixels, contours, discs } of [...joined, ...apart]) {
      for (const disc of discs) expect(pixels[disc]).toBe(255);
      const onContour = [...contours.keys()].filter((cell) => contours[cell] !== 0);
      const dark = onContour.filter((cell) => pixels[cell]! < 60).length / onContour.length;
      expect(dark).toBeGreaterThan(0.08);
      expect(dark).toBeLessThan(0.5);
    }
  });

  test("neither the amount of ink nor the distance of the discs gives the answer away", () => {
    const ink = ({ pixels }: PathfinderImage) => pixels.reduce((sum, value) => sum + value, 0);
    const gap = ({ discs: [a, b] }: PathfinderImage) =>
      Math.hypot((a % EDGE) - (b % EDGE), Math.floor(a / EDGE) - Math.floor(b / EDGE));
    for (const measure of [ink, gap]) {
      expect(bestThreshold(joined.map(measure), apart.map(measure))).toBeLessThan(0.65);
    }
  });

  test("the data set is balanced, and the same when drawn again", () => {
    const { train, test: held, synthetic } = pathfinder.load(undefined);
    expect(synthetic).toBe(true);
    for (const { labels, count } of [train, held])
      expect(labels.filter((label) => label === 1)).toHaveLength(count / 2);
    const again = new Random(20240526).fork("test");
    const redrawn = Array.from({ length: 20 }, (_, item) => drawPathfinder(again, item % 2 === 1));
    redrawn.forEach(({ pixels }, item) =>
      expect(Buffer.compare(pixels, held.pixels.subarray(item * 1024, (item + 1) * 1024))).toBe(0),
    );
  });
});

/** Accuracy of the best rule "above a threshold" or "below it". */
function bestThreshold(one: readonly number[], other: readonly number[]): number {
  const both = [...one, ...other];
  return Math.max(
    ...both.map((threshold) => {
      const right =
        one.filter((value) => value >= threshold).length + other.filter((value) => value < threshold).length;
      return Math.max(right, both.length - right) / both.length;
    }),
  );
}
