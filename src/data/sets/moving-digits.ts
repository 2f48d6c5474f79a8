// Moving digits: volumes made of real MNIST digits, each moving around its frame.

import { Random } from "#base/random";
import type { ImageDataset, ImageSplit } from "./dataset.ts";
import { memoised } from "./memoised.ts";
import { mnist } from "./mnist.ts";
import { DIRECTIONS, drawMoving, FRAMES, labelled, type Asked, type MovingSplit } from "./moving.ts";

const EDGE = 28;
const VOLUME = FRAMES * EDGE * EDGE;
/** The first digits of each split, where it has more: 63 and 13 MB of pixels. */
const MOST = { train: 10_000, test: 2_000 } as const;
const TITLE = "moving MNIST digits";

const CLASSES: Readonly<Record<Asked, readonly string[]>> = { class: mnist.classes, direction: DIRECTIONS };

/** 8×28×28, one channel, up to 10 000 train and 2 000 test. Asked: one of 10 digits, or of 8 directions. */
export const movingDigits: readonly ImageDataset[] = (["class", "direction"] as const).map((asked) => ({
  id: `moving-digits-${asked}`,
  title: `${TITLE} (${asked})`,
  kind: "images",
  synthetic: false,
  provenance: `made by this program of digits from ${mnist.provenance}`,
  licence: mnist.licence,
  imageShape: [FRAMES, EDGE, EDGE, 1],
  classes: CLASSES[asked],
  source: mnist.source!,
  find: (dataDir) => {
    const found = mnist.find(dataDir);
    return { ...found, label: labelOf(found.label, asked) };
  },
  load: (dataDir) => {
    const { label, train, test } = volumesOf(dataDir);
    return {
      label: labelOf(label, asked),
      synthetic: false,
      classes: CLASSES[asked],
      train: labelled(train, asked),
      test: labelled(test, asked),
    };
  },
}));

/** Names MNIST's subset, if it is one. */
function labelOf(source: string, asked: Asked): string {
  return `${TITLE} (${asked})${source === mnist.title ? "" : `, of ${source}`}`;
}

/** Made once a process and folder: both labels share the pixels. */
const volumesOf = memoised((dataDir: string | undefined) => {
  const { label, train, test } = mnist.load(dataDir);
  return { label, train: moved(train, "train"), test: moved(test, "test") };
});

function moved(digits: ImageSplit, name: keyof typeof MOST): MovingSplit {
  const random = new Random(20240524).fork(name);
  const count = Math.min(MOST[name], digits.count);
  const pixels = new Uint8Array(count * VOLUME);
  const directions = Uint8Array.from({ length: count }, (_, item) => item % DIRECTIONS.length);
  for (let item = 0; item < count; item++) {
    const digit = digits.pixels.subarray(item * EDGE * EDGE, (item + 1) * EDGE * EDGE);
    const start = [random.integer(EDGE), random.integer(EDGE)] as const;
    drawMoving(pixels.subarray(item * VOLUME, (item + 1) * VOLUME), digit, {
      edge: EDGE,
      start,
      direction: directions[item]!,
    });
  }
  return {
    count,
    shape: [FRAMES, EDGE, EDGE, 1],
    pixels,
    objects: Uint8Array.from(digits.labels.subarray(0, count)),
    directions,
  };
}
