// CIFAR-10 and CIFAR-100 in their binary form: records of label bytes and 3072 bytes, a plane each of red, green and blue.
// Of CIFAR-100's two labels the second one, the fine label, is the class. Checksums are published for the archives, not
// for the files in them.

import { DataError } from "#base/errors";
import type { Download } from "../source.ts";
import { readContent } from "./content.ts";
import type { ImageData, ImageDataset, ImageSplit } from "./dataset.ts";
import { fileSet, type ReadFile, type SetFile } from "./file-set.ts";

const EDGE = 32;
const PLANE = EDGE * EDGE;
const COUNTS = { train: 50_000, test: 10_000 };

interface CifarDeclaration extends Pick<ImageDataset, "id" | "title" | "classes"> {
  /** folder of the archive, accepted under the data folder too */
  readonly archiveFolder: string;
  readonly archive: Download["file"];
  /** classes that each label byte may name; the last one is the label */
  readonly labels: readonly number[];
  readonly files: readonly SetFile[];
  readonly recordsInFile: Readonly<Record<string, number>>;
}

function cifar(declaration: CifarDeclaration): ImageDataset {
  const { id, title, classes, archiveFolder, archive, labels, files, recordsInFile } = declaration;
  const recordSize = labels.length + 3 * PLANE;
  const names = files.map(({ stem, ending }) => `${stem}${ending}`) as [string, ...string[]];
  const set = fileSet<Uint8Array, ImageData>({
    id,
    title,
    folders: [id, archiveFolder],
    files,
    anyOf: ["train"],
    official: COUNTS,
    unit: "records",
    downloads: [
      {
        file: archive,
        unpacking: {
          format: "tar.gz",
          mostBytes: 200e6,
          prefix: `${archiveFolder}/`,
          keep: /^\w+\.bin$|^[\w.]+\.txt$/,
        },
        gives: names,
      },
    ],
    read: (path, { split }) => readRecords(path, labels, recordsInFile[split]!),
    count: (bytes) => bytes.length / recordSize,
    assemble: (splits, label) => ({
      label,
      synthetic: false,
      classes,
      train: joined(splits.get("train")!, labels.length),
      test: joined(splits.get("test")!, labels.length),
    }),
  });
  return {
    id,
    title,
    kind: "images",
    synthetic: false,
    provenance:
      "A. Krizhevsky: Learning Multiple Layers of Features from Tiny Images, 2009 (cs.toronto.edu/~kriz/cifar.html, binary version)",
    licence: "none stated; citation asked",
    imageShape: [EDGE, EDGE, 3],
    classes,
    ...set,
  };
}

/** @throws {DataError} unreadable, truncated, too long, or a label out of range */
function readRecords(path: string, labels: readonly number[], mostRecords: number): Uint8Array {
  const size = labels.length + 3 * PLANE;
  const { bytes, truncated } = readContent(path, mostRecords * size);
  const expected = Math.max(1, Math.ceil(bytes.length / size)) * size;
  if (truncated || bytes.length !== expected) {
    const rule = `truncated: records have ${size} bytes each, ${expected} or more expected, found ${bytes.length}`;
    throw new DataError(path, rule, { expected, found: bytes.length });
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

/** Files one after the other, planes of colour as channels. */
function joined(files: readonly ReadFile<Uint8Array>[], labelBytes: number): ImageSplit {
  const recordSize = labelBytes + 3 * PLANE;
  const count = files.reduce((sum, { content }) => sum + content.length / recordSize, 0);
  const pixels = new Uint8Array(count * 3 * PLANE);
  const labels = new Uint8Array(count);
  let item = 0;
  for (const { content } of files) {
    for (let record = 0; record < content.length; record += recordSize, item++) {
      const planes = record + labelBytes;
      labels[item] = content[planes - 1]!;
      for (let pixel = 0; pixel < PLANE; pixel++)
        for (let channel = 0; channel < 3; channel++)
          pixels[(item * PLANE + pixel) * 3 + channel] = content[planes + channel * PLANE + pixel]!;
    }
  }
  return { count, shape: [EDGE, EDGE, 3], pixels, labels };
}

/** CIFAR-10: photographs, 32×32 in colour, 50 000 train and 10 000 test. */
export const cifar10 = cifar({
  id: "cifar-10",
  title: "CIFAR-10",
  classes: ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
  labels: [10],
  archiveFolder: "cifar-10-batches-bin",
  archive: {
    urls: ["https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"],
    bytes: 170_052_171,
    sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
  },
  files: [
    ...[1, 2, 3, 4, 5].map((batch) => ({
      stem: `data_batch_${batch}`,
      ending: ".bin",
      split: "train",
      isOptional: true,
    })),
    { stem: "test_batch", ending: ".bin", split: "test" },
  ],
  recordsInFile: { train: 10_000, test: 10_000 },
});

/** CIFAR-100: photographs, 32×32 in colour, 100 fine classes, 50 000 train and 10 000 test. */
export const cifar100 = cifar({
  id: "cifar-100",
  title: "CIFAR-100",
  // `fine_label_names.txt` of the archive, in the order of the labels
  classes:
    "apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm".split(
      " ",
    ),
  labels: [20, 100],
  archiveFolder: "cifar-100-binary",
  archive: {
    urls: ["https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz"],
    bytes: 168_513_733,
    sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
  },
  files: [
    { stem: "train", ending: ".bin", split: "train" },
    { stem: "test", ending: ".bin", split: "test" },
  ],
  recordsInFile: COUNTS,
});
