// The records of the binary CIFAR files: label bytes, then 3072 bytes, a plane each of red, green and blue.

import { join } from "node:path";
import { DataError } from "#base/errors";
import { readContent } from "./content.ts";
import type { ImageSplit } from "./dataset.ts";

export const CIFAR_EDGE = 32;
const PLANE = CIFAR_EDGE * CIFAR_EDGE;

export interface CifarLayout {
  /** classes that each label byte may name; the last one is the label */
  readonly labels: readonly number[];
  readonly recordsInFile: number;
}

/** @throws {DataError} a file is unreadable, truncated, too long, or has a label out of range */
export function readCifar(folder: string, names: readonly string[], layout: CifarLayout): ImageSplit {
  const recordSize = layout.labels.length + 3 * PLANE;
  const batches = names.map((name) => readBatch(join(folder, name), layout));
  const count = batches.reduce((sum, batch) => sum + batch.length / recordSize, 0);
  const pixels = new Uint8Array(count * 3 * PLANE);
  const labels = new Uint8Array(count);
  let item = 0;
  for (const batch of batches) {
    for (let record = 0; record < batch.length; record += recordSize, item++) {
      const planes = record + layout.labels.length;
      labels[item] = batch[planes - 1]!;
      for (let pixel = 0; pixel < PLANE; pixel++) {
        for (let channel = 0; channel < 3; channel++) {
          pixels[(item * PLANE + pixel) * 3 + channel] = batch[planes + channel * PLANE + pixel]!;
        }
      }
    }
  }
  return { count, shape: [CIFAR_EDGE, CIFAR_EDGE, 3], pixels, labels };
}

function readBatch(path: string, { labels, recordsInFile }: CifarLayout): Uint8Array {
  const size = labels.length + 3 * PLANE;
  const { bytes, truncated } = readContent(path, recordsInFile * size);
  const expected = Math.max(1, Math.ceil(bytes.length / size)) * size;
  if (truncated || bytes.length !== expected) {
    throw new DataError(
      path,
      `truncated: records have ${size} bytes each, ${expected} or more expected, found ${bytes.length}`,
      {
        expected,
        found: bytes.length,
      },
    );
  }
  for (let record = 0; record < bytes.length; record += size) {
    for (const [place, classes] of labels.entries()) {
      const label = bytes[record + place]!;
      if (label >= classes)
        throw new DataError(path, `label ${label} of record ${record / size} is outside 0 to ${classes - 1}`);
    }
  }
  return bytes;
}
