import { createCanvas, loadImage } from "@napi-rs/canvas";
import { expect, test } from "vitest";
import { layOutSheet } from "./sample-sheets.ts";
import { sheetPng } from "./sheet-picture.ts";

/** A picture of one colour. */
function filled(colour: string, width = 50, height = 25): Buffer {
  const canvas = createCanvas(width, height);
  const context = canvas.getContext("2d");
  context.fillStyle = colour;
  context.fillRect(0, 0, width, height);
  return canvas.toBuffer("image/png");
}

test("one PNG picture holds the grids of all contenders; what cannot be decoded leaves room", async () => {
  const damaged = filled("#000000").subarray(0, 60);
  const pictures = {
    a: filled("#ff0000"),
    b: filled("#00ff00"),
    c: filled("#0000ff"),
    d: damaged,
    e: filled("#00ffff"),
  };
  const grids = Object.entries(pictures).map(([caseId, png]) => ({ caseId, label: `model ${caseId}`, png }));
  const sheet = { id: "samples", title: "Samples below real images", note: "", grids };
  const layout = layOutSheet(sheet);
  const image = await loadImage(await sheetPng(sheet));
  expect([image.width, image.height]).toEqual([2 * layout.width, 2 * layout.height]);
  const canvas = createCanvas(image.width, image.height);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const colours = layout.blocks.map(({ box: { x, y, width, height } }) => [
    ...context.getImageData(2 * (x + width / 2), 2 * (y + height / 2), 1, 1).data.subarray(0, 3),
  ]);
  const white = [255, 255, 255];
  expect(colours).toEqual([[255, 0, 0], [0, 255, 0], [0, 0, 255], white, [0, 255, 255]]);
});

test("a file that says it is huge gets a square, and is not decoded", async () => {
  const huge = filled("#ff0000");
  huge.writeUInt32BE(4_000_000, 20);
  const sheet = { id: "samples", title: "", note: "", grids: [{ caseId: "a", label: "a", png: huge }] };
  expect(layOutSheet(sheet).height).toBeLessThan(500);
  expect((await sheetPng(sheet)).length).toBeGreaterThan(100);
});
