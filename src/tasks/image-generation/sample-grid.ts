// Generated images below real ones as a PNG file: a column a class, the first row real. What they are is said by the report.

import { createCanvas } from "@napi-rs/canvas";
import { UsageError } from "#base/errors";

export interface SampleGrid {
  /** of the test split, 0 to 255: one image a class, [classes, height, width, channels] */
  readonly real: Uint8Array;
  /** [count, height, width, channels], 0 to 255; image i belongs to class i mod classes */
  readonly images: Uint8Array;
  /** height, width, channels: 1 or 3 of these */
  readonly shape: readonly number[];
  readonly classes: number;
}

/** As many classes are shown; the report names them. */
const MOST_COLUMNS = 10;
const MOST_ROWS = 4;
/** An image is magnified by a whole number to at least this edge. */
const EDGE = 56;
const GAP = 4;

/** @throws {UsageError} images that are no pictures: volumes, or other than 1 or 3 channels */
export function drawSampleGrid({ real, images, shape, classes }: SampleGrid): Uint8Array {
  const [height = 1, width = 1, channels = 1] = shape;
  if (shape.length !== 3 || (channels !== 1 && channels !== 3))
    throw new UsageError(`Pictures have rows, columns and 1 or 3 channels, got [${shape.join(", ")}].`);
  const size = height * width * channels;
  const count = images.length / size;
  const columns = Math.min(classes, MOST_COLUMNS);
  const rows = Math.min(MOST_ROWS, Math.ceil(count / classes));
  const zoom = Math.ceil(EDGE / Math.max(height, width));
  const [cellWidth, cellHeight] = [zoom * width + GAP, zoom * height + GAP];
  const canvas = createCanvas(columns * cellWidth - GAP, (1 + rows) * cellHeight);
  const context = canvas.getContext("2d");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingEnabled = false;
  const draw = (all: Uint8Array, item: number, [column, y]: readonly [number, number]): void => {
    const pixels = all.subarray(item * size, (item + 1) * size);
    if (pixels.length < size) return;
    context.drawImage(pictureOf(pixels, [height, width, channels]), column * cellWidth, y, zoom * width, zoom * height);
  };
  for (let column = 0; column < columns; column++) {
    draw(real, column, [column, 0]);
    for (let row = 0; row < rows; row++) draw(images, row * classes + column, [column, (1 + row) * cellHeight + GAP]);
  }
  return canvas.toBuffer("image/png");
}

function pictureOf(pixels: Uint8Array, [height, width, channels]: readonly [number, number, number]) {
  const canvas = createCanvas(width, height);
  const context = canvas.getContext("2d");
  const data = context.createImageData(width, height);
  for (let i = 0; i < height * width; i++) {
    for (let c = 0; c < 3; c++) data.data[4 * i + c] = pixels[i * channels + (channels === 1 ? 0 : c)]!;
    data.data[4 * i + 3] = 255;
  }
  context.putImageData(data, 0, 0);
  return canvas;
}
