// Images as diffusion takes them: values in [−1, 1], and back to bytes.

import type { ImageSplit } from "#data/sets/dataset";

/** Values of the images with these numbers: pixel/127.5 − 1, [numbers.length, ...shape]. */
export function cleanImages({ pixels, shape }: ImageSplit, numbers: ArrayLike<number>): Float32Array<ArrayBuffer> {
  const size = shape.reduce((product, extent) => product * extent, 1);
  const values = new Float32Array(numbers.length * size);
  for (let item = 0; item < numbers.length; item++) {
    const start = numbers[item]! * size;
    for (let i = 0; i < size; i++) values[item * size + i] = pixels[start + i]! / 127.5 - 1;
  }
  return values;
}

/** The nearest bytes; what lies outside [−1, 1] is cut. */
export function bytesOf(values: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: values.length }, (_, i) =>
    Math.min(255, Math.max(0, Math.round((values[i]! + 1) * 127.5))),
  );
}
