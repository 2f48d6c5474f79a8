import { describe, expect, test } from "vitest";
import { Random } from "#base/random";
import { drawOperations, OPERATIONS, randAugment, type Dose } from "./rand-augment.ts";

/** An operation's bytes on a greyscale image of one row, or of several. */
function applied(name: string, rows: readonly (readonly number[])[], dose: Partial<Dose> = {}): number[][] {
  const pixels = Uint8Array.from(rows.flat());
  const columns = rows[0]!.length;
  OPERATIONS[name]!({ pixels, rows: rows.length, columns, channels: 1 }, { level: 1, sign: 1, fill: [7], ...dose });
  return rows.map((_, row) => [...pixels.subarray(row * columns, (row + 1) * columns)]);
}

function appliedToColour(name: string, pixels: readonly number[], dose: Partial<Dose> = {}): number[] {
  const bytes = Uint8Array.from(pixels);
  OPERATIONS[name]!(
    { pixels: bytes, rows: 1, columns: pixels.length / 3, channels: 3 },
    { level: 1, sign: 1, fill: [7, 8, 9], ...dose },
  );
  return [...bytes];
}

const GRID = [
  [10, 20, 30],
  [40, 50, 60],
  [70, 80, 90],
];

describe("operations by hand", () => {
  test("there are the fifteen of timm's rand-m9-mstd0.5-inc1", () => {
    expect(Object.keys(OPERATIONS)).toHaveLength(15);
  });

  test("autoContrast: (x − 50)·255/100, channel by channel; a flat channel stays", () => {
    expect(applied("autoContrast", [[50, 100, 150]])).toEqual([[0, 127, 255]]);
    expect(appliedToColour("autoContrast", [50, 9, 0, 150, 9, 255])).toEqual([0, 9, 0, 255, 9, 255]);
  });

  test("equalize: of 256 zeros, 256 ones and 256 twos, a step of ⌊512/255⌋ = 2 counts what comes before", () => {
    const row = [0, 1, 2].flatMap((byte) => new Array<number>(256).fill(byte));
    // (0 + 1)/2, (256 + 1)/2, (512 + 1)/2, cut to bytes
    expect(applied("equalize", [row])[0]!.filter((_, i) => i % 256 === 0)).toEqual([0, 128, 255]);
    expect(applied("equalize", [[3, 5, 5]])).toEqual([[3, 5, 5]]); // fewer pixels than levels
  });

  test("invert, posterize, solarize and solarizeAdd", () => {
    expect(applied("invert", [[0, 100, 255]])).toEqual([[255, 155, 0]]);
    expect(applied("posterize", [[15, 100, 255]], { level: 0 })).toEqual([[0, 96, 240]]); // four bits kept
    expect(applied("posterize", [[15, 100, 255]], { level: 0.9 })).toEqual([[0, 0, 128]]); // 4 − ⌊3.6⌋ = 1 bit
    expect(applied("solarize", [[25, 26, 255]], { level: 0.9 })).toEqual([[25, 229, 0]]); // from 256 − ⌊230.4⌋ = 26 on
    expect(applied("solarizeAdd", [[0, 127, 128]], { level: 0.9 })).toEqual([[99, 226, 128]]);
  });

  test("colour, contrast and brightness blend with grey, mean grey and black", () => {
    // brightness (19595·200 + 38470·100 + 7471·50 + 32768) >> 16 = 124; 124 + 1.9·(x − 124)
    expect(appliedToColour("colour", [200, 100, 50])).toEqual([255, 78, 0]);
    expect(appliedToColour("colour", [200, 100, 50], { sign: -1 })).toEqual([131, 121, 116]);
    expect(applied("colour", [[1, 2, 3]])).toEqual([[1, 2, 3]]);
    expect(applied("contrast", [[100, 110, 121]])).toEqual([[91, 110, 130]]); // 110 + 1.9·(x − 110), the mean is 110.3
    expect(applied("brightness", [[0, 100, 200]])).toEqual([[0, 190, 255]]);
    expect(applied("brightness", [[0, 100, 200]], { sign: -1 })).toEqual([[0, 10, 20]]); // factor 0.1, never less
  });

  test("sharpness: away from the smoothed image, the border as it is", () => {
    const spot = [
      [0, 0, 0],
      [0, 130, 0],
      [0, 0, 0],
    ]; // smoothed 130·5/13 = 50
    expect(applied("sharpness", spot)[1]).toEqual([0, 202, 0]); // 50 + 1.9·80
    expect(applied("sharpness", spot, { sign: -1 })[1]).toEqual([0, 58, 0]);
  });

  test("translate by up to 0.45 of the extent", () => {
    const row = [[10, 20, 30, 40]];
    expect(applied("translateX", row, { level: 1 / 1.8 })).toEqual([[20, 30, 40, 7]]); // one pixel
    expect(applied("translateX", row, { level: 0.5 / 1.8 })).toEqual([[15, 25, 35, 7]]); // half a pixel, between centres
    expect(applied("translateX", row, { level: 1 / 1.8, sign: -1 })).toEqual([[7, 10, 20, 30]]);
    expect(applied("translateY", GRID, { level: 1 / 1.35, sign: -1 })).toEqual([
      [7, 7, 7],
      [10, 20, 30],
      [40, 50, 60],
    ]);
  });

  test("shear moves a row by 0.3 of its height, a column by 0.3 of its place", () => {
    // row centres 0.5, 1.5, 2.5 move by 0.15, 0.45, 0.75
    expect(applied("shearX", GRID)).toEqual([
      [11, 21, 30],
      [44, 54, 60],
      [77, 87, 7],
    ]);
    expect(applied("shearY", [[10], [20], [30]])).toEqual([[11], [21], [30]]);
  });

  test("rotate by 30° against the clock about the middle pixel, which stays", () => {
    const turned = applied("rotate", GRID);
    expect(turned[1]![1]).toBe(50);
    // the place right of the middle comes from (cos 30°, sin 30°) of the source: between 50, 60, 80 and 90
    expect(turned[1]![2]).toBe(Math.trunc(50 + 10 * Math.cos(Math.PI / 6) + 30 * 0.5));
    expect(applied("rotate", GRID, { level: 0 })).toEqual(GRID);
  });
});

