// A sheet of samples as one PNG picture. The canvas decodes images only asynchronously, so that this is no part of the rest.

import { createCanvas, loadImage, type SKRSContext2D } from "@napi-rs/canvas";
import { PIXEL_RATIO, registerFonts } from "./charts/render.ts";
import type { SampleSheet } from "./report-data.ts";
import { layOutSheet, type SheetLayout } from "./sample-sheets.ts";

/** All grids below each other on white ground, as a PNG file; one that cannot be decoded leaves its name and a note. */
export async function sheetPng(sheet: SampleSheet): Promise<Buffer> {
  registerFonts();
  const { width, height, title, blocks } = layOutSheet(sheet);
  const canvas = createCanvas(PIXEL_RATIO * width, PIXEL_RATIO * height);
  const context = canvas.getContext("2d");
  context.scale(PIXEL_RATIO, PIXEL_RATIO);
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, width, height);
  context.fillStyle = "#000000";
  context.imageSmoothingEnabled = false;
  context.font = 'bold 15px "DejaVu Sans"';
  context.fillText(sheet.title, title.x, title.y);
  context.font = '12px "DejaVu Sans"';
  for (const block of blocks) await drawBlock(context, block);
  return canvas.toBuffer("image/png");
}

async function drawBlock(
  context: SKRSContext2D,
  { label, labelAt, png, isDrawable, box }: SheetLayout["blocks"][number],
): Promise<void> {
  context.fillText(label, labelAt.x, labelAt.y);
  try {
    if (!isDrawable) throw new RangeError("a picture of no usual size");
    context.drawImage(await loadImage(png), box.x, box.y, box.width, box.height);
  } catch {
    context.fillText("This picture cannot be drawn.", box.x, box.y + 14);
  }
}
