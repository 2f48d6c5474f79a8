// CIFAR-100 in its binary form: records of a coarse and a fine label byte and 3072 bytes, a plane each of red, green and
// blue. The fine label is the class. Subsets carry a word in their name (`train.first500.bin.gz`), which the label repeats.

import { join } from "node:path";
import { DataError } from "#base/errors";
import { CIFAR_EDGE, readCifar } from "./cifar-records.ts";
import { namesIn } from "./content.ts";
import type { Found, ImageData, ImageDataset } from "./dataset.ts";
import { labelWith, partOf } from "./part-label.ts";

const COARSE_CLASSES = 20;
/** `fine_label_names.txt` of the archive, in the order of the labels. */
const CLASSES =
  "apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm".split(
    " ",
  );
const FOLDERS = ["cifar-100", "cifar-100-binary"];
const COUNTS = { train: 50_000, test: 10_000 } as const;
type Split = keyof typeof COUNTS;
const TITLE = "CIFAR-100";

/** CIFAR-100: photographs, 32×32 in colour, 100 fine classes, 50 000 train and 10 000 test. */
export const cifar100: ImageDataset = {
  id: "cifar-100",
  title: TITLE,
  kind: "images",
  synthetic: false,
  provenance:
    "A. Krizhevsky: Learning Multiple Layers of Features from Tiny Images, 2009 (cs.toronto.edu/~kriz/cifar.html, binary version)",
  licence: "none stated; citation asked",
  imageShape: [CIFAR_EDGE, CIFAR_EDGE, 3],
  classes: CLASSES,
  // Checksums are published for the archive only, not for the files in it.
  files: [{ name: "train.bin" }, { name: "test.bin" }],
  find(dataDir): Found {
    if (dataDir === undefined) return { available: false, label: TITLE, reason: "no data folder given (--data-dir)" };
    const located = locate(dataDir);
    if (located === undefined) {
      const where = FOLDERS.map((name) => join(dataDir, name)).join(" and ");
      return {
        available: false,
        label: TITLE,
        reason: `no train.bin with test.bin, plain or .gz (looked in ${where})`,
      };
    }
    return {
      available: true,
      label: labelWith(
        TITLE,
        (["train", "test"] as const).map((split) => located[split].subset && `${split} ${located[split].subset}`),
      ),
    };
  },
  load(dataDir): ImageData {
    const found = cifar100.find(dataDir);
    if (!found.available)
      throw new DataError(join(dataDir ?? ".", "cifar-100"), `${TITLE} is not here: ${found.reason}`);
    const { folder, ...files } = locate(dataDir!)!;
    const read = (split: Split) =>
      readCifar(folder, [files[split].name], {
        labels: [COARSE_CLASSES, CLASSES.length],
        recordsInFile: COUNTS[split],
      });
    const splits = { train: read("train"), test: read("test") };
    const parts = (["train", "test"] as const).map((split) =>
      partOf(split, { subset: files[split].subset, found: splits[split].count, official: COUNTS[split] }),
    );
    return { label: labelWith(TITLE, parts), synthetic: false, classes: CLASSES, ...splits };
  },
};

interface SplitFile {
  readonly name: string;
  /** the word that names a subset; absent for the whole file */
  readonly subset: string | undefined;
}

interface Located extends Readonly<Record<Split, SplitFile>> {
  readonly folder: string;
}

function locate(dataDir: string): Located | undefined {
  for (const name of FOLDERS) {
    const folder = join(dataDir, name);
    const [train, test] = [splitFile(folder, "train"), splitFile(folder, "test")];
    if (train !== undefined && test !== undefined) return { folder, train, test };
  }
  return undefined;
}

/** The whole file before a subset. */
function splitFile(folder: string, split: Split): SplitFile | undefined {
  const pattern = new RegExp(`^${split}(?:\\.(.+?))?\\.bin(?:\\.gz)?$`);
  const matches = namesIn(folder).flatMap((name) => {
    const match = pattern.exec(name);
    return match === null ? [] : [{ name, subset: match[1] }];
  });
  return matches.find(({ subset }) => subset === undefined) ?? matches[0];
}