describe("RandAugment", () => {
  const rule = { operations: 2, magnitude: 9, deviation: 0.5 };
  const many = Array.from({ length: 2000 }, (_, seed) => drawOperations(rule, new Random(seed)));

  test("draws every operation alike, leaves half of them out, and keeps near its magnitude", () => {
    const drawn = many.flat();
    expect(drawn.length / 4000).toBeCloseTo(0.5, 1);
    const counts = new Map<string, number>();
    for (const { name } of drawn) counts.set(name, (counts.get(name) ?? 0) + 1);
    expect(counts.size).toBe(15);
    for (const count of counts.values())
      expect(Math.abs(count - drawn.length / 15)).toBeLessThan(4 * Math.sqrt(drawn.length / 15));
    const mean = drawn.reduce((sum, { level }) => sum + level, 0) / drawn.length;
    expect(mean).toBeCloseTo(0.9, 2);
    expect(drawn.every(({ level }) => level > 0.6 && level <= 1)).toBe(true);
    expect(drawn.filter(({ sign }) => sign === 1).length / drawn.length).toBeCloseTo(0.5, 1);
    expect(drawOperations({ ...rule, deviation: 0 }, new Random(2)).every(({ level }) => level === 0.9)).toBe(true);
  });

  test("changes normalised pixels, all frames alike, and only by the seed", () => {
    const statistics = { mean: [0.5], deviation: [0.25] };
    const seed = many.findIndex((drawn) => drawn.length === 1 && drawn[0]!.name === "invert");
    const changed = (frames: number) => {
      const pixels = Float32Array.from({ length: frames * 4 }, (_, i) => ((i % 4) * 51) / 255 / 0.25 - 2);
      randAugment({ pixels, shape: [...(frames === 1 ? [] : [frames]), 2, 2, 1] }, rule, {
        random: new Random(seed),
        statistics,
      });
      return [...pixels];
    };
    // 0, 51, 102 and 153 of 255 become 255, 204, 153 and 102: (b/255 − 0.5)/0.25
    for (const [i, value] of changed(1).entries()) expect(value).toBeCloseTo([2, 1.2, 0.4, -0.4][i]!, 5);
    expect(changed(2)).toEqual([...changed(1), ...changed(1)]);
    expect(changed(1)).toEqual(changed(1));
  });
});
