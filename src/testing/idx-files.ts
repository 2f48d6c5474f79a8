// Small files in MNIST's layout, for tests that need images on the disk.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** An idx file of bytes. */
export function idxFile(shape: readonly number[], values: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.writeUInt32BE(0x0800 + shape.length);
  shape.forEach((size, axis) => header.writeUInt32BE(size, 4 + 4 * axis));
  return Buffer.concat([header, values]);
}

/** `count` images of 28×28, image i filled with i; label i mod 10. */
export function idxImages(count: number): Buffer {
  return idxFile(
    [count, 28, 28],
    Uint8Array.from({ length: count * 784 }, (_, i) => Math.floor(i / 784)),
  );
}

export function idxLabels(count: number): Buffer {
  return idxFile(
    [count],
    Uint8Array.from({ length: count }, (_, i) => i % 10),
  );
}

/**
 * A subset of MNIST in `dataDir/mnist`, named tiny: an upright stroke per image, at a place that its class tells, so that
 * no two classes look alike.
 */
export function putTinyMnist(dataDir: string, counts: { readonly train: number; readonly test: number }): void {
  mkdirSync(join(dataDir, "mnist"), { recursive: true });
  for (const [stem, count] of [
    ["train", counts.train],
    ["t10k", counts.test],
  ] as const) {
    const pixels = new Uint8Array(count * 784);
    for (let item = 0; item < count; item++)
      for (let row = 4; row < 24; row++) {
        const column = 3 + 2 * (item % 10) + ((row + item) % 2);
        pixels.fill(200 + (item % 50), item * 784 + row * 28 + column, item * 784 + row * 28 + column + 2);
      }
    writeFileSync(join(dataDir, "mnist", `${stem}-tiny-images-idx3-ubyte`), idxFile([count, 28, 28], pixels));
    writeFileSync(join(dataDir, "mnist", `${stem}-tiny-labels-idx1-ubyte`), idxLabels(count));
  }
}
