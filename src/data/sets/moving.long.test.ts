import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { movingDigits } from "./moving-digits.ts";
import { movingShapes } from "./moving-shapes.ts";
import { DIRECTIONS, drawMoving, FRAMES, HOLD, STEP, type Motion } from "./moving.ts";

const EDGE = 16;
const object = Uint8Array.from({ length: EDGE * EDGE }, (_, i) => (i * 37) % 251);

function drawn(motion: Motion): Uint8Array {
  const volume = new Uint8Array(FRAMES * EDGE * EDGE);
  drawMoving(volume, object, motion);
  return volume;
}

const framesOf = (volume: Uint8Array) =>
  Array.from({ length: FRAMES }, (_, frame) => [...volume.subarray(frame * EDGE * EDGE, (frame + 1) * EDGE * EDGE)]);

/** Patches of HOLD×STEP×STEP, sorted: what a model without places sees. */
function bagOf(volume: Uint8Array): string[] {
  const bag: string[] = [];
  for (let frame = 0; frame < FRAMES; frame += HOLD) {
    for (let row = 0; row < EDGE; row += STEP) {
      for (let column = 0; column < EDGE; column += STEP) {
        const cells: number[] = [];
        for (let f = frame; f < frame + HOLD; f++) {
          for (let y = row; y < row + STEP; y++)
            cells.push(...volume.subarray((f * EDGE + y) * EDGE + column, (f * EDGE + y) * EDGE + column + STEP));
        }
        bag.push(cells.join());
      }
    }
  }
  return bag.sort();
}

const starts = fc.tuple(fc.integer({ min: 0, max: EDGE - 1 }), fc.integer({ min: 0, max: EDGE - 1 }));

describe("motion", () => {
  test("by hand: a single point moves four pixels to the right every second frame, around the edge", () => {
    const point = new Uint8Array(EDGE * EDGE);
    point[0] = 9;
    const volume = new Uint8Array(FRAMES * EDGE * EDGE);
    drawMoving(volume, point, { edge: EDGE, start: [3, 10], direction: DIRECTIONS.indexOf("right") });
    const places = framesOf(volume).map((frame) => frame.indexOf(9));
    expect(places).toEqual([10, 10, 14, 14, 2, 2, 6, 6].map((column) => 3 * EDGE + column));
    volume.fill(0);
    drawMoving(volume, point, { edge: EDGE, start: [0, 0], direction: DIRECTIONS.indexOf("up left") });
    expect(framesOf(volume)[2]!.indexOf(9)).toBe(12 * EDGE + 12);
  });

  test("the bag of patches is the same in every direction: without places there is nothing to tell them apart", () => {
    fc.assert(
      fc.property(starts, (start) => {
        const bags = DIRECTIONS.map((_, direction) => bagOf(drawn({ edge: EDGE, start, direction })));
        for (const bag of bags) expect(bag).toEqual(bags[0]);
      }),
      { numRuns: 8, seed: 1 },
    );
  });

  test("played backwards, a volume is the one of the opposite direction from another start", () => {
    fc.assert(
      fc.property(starts, fc.integer({ min: 0, max: 7 }), (start, direction) => {
        const forward = framesOf(drawn({ edge: EDGE, start, direction }));
        const opposite = (direction + 4) % 8;
        // where the last frame of the first stands: three moves on
        const [rows, columns] = [
          Math.round(Math.sin((direction * Math.PI) / 4)),
          Math.round(Math.cos((direction * Math.PI) / 4)),
        ];
        const end = [start[0] + 3 * STEP * rows, start[1] + 3 * STEP * columns] as const;
        expect(framesOf(drawn({ edge: EDGE, start: end, direction: opposite })).reverse()).toEqual(forward);
      }),
      { numRuns: 16, seed: 2 },
    );
  });

  test("over all starts every frame takes every place once: a single frame tells nothing", () => {
    const point = new Uint8Array(EDGE * EDGE);
    point[0] = 1;
    for (const direction of [0, 3, 6]) {
      const sum = new Array<number>(FRAMES * EDGE * EDGE).fill(0);
      for (let row = 0; row < EDGE; row++) {
        for (let column = 0; column < EDGE; column++) {
          const volume = new Uint8Array(FRAMES * EDGE * EDGE);
          drawMoving(volume, point, { edge: EDGE, start: [row, column], direction });
          volume.forEach((value, i) => (sum[i]! += value));
        }
      }
      expect(new Set(sum)).toEqual(new Set([1]));
    }
  });
});

