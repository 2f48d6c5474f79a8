// Data sets in MNIST's layout: four idx files, or subsets of them whose names carry a word between split and kind
// (`train-first5000-images-idx3-ubyte.gz`), paired with their labels by that prefix.

import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { DataError } from "#base/errors";
import { namesIn } from "./content.ts";
import type { Found, ImageData, ImageDataset, ImageSplit, SourceFile } from "./dataset.ts";
import { readIdx } from "./idx.ts";
import { labelWith, partOf } from "./part-label.ts";

export interface IdxDeclaration {
  readonly id: string;
  readonly title: string;
  readonly provenance: string;
  readonly licence: string;
  readonly classes: readonly string[];
  readonly imageShape: readonly [height: number, width: number];
  /** images in the official splits */
  readonly counts: { readonly train: number; readonly test: number };
  readonly files: readonly SourceFile[];
}

interface SplitFiles {
  readonly images: string;
  readonly labels: string;
  /** the word that names a subset; absent for the official file */
  readonly subset?: string;
}

const PREFIXES = { train: "train", test: "t10k" } as const;
type SplitName = keyof typeof PREFIXES;

/** A data set of four idx files under `dataDir/<id>/`. */
export function idxDataset(declaration: IdxDeclaration): ImageDataset {
  const { id, title, classes } = declaration;
  return {
    ...declaration,
    kind: "images",
    synthetic: false,
    imageShape: [...declaration.imageShape, 1],
    find: (dataDir) => findIdx(declaration, dataDir),
    load: (dataDir): ImageData => {
      const found = findIdx(declaration, dataDir);
      if (!found.available) throw new DataError(join(dataDir ?? ".", id), `${title} is not here: ${found.reason}`);
      const folder = join(dataDir!, id);
      const [train, test] = [loadSplit(declaration, folder, "train"), loadSplit(declaration, folder, "test")];
      const parts = [train, test].map(({ part }) => part);
      return { label: labelWith(title, parts), synthetic: false, classes, train: train.images, test: test.images };
    },
  };
}

function findIdx({ id, title }: IdxDeclaration, dataDir: string | undefined): Found {
  if (dataDir === undefined) return { available: false, label: title, reason: "no data folder given (--data-dir)" };
  const folder = join(dataDir, id);
  const train = splitFiles(folder, "train");
  const test = splitFiles(folder, "test");
  const missing = [train, test].filter((split) => typeof split === "string");
  if (typeof train === "string" || typeof test === "string") {
    return { available: false, label: title, reason: `${missing.join("; ")} (looked in ${folder})` };
  }
  return {
    available: true,
    label: labelWith(title, [train.subset && `train ${train.subset}`, test.subset && `test ${test.subset}`]),
  };
}

/** The files of a split, the official ones first; or the reason why there are none. */
function splitFiles(folder: string, split: SplitName): SplitFiles | string {
  const prefix = PREFIXES[split];
  const pattern = new RegExp(`^${prefix}(?:-(.+))?-images[-.]idx3-ubyte(?:\\.gz)?$`);
  const candidates = namesIn(folder)
    .map((name) => ({ name, match: pattern.exec(name) }))
    .filter(({ match }) => match !== null)
    .sort((a, b) => Number(a.match![1] !== undefined) - Number(b.match![1] !== undefined));
  if (candidates.length === 0) return `no ${prefix}-images-idx3-ubyte, plain or .gz`;
  for (const { name, match } of candidates) {
    const labels = labelsBeside(folder, name);
    const subset = match![1];
    if (labels !== undefined)
      return { images: join(folder, name), labels, ...(subset === undefined ? {} : { subset }) };
  }
  return `no labels beside ${candidates.map(({ name }) => name).join(", ")}`;
}

function labelsBeside(folder: string, images: string): string | undefined {
  const plain = images.replace("-images", "-labels").replace("idx3", "idx1").replace(/\.gz$/, "");
  return [plain, `${plain}.gz`].map((name) => join(folder, name)).find((path) => existsSync(path));
}

/** Both spellings go about: `t10k-images-idx3-ubyte` and `t10k-images.idx3-ubyte`. */
function officialName(path: string): string {
  return basename(path).replace(/\.gz$/, "").replace(".idx", "-idx");
}

function loadSplit(
  declaration: IdxDeclaration,
  folder: string,
  split: SplitName,
): { readonly images: ImageSplit; readonly part: string | undefined } {
  const files = splitFiles(folder, split);
  if (typeof files === "string") throw new DataError(folder, files);
  const [height, width] = declaration.imageShape;
  const mostItems = declaration.counts[split];
  const sha256Of = (path: string) => declaration.files.find(({ name }) => name === officialName(path))?.sha256;
  const images = readIdx(files.images, {
    dimensions: 3,
    mostItems,
    itemShape: [height, width],
    sha256: sha256Of(files.images),
  });
  const labels = readIdx(files.labels, { dimensions: 1, mostItems, itemShape: [], sha256: sha256Of(files.labels) });
  const count = images.shape[0]!;
  if (labels.shape[0] !== count) {
    throw new DataError(files.labels, `holds ${labels.shape[0]} labels for the ${count} images of ${files.images}`);
  }
  if (count === 0) throw new DataError(files.images, "holds no images");
  const wrong = labels.values.findIndex((label) => label >= declaration.classes.length);
  if (wrong >= 0) {
    throw new DataError(
      files.labels,
      `label ${labels.values[wrong]} of item ${wrong} is outside 0 to ${declaration.classes.length - 1}`,
    );
  }
  const part = partOf(split, { subset: files.subset, found: count, official: mostItems });
  return { images: { count, shape: [height, width, 1], pixels: images.values, labels: labels.values }, part };
}
