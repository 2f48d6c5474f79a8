import { loadImage, createCanvas } from "@napi-rs/canvas";
import { expect, test } from "vitest";
import { UsageError } from "#base/errors";
import { drawSampleGrid } from "./sample-grid.ts";

/** Whether a PNG has a pixel of this colour. */
async function holds(png: Uint8Array, colour: readonly [number, number, number]): Promise<boolean> {
  const image = await loadImage(Buffer.from(png));
  const context = createCanvas(image.width, image.height).getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  for (let i = 0; i < data.length; i += 4) if (colour.every((value, c) => data[i + c] === value)) return true;
  return false;
}

test("every class has its column: a real image on top, its own samples magnified below", async () => {
  // Image i is filled with 10·i: classes a and b get the even and the odd ones.
  const images = Uint8Array.from({ length: 6 * 4 }, (_, i) => 10 * Math.floor(i / 4));
  const real = Uint8Array.of(200, 200, 200, 200, 210, 210, 210, 210);
  const png = drawSampleGrid({ real, images, shape: [2, 2, 1], classes: 2 });
  for (const value of [0, 10, 20, 30, 40, 50, 200, 210])
    expect([value, await holds(png, [value, value, value])]).toEqual([value, true]);
  const { width, height } = await loadImage(Buffer.from(png));
  expect([width, height]).toEqual([2 * 60 - 4, 4 * 60]); // 2 pixels × 28, and gaps
});

test("of many classes and samples the first are shown, and a class without a sample has an empty place", async () => {
  const images = Uint8Array.from({ length: 13 }, (_, i) => 10 * i);
  const png = drawSampleGrid({ real: new Uint8Array(12), images, shape: [1, 1, 1], classes: 12 });
  const { width, height } = await loadImage(Buffer.from(png));
  expect([width, height]).toEqual([10 * 60 - 4, 3 * 60]);
  expect(await holds(png, [110, 110, 110])).toBe(false);
  expect(await holds(png, [120, 120, 120])).toBe(true);
});

test("colours stay as they are, and volumes are no pictures", async () => {
  const images = Uint8Array.of(200, 10, 30, 200, 10, 30);
  const png = drawSampleGrid({ real: images, images, shape: [1, 1, 3], classes: 2 });
  expect(await holds(png, [200, 10, 30])).toBe(true);
  expect(() => drawSampleGrid({ real: images, images, shape: [1, 1, 2], classes: 1 })).toThrow(UsageError);
  expect(() => drawSampleGrid({ real: images, images, shape: [1, 1, 1, 3], classes: 1 })).toThrow(UsageError);
});
