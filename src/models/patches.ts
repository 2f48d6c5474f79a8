// Images and volumes as tokens: cut into patches, and put together again.

import { sizeOf } from "#weights/weights";

/**
 * Cuts images or volumes into patches, on the host: a gather on the engine has no gradient kernel everywhere, and pixels
 * need none.
 *
 * @param pixels [B, ...imageShape]
 * @returns [B, N, patch·channels], tokens in row-major order, and so are the pixels of a patch
 */
export function patchify(
  pixels: Float32Array,
  imageShape: readonly number[],
  patch: readonly number[],
): Float32Array<ArrayBuffer> {
  const offsets = patchOffsets(imageShape, patch);
  const run = patch.at(-1)! * imageShape.at(-1)!;
  const cut = new Float32Array(pixels.length);
  let target = 0;
  for (let image = 0; image < pixels.length; image += sizeOf(imageShape)) {
    for (const offset of offsets) {
      cut.set(pixels.subarray(image + offset, image + offset + run), target);
      target += run;
    }
  }
  return cut;
}

/** The images again: the inverse of `patchify`. @param cut [B, N, patch·channels] @returns [B, ...imageShape] */
export function unpatchify(
  cut: Float32Array,
  imageShape: readonly number[],
  patch: readonly number[],
): Float32Array<ArrayBuffer> {
  const offsets = patchOffsets(imageShape, patch);
  const run = patch.at(-1)! * imageShape.at(-1)!;
  const pixels = new Float32Array(cut.length);
  let source = 0;
  for (let image = 0; image < cut.length; image += sizeOf(imageShape)) {
    for (const offset of offsets) {
      pixels.set(cut.subarray(source, source + run), image + offset);
      source += run;
    }
  }
  return pixels;
}

/** Where in an image each unbroken run of a patch begins, patch after patch. */
function patchOffsets(imageShape: readonly number[], patch: readonly number[]): number[] {
  const strides = imageShape.map((_, axis) => sizeOf(imageShape.slice(axis + 1)));
  const starts = (extents: readonly number[], steps: readonly number[]) =>
    extents.reduce<number[]>(
      (known, extent, axis) =>
        known.flatMap((start) => Array.from({ length: extent }, (_, i) => start + i * steps[axis]! * strides[axis]!)),
      [0],
    );
  const corners = starts(
    patch.map((edge, axis) => imageShape[axis]! / edge),
    patch,
  );
  const runs = starts(
    patch.slice(0, -1),
    patch.map(() => 1),
  );
  return corners.flatMap((corner) => runs.map((start) => corner + start));
}
