// Changes of one image that keep its class: mirrored, moved, enlarged, partly erased. Pixels are normalised, so that 0
// is the mean of the training images. All frames of a volume change alike.

import type { Random } from "#base/random";
import type { Box } from "#data/sets/dataset";

/** An image in its place in a batch. */
export interface ImageView {
  /** [...shape] of one image */
  readonly pixels: Float32Array;
  /** axes, then channels; the last two axes are rows and columns */
  readonly shape: readonly number[];
}

interface Layout {
  readonly frames: number;
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
}

function layoutOf(shape: readonly number[]): Layout {
  const [rows, columns, channels] = shape.slice(-3) as [number, number, number];
  return { frames: shape.slice(0, -3).reduce((product, extent) => product * extent, 1), rows, columns, channels };
}

/** Left becomes right. */
export function mirror({ pixels, shape }: ImageView): void {
  const { frames, rows, columns, channels } = layoutOf(shape);
  for (let row = 0; row < frames * rows; row++) {
    for (let left = 0; left < columns >> 1; left++) {
      const [a, b] = [(row * columns + left) * channels, (row * columns + columns - 1 - left) * channels];
      for (let c = 0; c < channels; c++) [pixels[a + c], pixels[b + c]] = [pixels[b + c]!, pixels[a + c]!];
    }
  }
}

/** Moves the image down and right; what comes in from outside is 0. */
export function shift(image: ImageView, down: number, right: number): void {
  const { frames, rows, columns, channels } = layoutOf(image.shape);
  const source = image.pixels.slice();
  image.pixels.fill(0);
  const [first, last] = [Math.max(0, right), Math.min(columns, columns + right)];
  if (first >= last) return;
  for (let frame = 0; frame < frames; frame++) {
    for (let row = Math.max(0, down); row < Math.min(rows, rows + down); row++) {
      const from = ((frame * rows + row - down) * columns + first - right) * channels;
      image.pixels.set(
        source.subarray(from, from + (last - first) * channels),
        ((frame * rows + row) * columns + first) * channels,
      );
    }
  }
}

/** Enlarged crops as Inception's: a part of at least this share of the area, aspect 3/4 to 4/3; undefined when ten draws did not fit. */
export function drawCrop(random: Random, shape: readonly number[], least: number): Box | undefined {
  return drawBox(random, shape, { least, most: 1, ratio: 4 / 3 });
}

/** A box of a share of the image's area drawn from [least, most], its aspect log-uniform in [1/ratio, ratio]; undefined when ten draws did not fit. */
export function drawBox(
  random: Random,
  shape: readonly number[],
  area: { readonly least: number; readonly most: number; readonly ratio: number },
): Box | undefined {
  const { rows, columns } = layoutOf(shape);
  for (let attempt = 0; attempt < 10; attempt++) {
    const share = area.least + (area.most - area.least) * random.uniform();
    const aspect = area.ratio ** (2 * random.uniform() - 1);
    const height = Math.max(1, Math.round(Math.sqrt(share * rows * columns * aspect)));
    const width = Math.max(1, Math.round(Math.sqrt((share * rows * columns) / aspect)));
    if (height <= rows && width <= columns)
      return { top: random.integer(rows - height + 1), left: random.integer(columns - width + 1), height, width };
  }
  return undefined;
}

/** Enlarges a box to the whole image, bilinear between pixel centres. */
export function enlarge(image: ImageView, { top, left, height, width }: Box): void {
  const { frames, rows, columns, channels } = layoutOf(image.shape);
  const source = image.pixels.slice();
  const down = places(rows, top, height);
  const across = places(columns, left, width);
  for (let frame = 0; frame < frames; frame++) {
    for (let y = 0; y < rows; y++) {
      const { at, next, share: v } = down[y]!;
      const [upper, lower] = [(frame * rows + at) * columns, (frame * rows + next) * columns];
      let target = (frame * rows + y) * columns * channels;
      for (let x = 0; x < columns; x++) {
        const { at: before, next: after, share: u } = across[x]!;
        const [a, b, c, d] = [
          (upper + before) * channels,
          (upper + after) * channels,
          (lower + before) * channels,
          (lower + after) * channels,
        ];
        for (let channel = 0; channel < channels; channel++) {
          const above = (1 - u) * source[a + channel]! + u * source[b + channel]!;
          const below = (1 - u) * source[c + channel]! + u * source[d + channel]!;
          image.pixels[target++] = (1 - v) * above + v * below;
        }
      }
    }
  }
}

/** For each target place along an axis: the two source places around it, inside the box, and the second's share. */
function places(count: number, start: number, length: number): { at: number; next: number; share: number }[] {
  return Array.from({ length: count }, (_, i) => {
    const place = Math.min(length - 1, Math.max(0, ((i + 0.5) * length) / count - 0.5));
    const at = Math.floor(place);
    return { at: start + at, next: start + Math.min(length - 1, at + 1), share: place - at };
  });
}

/** Overwrites a box with standard normal noise. */
export function erase(image: ImageView, { top, left, height, width }: Box, random: Random): void {
  const { frames, rows, columns, channels } = layoutOf(image.shape);
  for (let frame = 0; frame < frames; frame++) {
    for (let row = top; row < top + height; row++) {
      const from = ((frame * rows + row) * columns + left) * channels;
      for (let i = 0; i < width * channels; i++) image.pixels[from + i] = random.normal();
    }
  }
}

/** Takes the pixels of a box from another image of the same shape. */
export function paste(image: ImageView, other: Float32Array, { top, left, height, width }: Box): void {
  const { frames, rows, columns, channels } = layoutOf(image.shape);
  for (let frame = 0; frame < frames; frame++) {
    for (let row = top; row < top + height; row++) {
      const from = ((frame * rows + row) * columns + left) * channels;
      image.pixels.set(other.subarray(from, from + width * channels), from);
    }
  }
}
