import { loadImage, createCanvas } from "@napi-rs/canvas";
import { expect, test } from "vitest";
import { UsageError } from "#base/errors";
import { drawSampleGrid } from "./sample-grid.ts";

const CAPTION = [
  "one contender · synthetic shapes · scale smoke",
  "a second line that is far too long for any picture of this size, ".repeat(4),
];

/** Whether a PNG has a pixel of this colour. */
async function holds(png: Uint8Array, colour: readonly [number, number, number]): Promise<boolean> {
  const image = await loadImage(Buffer.from(png));
  const context = createCanvas(image.width, image.height).getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  for (let i = 0; i < data.length; i += 4) if (colour.every((value, c) => data[i + c] === value)) return true;
  return false;
}

test("every class has its row, with its own images magnified in it", async () => {
  // Image i is filled with 10·i: classes a and b get the even and the odd ones.
  const images = Uint8Array.from({ length: 6 * 4 }, (_, i) => 10 * Math.floor(i / 4));
  const png = drawSampleGrid({ images, shape: [2, 2, 1], classes: ["a", "b"], caption: CAPTION });
  for (const value of [0, 10, 20, 30, 40, 50])
    expect([value, await holds(png, [value, value, value])]).toEqual([value, true]);
  const { width, height } = await loadImage(Buffer.from(png));
  expect(width).toBe(640);
  const taller = await loadImage(
    Buffer.from(
      drawSampleGrid({
        images: Uint8Array.from({ length: 3 * 4 }),
        shape: [2, 2, 1],
        classes: ["a", "b", "c"],
        caption: CAPTION,
      }),
    ),
  );
  expect(taller.height - height).toBe(60); // 2 pixels × 28, and a gap
  const shorter = await loadImage(
    Buffer.from(drawSampleGrid({ images, shape: [2, 2, 1], classes: ["a", "b"], caption: CAPTION.slice(0, 1) })),
  );
  expect(height - shorter.height).toBeGreaterThanOrEqual(2 * 18); // the long line is broken
});

test("colours stay as they are, and volumes are no pictures", async () => {
  const images = Uint8Array.of(200, 10, 30, 200, 10, 30);
  const png = drawSampleGrid({ images, shape: [1, 1, 3], classes: ["a", "b"], caption: ["x"] });
  expect(await holds(png, [200, 10, 30])).toBe(true);
  expect(() => drawSampleGrid({ images, shape: [1, 1, 2], classes: ["a"], caption: [] })).toThrow(UsageError);
  expect(() => drawSampleGrid({ images, shape: [1, 1, 1, 3], classes: ["a"], caption: [] })).toThrow(UsageError);
});
