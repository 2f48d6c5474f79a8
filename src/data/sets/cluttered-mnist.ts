// Cluttered, translated MNIST: a real digit somewhere in a larger image, among pieces of other digits. Where the digit
// stands and what belongs to it have to be found first, which MNIST itself never asks.

import { Random } from "#base/random";
import type { ImageDataset, ImageSplit } from "./dataset.ts";
import { memoised } from "./memoised.ts";
import { mnist } from "./mnist.ts";

const EDGE = 56;
const DIGIT = 28;
const PIECE = 8;
const PIECES = 8;
const TITLE = "cluttered MNIST";

/** 56×56, one channel, as many images as MNIST has; the same on every machine. */
export const clutteredMnist: ImageDataset = {
  id: "cluttered-mnist",
  title: TITLE,
  kind: "images",
  synthetic: false,
  provenance: `made by this program of digits from ${mnist.provenance}; after Mnih et al., arXiv 1406.6247, with images of our own`,
  licence: mnist.licence,
  imageShape: [EDGE, EDGE, 1],
  classes: mnist.classes,
  source: mnist.source!,
  find: (dataDir) => {
    const found = mnist.find(dataDir);
    return { ...found, label: labelOf(found.label) };
  },
  load: (dataDir) => cluttered(dataDir),
};

/** Names MNIST's subset, if it is one. */
function labelOf(source: string): string {
  return source === mnist.title ? TITLE : `${TITLE}, of ${source}`;
}

/** Made once a process and folder. */
const cluttered = memoised((dataDir: string | undefined) => {
  const { label, train, test, classes } = mnist.load(dataDir);
  return {
    label: labelOf(label),
    synthetic: false,
    classes,
    train: clutter(train, "train"),
    test: clutter(test, "test"),
  };
});

/** One image of each digit; pieces come from digits of the same split. */
function clutter(digits: ImageSplit, name: string): ImageSplit {
  const random = new Random(20240525).fork(name);
  const pixels = new Uint8Array(digits.count * EDGE * EDGE);
  const digitOf = (item: number) => digits.pixels.subarray(item * DIGIT * DIGIT, (item + 1) * DIGIT * DIGIT);
  for (let item = 0; item < digits.count; item++) {
    const image = pixels.subarray(item * EDGE * EDGE, (item + 1) * EDGE * EDGE);
    for (let piece = 0; piece < PIECES; piece++) {
      // pieces come from the digits' inner part, so that few of them are empty
      const from = [4 + random.integer(DIGIT - PIECE - 7), 4 + random.integer(DIGIT - PIECE - 7)] as const;
      const to = [random.integer(EDGE - PIECE + 1), random.integer(EDGE - PIECE + 1)] as const;
      stamp(image, digitOf(random.integer(digits.count)), { from, to, size: PIECE });
    }
    const to = [random.integer(EDGE - DIGIT + 1), random.integer(EDGE - DIGIT + 1)] as const;
    stamp(image, digitOf(item), { from: [0, 0], to, size: DIGIT });
  }
  return { count: digits.count, shape: [EDGE, EDGE, 1], pixels, labels: digits.labels };
}

interface Stamp {
  /** row and column of the upper left corner */
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly size: number;
}

/** Copies a square of a digit; where ink is already, the brighter one stays. */
function stamp(image: Uint8Array, digit: Uint8Array, { from, to, size }: Stamp): void {
  for (let row = 0; row < size; row++) {
    const source = (from[0] + row) * DIGIT + from[1];
    const target = (to[0] + row) * EDGE + to[1];
    for (let column = 0; column < size; column++)
      image[target + column] = Math.max(image[target + column]!, digit[source + column]!);
  }
}
