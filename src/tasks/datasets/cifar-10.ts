// CIFAR-10 in its binary form: records of one label byte and 3072 bytes, a plane each of red, green and blue.
// Subsets carry a word in their name (`data_batch_1.first4000.bin.gz`), which the label repeats.

import { join } from "node:path";
import { DataError } from "#base/errors";
import { CIFAR_EDGE, readCifar } from "./cifar-records.ts";
import { namesIn } from "./content.ts";
import type { Found, ImageData, ImageDataset } from "./dataset.ts";

const CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
const LAYOUT = { labels: [CLASSES.length], recordsInFile: 10_000 };
const FOLDERS = ["cifar-10", "cifar-10-batches-bin"];
const TRAIN_NAME = /^data_batch_[1-5](?:\.(.+?))?\.bin(?:\.gz)?$/;
const TEST_NAME = /^test_batch(?:\.(.+?))?\.bin(?:\.gz)?$/;

/** CIFAR-10: photographs, 32×32 in colour, 50 000 train and 10 000 test. */
export const cifar10: ImageDataset = {
  id: "cifar-10",
  title: "CIFAR-10",
  kind: "images",
  synthetic: false,
  provenance: "A. Krizhevsky: Learning Multiple Layers of Features from Tiny Images, 2009 (cs.toronto.edu/~kriz/cifar.html, binary version)",
  licence: "none stated; citation asked",
  imageShape: [CIFAR_EDGE, CIFAR_EDGE, 3],
  classes: CLASSES,
  // Checksums are published for the archive only, not for the files in it.
  files: [...[1, 2, 3, 4, 5].map((batch) => ({ name: `data_batch_${batch}.bin` })), { name: "test_batch.bin" }],
  find,
  load(dataDir): ImageData {
    const found = find(dataDir);
    if (!found.available) throw new DataError(join(dataDir ?? ".", "cifar-10"), `CIFAR-10 is not here: ${found.reason}`);
    const { folder, train, test } = locate(dataDir!)!;
    return {
      label: found.label,
      synthetic: false,
      classes: CLASSES,
      train: readCifar(folder, train, LAYOUT),
      test: readCifar(folder, [test], LAYOUT),
    };
  },
};

interface Located {
  readonly folder: string;
  readonly train: readonly string[];
  readonly test: string;
}

function locate(dataDir: string): Located | undefined {
  for (const name of FOLDERS) {
    const folder = join(dataDir, name);
    const names = namesIn(folder);
    const train = onePerBatch(names.filter((file) => TRAIN_NAME.test(file)));
    const [test] = onePerBatch(names.filter((file) => TEST_NAME.test(file)));
    if (train.length > 0 && test !== undefined) return { folder, train, test };
  }
  return undefined;
}

/** One file of each batch: the complete one before a subset of the same batch. */
function onePerBatch(names: readonly string[]): string[] {
  const chosen = new Map<string, string>();
  const byCompleteness = [...names].sort((a, b) => a.split(".").length - b.split(".").length);
  for (const name of byCompleteness) {
    const batch = name.split(".")[0]!;
    if (!chosen.has(batch) || /^[^.]+\.bin(\.gz)?$/.test(name)) chosen.set(batch, name);
  }
  return [...chosen.values()].sort();
}

function find(dataDir: string | undefined): Found {
  const label = "CIFAR-10";
  if (dataDir === undefined) return { available: false, label, reason: "no data folder given (--data-dir)" };
  const located = locate(dataDir);
  if (located === undefined) {
    const where = FOLDERS.map((name) => join(dataDir, name)).join(" and ");
    return { available: false, label, reason: `no data_batch_*.bin with test_batch.bin, plain or .gz (looked in ${where})` };
  }
  const subset = (name: string, pattern: RegExp) => pattern.exec(name)![1];
  const train = located.train.map((name) => subset(name, TRAIN_NAME)).filter((word) => word !== undefined);
  if (train.length === 0 && located.train.length < 5) train.push(`${located.train.length} of 5 batches`);
  const test = subset(located.test, TEST_NAME);
  const parts = [...(train.length > 0 ? [`train ${train.join(" ")}`] : []), ...(test === undefined ? [] : [`test ${test}`])];
  return { available: true, label: parts.length === 0 ? label : `${label} (${parts.join(", ")})` };
}