describe("moving shapes", () => {
  const [byClass, byDirection] = movingShapes.map((dataset) => dataset.load(undefined));

  test("both labels belong to the same pixels, and are balanced and independent", () => {
    expect(byClass!.train.pixels === byDirection!.train.pixels).toBe(true);
    const pairs = new Map<string, number>();
    byClass!.train.labels.forEach((shape, item) => {
      const pair = `${shape} ${byDirection!.train.labels[item]}`;
      pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
    });
    expect(new Set(pairs.values())).toEqual(new Set([byClass!.train.count / 64]));
    expect(pairs.size).toBe(64);
  });

  test("are the same when drawn again", async () => {
    vi.resetModules();
    const again = (await import("./moving-shapes.ts")).movingShapes[0]!.load(undefined);
    expect(again.test === byClass!.test).toBe(false);
    expect(Buffer.compare(again.test.pixels, byClass!.test.pixels)).toBe(0);
  });

  test("the mean frame of a direction is that of its opposite, and the same at every place", () => {
    const { count, pixels, labels } = byDirection!.train;
    const means = DIRECTIONS.map((_, direction) => {
      const sum = new Float64Array(FRAMES * EDGE * EDGE);
      for (let item = 0; item < count; item++) {
        if (labels[item] === direction)
          pixels.subarray(item * sum.length, (item + 1) * sum.length).forEach((value, i) => (sum[i]! += value));
      }
      return sum.map((value) => value / (count / 8));
    });
    // a pixel deviates by about 60 from its mean: 512 volumes leave 2.7; six deviations of a difference are 23
    for (let direction = 0; direction < 4; direction++) {
      const gaps = means[direction]!.map((value, i) => Math.abs(value - means[direction + 4]![i]!));
      expect(Math.max(...gaps)).toBeLessThan(23);
    }
  });
});

test("moving digits need MNIST, and name its subset", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "moving-"));
  try {
    const dataset = movingDigits[1]!;
    expect(dataset.find(dataDir)).toMatchObject({ available: false });
    mkdirSync(join(dataDir, "mnist"));
    for (const [name, count] of [
      ["train-few", 16],
      ["t10k-few", 8],
    ] as const) {
      writeFileSync(join(dataDir, "mnist", `${name}-images-idx3-ubyte`), idx([count, 28, 28]));
      writeFileSync(join(dataDir, "mnist", `${name}-labels-idx1-ubyte`), idx([count]));
    }
    const { label, train, test: held, synthetic } = dataset.load(dataDir);
    expect(label).toBe("moving MNIST digits (direction), of MNIST (train few, test few)");
    expect([synthetic, train.count, held.count, train.shape]).toEqual([false, 16, 8, [8, 28, 28, 1]]);
    expect([...train.labels]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7]);
    // item 3 is filled with 3 in all of its frames
    expect(new Set(train.pixels.subarray(3 * 6272, 4 * 6272))).toEqual(new Set([3]));
    expect([...movingDigits[0]!.load(dataDir).train.labels]).toEqual(Array.from({ length: 16 }, (_, i) => i % 10));
  } finally {
    rmSync(dataDir, { recursive: true });
  }
});

/** Image i is filled with i, label i mod 10. */
function idx(dimensions: readonly number[]): Buffer {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header.writeUInt32BE(0x0800 + dimensions.length);
  dimensions.forEach((size, axis) => header.writeUInt32BE(size, 4 + 4 * axis));
  const each = dimensions.slice(1).reduce((product, extent) => product * extent, 1);
  return Buffer.concat([
    header,
    Buffer.from(Array.from({ length: dimensions[0]! * each }, (_, i) => (each === 1 ? i % 10 : Math.floor(i / each)))),
  ]);
}
