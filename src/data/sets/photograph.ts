// Photographs as JPEG or PNG files: decoded whole or refused, never half. The header's size is checked before any
// pixel is made, so that a small file cannot ask for a large memory. The decoder is a native library, and is loaded with
// the first photograph: the list of data sets is read by every command and every child.

import type { Sharp } from "sharp";
import { DataError, describeError } from "#base/errors";
import type { Bytes } from "#base/units";
import { readStored } from "./content.ts";
import type { Box } from "./dataset.ts";

/** The largest photographs of ImageNet have about 61 million pixels. */
const MOST_PIXELS = 100e6;
const MOST_BYTES: Bytes = 128 * 2 ** 20;
const SIGNATURES = [Buffer.of(0xff, 0xd8, 0xff), Buffer.from("\x89PNG\r\n\x1A\n", "latin1")];

export interface Cropping {
  /** the shorter side is resized to this */
  readonly shorterSide: number;
  /** edge of the square cut out of the centre, at most `shorterSide` */
  readonly edge: number;
}

/**
 * Decodes a photograph to a square in colour: bicubic resize of the shorter side, then the centre. Greyscale becomes
 * three equal channels, transparency is dropped, an orientation mark is not followed (as torchvision does).
 *
 * @param choosePart the part of the whole photograph that is resized to the square instead
 * @returns [edge, edge, 3], 0 to 255
 * @throws {DataError} missing, not JPEG or PNG, truncated, corrupt, or too large
 */
export async function decodePhotograph(
  path: string,
  cropping: Cropping,
  choosePart?: (whole: Pick<Box, "height" | "width">) => Box | undefined,
): Promise<Uint8Array> {
  const photograph = await openPhotograph(path);
  const { edge } = cropping;
  try {
    const part = choosePart?.(photograph);
    const square =
      part === undefined
        ? centre(photograph, cropping)
        : photograph.decoder.extract({ ...part }).resize({ width: edge, height: edge, fit: "fill", kernel: "cubic" });
    const pixels = await square.toColourspace("srgb").removeAlpha().raw({ depth: "uchar" }).toBuffer();
    if (pixels.length !== edge * edge * 3)
      throw new Error(`decoded to ${pixels.length} values, expected ${edge * edge * 3}`);
    return pixels;
  } catch (error) {
    throw new DataError(path, `cannot be decoded: ${firstLineOf(error)}`, {}, { cause: error });
  }
}

interface Photograph {
  readonly decoder: Sharp;
  readonly width: number;
  readonly height: number;
}

function centre({ decoder, width, height }: Photograph, { shorterSide, edge }: Cropping): Sharp {
  const scale = shorterSide / Math.min(width, height);
  const [columns, rows] = [width, height].map((side) => Math.max(shorterSide, Math.round(side * scale))) as [
    number,
    number,
  ];
  return decoder
    .resize({ width: columns, height: rows, fit: "fill", kernel: "cubic" })
    .extract({ left: (columns - edge) >> 1, top: (rows - edge) >> 1, width: edge, height: edge });
}

async function openPhotograph(path: string): Promise<Photograph> {
  const bytes = readStored(path, MOST_BYTES);
  if (!SIGNATURES.some((signature) => bytes.subarray(0, signature.length).equals(signature))) {
    throw new DataError(path, "is neither a JPEG nor a PNG file");
  }
  const { default: sharp } = await import("sharp");
  try {
    const decoder = sharp(bytes, { failOn: "warning", limitInputPixels: MOST_PIXELS, sequentialRead: true });
    const { width, height } = await sharp(bytes, { limitInputPixels: false }).metadata();
    if (width * height > MOST_PIXELS)
      throw new DataError(
        path,
        `says that it has ${width}×${height} pixels; at most ${MOST_PIXELS / 1e6} million are decoded`,
        { width, height },
      );
    return { decoder, width, height };
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(path, `has no header that can be read: ${firstLineOf(error)}`, {}, { cause: error });
  }
}

/** The decoder repeats itself line by line. */
function firstLineOf(error: unknown): string {
  return describeError(error).split("\n")[0]!;
}
