// Changes of an image of bytes, each as Pillow makes it (ImageOps, ImageEnhance, Image.transform), byte for byte: results
// are cut to whole numbers where it cuts them, and rounded where it rounds.

export interface ByteImage {
  /** [rows, columns, channels] */
  readonly pixels: Uint8Array;
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
}

/** Replaces each byte by a function of it, channel by channel. */
export function mapBytes({ pixels, channels }: ByteImage, tableOf: (channel: number) => ArrayLike<number>): void {
  const tables = Array.from({ length: channels }, (_, channel) => tableOf(channel));
  for (let i = 0; i < pixels.length; i++) pixels[i] = tables[i % channels]![pixels[i]!]!;
}

/** Table of a function of a byte. */
export function byteTable(of: (byte: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => Math.min(255, Math.max(0, Math.trunc(of(byte)))));
}

function histogramOf({ pixels, channels }: ByteImage, channel: number): Uint32Array {
  const counts = new Uint32Array(256);
  for (let i = channel; i < pixels.length; i += channels) counts[pixels[i]!]!++;
  return counts;
}

/** The darkest byte of a channel becomes 0, the brightest 255. */
export function autoContrast(image: ByteImage): void {
  mapBytes(image, (channel) => {
    const counts = histogramOf(image, channel);
    const [low, high] = [counts.findIndex((count) => count > 0), counts.findLastIndex((count) => count > 0)];
    const scale = 255 / (high - low);
    return byteTable((byte) => (high <= low ? byte : byte * scale - low * scale));
  });
}

/** Every byte as frequent as every other, as far as that goes. */
export function equalize(image: ByteImage): void {
  mapBytes(image, (channel) => {
    const counts = histogramOf(image, channel);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const step = Math.floor((total - counts.findLast((count) => count > 0)!) / 255);
    if (step === 0) return byteTable((byte) => byte);
    let before = Math.floor(step / 2);
    return byteTable((byte) => {
      const level = Math.floor(before / step);
      before += counts[byte]!;
      return level;
    });
  });
}

/** other + factor·(image − other): towards the other image below 1, away from it above. */
export function blend({ pixels }: ByteImage, other: (place: number) => number, factor: number): void {
  const others = Float64Array.from(pixels, (_, place) => other(place));
  for (let i = 0; i < pixels.length; i++)
    pixels[i] = Math.min(255, Math.max(0, Math.trunc(others[i]! + factor * (pixels[i]! - others[i]!))));
}

/** Brightness of the pixel that a place belongs to (ITU-R 601-2, in 1/65536). */
export function brightnessAt({ pixels, channels }: ByteImage, place: number): number {
  if (channels !== 3) return pixels[place]!;
  const first = place - (place % 3);
  return (19595 * pixels[first]! + 38470 * pixels[first + 1]! + 7471 * pixels[first + 2]! + 0x8000) >> 16;
}

/** Mean brightness, to the nearest byte. */
export function meanBrightness(image: ByteImage): number {
  let sum = 0;
  for (let place = 0; place < image.pixels.length; place += image.channels) sum += brightnessAt(image, place);
  return Math.floor((sum * image.channels) / image.pixels.length + 0.5);
}

/** Mean of a pixel, counted five times, and its eight neighbours; pixels at the border stay. */
export function smoothAt({ pixels, rows, columns, channels }: ByteImage, place: number): number {
  const pixel = Math.floor(place / channels);
  const [row, column] = [Math.floor(pixel / columns), pixel % columns];
  if (row === 0 || column === 0 || row === rows - 1 || column === columns - 1) return pixels[place]!;
  let sum = 4 * pixels[place]!;
  for (const down of [-1, 0, 1]) {
    for (const right of [-1, 0, 1]) sum += pixels[place + (down * columns + right) * channels]!;
  }
  return Math.floor(sum / 13 + 0.5);
}

/** Where a target's place lies in the source: x' = a·x + b·y + c, y' = d·x + e·y + f, at pixel centres. */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** Moves pixels, bilinear between their centres; what comes in from outside has the colour `fill`. */
export function transform(
  { pixels, rows, columns, channels }: ByteImage,
  [a, b, c, d, e, f]: Affine,
  fill: readonly number[],
): void {
  const source = pixels.slice();
  const inside = (place: number, extent: number) => Math.min(extent - 1, Math.max(0, place));
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [x, y] = [a * (column + 0.5) + b * (row + 0.5) + c, d * (column + 0.5) + e * (row + 0.5) + f];
      const target = (row * columns + column) * channels;
      if (x < 0 || y < 0 || x >= columns || y >= rows) {
        for (let channel = 0; channel < channels; channel++) pixels[target + channel] = fill[channel]!;
        continue;
      }
      const [left, top] = [Math.floor(x - 0.5), Math.floor(y - 0.5)];
      const [right, down] = [x - 0.5 - left, y - 0.5 - top];
      const [upper, lower] = [inside(top, rows) * columns, inside(top + 1, rows) * columns];
      const [near, far] = [inside(left, columns), inside(left + 1, columns)];
      const [p, q, r, s] = [
        (upper + near) * channels,
        (upper + far) * channels,
        (lower + near) * channels,
        (lower + far) * channels,
      ];
      for (let channel = 0; channel < channels; channel++) {
        const above = source[p + channel]! + right * (source[q + channel]! - source[p + channel]!);
        const below = source[r + channel]! + right * (source[s + channel]! - source[r + channel]!);
        pixels[target + channel] = Math.trunc(above + down * (below - above));
      }
    }
  }
}
