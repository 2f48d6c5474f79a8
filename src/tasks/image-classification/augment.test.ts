import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random } from "#base/random";
import { augment, cutBox, cutMixBatch, mixBatch, softTargets, type SoftBatch } from "./augment.ts";
import { drawBox, enlarge, erase, mirror, shift } from "./augment-image.ts";
import { symmetricBeta } from "./beta.ts";

const SHAPE = [6, 8, 3] as const;
const SIZE = 6 * 8 * 3;
const CLASSES = 5;

/** Image i is filled with numbers of its own; labels 0, 1, 2, … */
function batchOf(count: number, shape: readonly number[] = SHAPE): SoftBatch {
  const size = shape.reduce((product, extent) => product * extent, 1);
  const pixels = Float32Array.from({ length: count * size }, (_, i) => Math.floor(i / size) * 1000 + (i % size));
  return {
    count,
    pixels,
    targets: softTargets(
      Int32Array.from({ length: count }, (_, i) => i % CLASSES),
      CLASSES,
      0.1,
    ),
  };
}

const rowSums = ({ count, targets }: SoftBatch) =>
  Array.from({ length: count }, (_, item) =>
    targets.subarray(item * CLASSES, (item + 1) * CLASSES).reduce((sum, value) => sum + value, 0),
  );
const image = (seed: number, shape: readonly number[] = SHAPE) => ({
  pixels: new Random(seed).normals(shape.reduce((product, extent) => product * extent, 1)),
  shape,
});

const EACH_IMAGE = {
  flip: true,
  shift: 2,
  cropArea: 0.3,
  randAugment: { operations: 2, magnitude: 9, deviation: 0.5 },
  erase: 0.5,
};
const ALL = { ...EACH_IMAGE, mixup: 0.8, cutmix: 1 };
const STATISTICS = { mean: [0.5, 0.4, 0.3], deviation: [0.2, 0.3, 0.25] };

describe("a batch", () => {
  test("has the same shape and finite values, and every row of targets sums to 1", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 6 }),
        fc.subarray(Object.keys(ALL) as (keyof typeof ALL)[]),
        (seed, count, names) => {
          const rules = Object.fromEntries(names.map((name) => [name, ALL[name]]));
          const batch = augment(batchOf(count), SHAPE, { ...rules, random: new Random(seed), statistics: STATISTICS });
          expect(batch.pixels.length).toBe(count * SIZE);
          expect(batch.pixels.every(Number.isFinite)).toBe(true);
          expect(batch.targets.every((value) => value >= 0)).toBe(true);
          for (const sum of rowSums(batch)) expect(sum).toBeCloseTo(1, 5);
        },
      ),
      { seed: 5, numRuns: 200 },
    );
  });

  test("is a function of the seed alone", () => {
    const drawn = (seed: number) =>
      augment(batchOf(4), SHAPE, { ...ALL, random: new Random(seed), statistics: STATISTICS });
    expect(drawn(7)).toEqual(drawn(7));
    expect(drawn(7)).not.toEqual(drawn(8));
  });

  test("no rule changes nothing", () => {
    expect(augment(batchOf(3), SHAPE, { random: new Random(1), statistics: STATISTICS })).toEqual(batchOf(3));
  });

  test("what happens to an image does not depend on the others", () => {
    const [small, large] = [2, 5].map((count) =>
      augment(batchOf(count), SHAPE, { ...EACH_IMAGE, random: new Random(3), statistics: STATISTICS }),
    ) as [SoftBatch, SoftBatch];
    expect(large.pixels.subarray(0, 2 * SIZE)).toEqual(small.pixels);
  });

  test("soft targets by hand", () => {
    const rows = [...softTargets(Int32Array.of(1), 4, 0.2)];
    for (const [i, value] of [0.05, 0.85, 0.05, 0.05].entries()) expect(rows[i]).toBeCloseTo(value, 6);
  });
});

describe("mixup", () => {
  test("is λ of the image and 1 − λ of its partner, in pixels and targets", () => {
    const batch = batchOf(2);
    const before = batchOf(2);
    mixBatch(batch, [1, 0], 0.25);
    expect(batch.pixels[3]).toBe(0.25 * before.pixels[3]! + 0.75 * before.pixels[SIZE + 3]!);
    expect(batch.targets[0]).toBeCloseTo(0.25 * before.targets[0]! + 0.75 * before.targets[CLASSES]!, 6);
    mixBatch(before, [0, 1], 0.4);
    expect(before.pixels[3]).toBeCloseTo(3, 5);
  });

  test("the λ of pixels and targets agree, whatever was drawn", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const { pixels, targets } = augment(
          { ...batchOf(2), targets: Float32Array.of(1, 0, 0, 0, 0, 0, 1, 0, 0, 0) },
          SHAPE,
          { mixup: 0.8, random: new Random(seed), statistics: STATISTICS },
        );
        // Pixel 0 is 0 in the first image and 1000 in the second.
        expect(pixels[0]! / 1000).toBeCloseTo(targets[1]!, 4);
        expect(targets[0]! + targets[1]!).toBeCloseTo(1, 5);
      }),
      { seed: 6, numRuns: 100 },
    );
  });
});

