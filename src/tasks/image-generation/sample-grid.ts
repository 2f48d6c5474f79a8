// Generated images side by side as a PNG file: a row a class, labelled, under a caption that says what they are.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createCanvas, GlobalFonts, type SKRSContext2D } from "@napi-rs/canvas";
import { UsageError } from "#base/errors";

export interface SampleGrid {
  /** [count, height, width, channels], 0 to 255; image i belongs to class i mod classes.length */
  readonly images: Uint8Array;
  /** height, width, channels: 1 or 3 of these */
  readonly shape: readonly number[];
  readonly classes: readonly string[];
  /** lines above the images; long ones are broken */
  readonly caption: readonly string[];
}

const MOST_ROWS = 10;
const MOST_COLUMNS = 12;
/** An image is magnified by a whole number to at least this edge. */
const EDGE = 56;
const GAP = 4;
const MARGIN = 14;
const LINE = 18;
const FONT = "13px DejaVu Sans";
const LEAST_WIDTH = 640;

let isReady = false;

/** @throws {UsageError} images that are no pictures: volumes, or other than 1 or 3 channels */
export function drawSampleGrid({ images, shape, classes, caption }: SampleGrid): Uint8Array {
  const [height, width, channels] = shape;
  if (shape.length !== 3 || (channels !== 1 && channels !== 3))
    throw new UsageError(`Pictures have rows, columns and 1 or 3 channels, got [${shape.join(", ")}].`);
  makeReady();
  const size = height! * width! * channels;
  const count = images.length / size;
  const rows = Math.min(classes.length, MOST_ROWS, count);
  const columns = Math.min(MOST_COLUMNS, Math.floor((count - rows) / classes.length) + 1);
  const zoom = Math.ceil(EDGE / Math.max(height!, width!));
  const [cellWidth, cellHeight] = [zoom * width! + GAP, zoom * height! + GAP];

  const measure = createCanvas(1, 1).getContext("2d");
  measure.font = FONT;
  const labels = Math.max(...classes.slice(0, rows).map((name) => measure.measureText(name).width)) + 10;
  const canvasWidth = Math.ceil(Math.max(LEAST_WIDTH, 2 * MARGIN + labels + columns * cellWidth));
  const lines = caption.flatMap((line) => broken(line, canvasWidth - 2 * MARGIN, measure));
  const top = MARGIN + lines.length * LINE + GAP;

  const canvas = createCanvas(canvasWidth, top + rows * cellHeight + MARGIN);
  const context = canvas.getContext("2d");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = "#1d2125";
  context.font = FONT;
  context.textBaseline = "middle";
  lines.forEach((line, i) => context.fillText(line, MARGIN, MARGIN + (i + 0.5) * LINE));
  context.imageSmoothingEnabled = false;
  for (let row = 0; row < rows; row++) {
    const y = top + row * cellHeight;
    context.fillText(classes[row]!, MARGIN, y + (cellHeight - GAP) / 2);
    for (let column = 0; column < columns; column++) {
      const item = column * classes.length + row;
      if (item >= count) continue;
      const picture = pictureOf(images.subarray(item * size, (item + 1) * size), [height!, width!, channels]);
      context.drawImage(picture, MARGIN + labels + column * cellWidth, y, zoom * width!, zoom * height!);
    }
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

/** A line broken between words so that each part fits into `width`. */
function broken(line: string, width: number, context: SKRSContext2D): string[] {
  const lines: string[] = [];
  for (const word of line.split(" ")) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length === 0 || context.measureText(longer).width > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

function makeReady(): void {
  if (isReady) return;
  const file = createRequire(import.meta.url).resolve(
    "@fontsource/dejavu-sans/files/dejavu-sans-latin-400-normal.woff2",
  );
  GlobalFonts.register(readFileSync(file), "DejaVu Sans");
  isReady = true;
}
