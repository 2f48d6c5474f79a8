// CIFAR-10 in its binary form: records of one label byte and 3072 bytes, a plane each of red, green and blue.
// Subsets carry a word in their name (`data_batch_1.first4000.bin.gz`), which the label repeats.

import { join } from "node:path";
import { DataError } from "#base/errors";
import { CIFAR_EDGE, readCifar } from "./cifar-records.ts";
import { namesIn } from "./content.ts";
import type { Found, ImageData, ImageDataset } from "./dataset.ts";
import { labelWith, partOf } from "./part-label.ts";

const CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
const LAYOUT = { labels: [CLASSES.length], recordsInFile: 10_000 };
const TITLE = "CIFAR-10";
const FOLDERS = ["cifar-10", "cifar-10-batches-bin"];
const TRAIN_NAME = /^data_batch_[1-5](?:\.(.+?))?\.bin(?:\.gz)?$/;
const TEST_NAME = /^test_batch(?:\.(.+?))?\.bin(?:\.gz)?$/;

/** CIFAR-10: photographs, 32×32 in colour, 50 000 train and 10 000 test. */
export const cifar10: ImageDataset = {
  id: "cifar-10",
  title: TITLE,
  kind: "images",
  synthetic: false,
  provenance:
    "A. Krizhevsky: Learning Multiple Layers of Features from Tiny Images, 2009 (cs.toronto.edu/~kriz/cifar.html, binary version)",
  licence: "none stated; citation asked",
  imageShape: [CIFAR_EDGE, CIFAR_EDGE, 3],
  classes: CLASSES,
  // Checksums are published for the archive only, not for the files in it.
  files: [...[1, 2, 3, 4, 5].map((batch) => ({ name: `data_batch_${batch}.bin` })), { name: "test_batch.bin" }],
  find,
  load(dataDir): ImageData {
    const found = find(dataDir);
    if (!found.available)
      throw new DataError(join(dataDir ?? ".", "cifar-10"), `${TITLE} is not here: ${found.reason}`);
    const { folder, train, test } = locate(dataDir!)!;
    const [trainSplit, testSplit] = [readCifar(folder, train, LAYOUT), readCifar(folder, [test], LAYOUT)];
    const parts = [
      partOf("train", { subset: wordsOf(train), found: trainSplit.count, official: 50_000 }),
      partOf("test", { subset: wordsOf([test]), found: testSplit.count, official: 10_000 }),
    ];
    return { label: labelWith(TITLE, parts), synthetic: false, classes: CLASSES, train: trainSplit, test: testSplit };
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
  const label = TITLE;
  if (dataDir === undefined) return { available: false, label, reason: "no data folder given (--data-dir)" };
  const located = locate(dataDir);
  if (located === undefined) {
    const where = FOLDERS.map((name) => join(dataDir, name)).join(" and ");
    return {
      available: false,
      label,
      reason: `no data_batch_*.bin with test_batch.bin, plain or .gz (looked in ${where})`,
    };
  }
  const { train, test } = located;
  const trainPart = wordsOf(train) ?? (train.length < 5 ? `${train.length} of 5 batches` : undefined);
  const testPart = wordsOf([test]);
  return {
    available: true,
    label: labelWith(label, [trainPart && `train ${trainPart}`, testPart && `test ${testPart}`]),
  };
}

/** The words that name subsets, where there are any. */
function wordsOf(names: readonly string[]): string | undefined {
  const words = names
    .map((name) => (TRAIN_NAME.exec(name) ?? TEST_NAME.exec(name))?.[1])
    .filter((word) => word !== undefined);
  return words.length === 0 ? undefined : words.join(" ");
}