describe("cutmix", () => {
  test("λ of the targets is the share of own pixels", () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0, max: 1, noNaN: true }), (seed, lambda) => {
        const batch: SoftBatch = { ...batchOf(2), targets: Float32Array.of(1, 0, 0, 0, 0, 0, 1, 0, 0, 0) };
        cutMixBatch(batch, SHAPE, { partners: [1, 0], box: cutBox(SHAPE, lambda, new Random(seed)) });
        const own = batch.pixels.subarray(0, SIZE).filter((value) => value < 1000).length / SIZE;
        expect(batch.targets[0]).toBeCloseTo(own, 6);
        expect(batch.targets[1]).toBeCloseTo(1 - own, 6);
      }),
      { seed: 7, numRuns: 300 },
    );
  });

  test("a pasted pixel stands where it stood", () => {
    const batch = batchOf(2);
    cutMixBatch(batch, SHAPE, { partners: [1, 0], box: { top: 1, left: 2, height: 3, width: 4 } });
    const at = (row: number, column: number) => batch.pixels[(row * 8 + column) * 3]!;
    expect([at(1, 2), at(3, 5), at(0, 2), at(4, 2), at(1, 1), at(1, 6)]).toEqual([1030, 1087, 6, 102, 27, 42]);
  });

  test("an unclipped box has the area that λ asks for", () => {
    const areas = Array.from({ length: 400 }, (_, seed) => cutBox([64, 64, 1], 0.75, new Random(seed))).filter(
      ({ top, left, height, width }) => top > 0 && left > 0 && top + height < 64 && left + width < 64,
    );
    expect(areas.length).toBeGreaterThan(50);
    for (const { height, width } of areas) expect([height, width]).toEqual([32, 32]);
  });
});

describe("an image", () => {
  test("mirrored twice is itself; mirrored once, left is right", () => {
    const once = image(1);
    mirror(once);
    expect([...once.pixels.subarray(0, 3)]).toEqual([...image(1).pixels.subarray(21, 24)]);
    mirror(once);
    expect(once).toEqual(image(1));
  });

  test("shifted there and back keeps its inside; what comes in is 0", () => {
    const moved = image(2);
    shift(moved, 1, -2);
    expect(moved.pixels[(1 * 8 + 0) * 3]).toBe(image(2).pixels[(0 * 8 + 2) * 3]);
    expect([...moved.pixels.subarray(0, 24)]).toEqual(new Array(24).fill(0));
    expect(moved.pixels[(1 * 8 + 6) * 3]).toBe(0);
    shift(moved, 6, 0);
    expect(moved.pixels.every((value) => value === 0)).toBe(true);
  });

  test("enlarging the whole changes nothing; a box becomes the whole", () => {
    const whole = image(3);
    enlarge(whole, { top: 0, left: 0, height: 6, width: 8 });
    expect(whole).toEqual(image(3));
    const ramp = { pixels: Float32Array.from({ length: 16 }, (_, i) => i % 4), shape: [4, 4, 1] };
    enlarge(ramp, { top: 0, left: 1, height: 2, width: 2 });
    expect([...ramp.pixels.subarray(0, 4)]).toEqual([1, 1.25, 1.75, 2]);
  });

  test("erased within the box only", () => {
    const erased = image(4);
    erase(erased, { top: 2, left: 3, height: 2, width: 2 }, new Random(9));
    const changed = erased.pixels
      .map((value, i) => Number(value !== image(4).pixels[i]))
      .reduce((sum, value) => sum + value, 0);
    expect(changed).toBe(2 * 2 * 3);
    expect(erased.pixels[(2 * 8 + 3) * 3]).not.toBe(image(4).pixels[(2 * 8 + 3) * 3]);
  });

  test("boxes lie inside and have a share of the area within the limits, but for rounding", () => {
    for (let seed = 0; seed < 300; seed++) {
      const box = drawBox(new Random(seed), [32, 48, 3], { least: 0.2, most: 0.6, ratio: 2 })!;
      expect(box.top >= 0 && box.left >= 0 && box.top + box.height <= 32 && box.left + box.width <= 48).toBe(true);
      expect((box.height * box.width) / (32 * 48)).toBeGreaterThan(0.17);
      expect((box.height * box.width) / (32 * 48)).toBeLessThan(0.64);
    }
    expect(drawBox(new Random(0), [2, 100, 1], { least: 0.9, most: 1, ratio: 1 })).toBeUndefined();
  });

  test("all frames of a volume change alike", () => {
    const frames = { pixels: Float32Array.from({ length: 2 * 6 * 8 }, (_, i) => i % 48), shape: [2, 6, 8, 1] };
    mirror(frames);
    shift(frames, 1, 2);
    enlarge(frames, { top: 1, left: 2, height: 3, width: 5 });
    expect([...frames.pixels.subarray(0, 48)]).toEqual([...frames.pixels.subarray(48)]);
  });
});

describe("Beta(α, α)", () => {
  test.each([0.2, 0.8, 1, 4])("α = %d has mean 1/2 and variance 1/(4(2α + 1))", (alpha) => {
    const random = new Random(11);
    const draws = Array.from({ length: 20_000 }, () => symmetricBeta(random, alpha));
    expect(draws.every((value) => value >= 0 && value <= 1)).toBe(true);
    const mean = draws.reduce((sum, value) => sum + value, 0) / draws.length;
    const variance = draws.reduce((sum, value) => sum + (value - mean) ** 2, 0) / draws.length;
    expect(mean).toBeCloseTo(0.5, 1.7);
    expect(variance * 4 * (2 * alpha + 1)).toBeCloseTo(1, 1);
  });
});
