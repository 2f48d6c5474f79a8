// Data sets in MNIST's layout: four idx files, or subsets of them whose names carry a word between split and kind
// (`train-first5000-images-idx3-ubyte.gz`), paired with their labels by that word.

import { DataError } from "#base/errors";
import type { ImageData, ImageDataset, ImageSplit } from "./dataset.ts";
import { fileSet, type ReadFile } from "./file-set.ts";
import { readIdx, type IdxArray } from "./idx.ts";

export interface IdxDeclaration extends Pick<ImageDataset, "id" | "title" | "provenance" | "licence" | "classes"> {
  readonly edge: number;
  /** images in the official splits */
  readonly counts: { readonly train: number; readonly test: number };
  /** addresses before the name of a file */
  readonly bases: readonly [string, ...string[]];
  readonly files: readonly IdxFile[];
}

/** An official file: its gzip form as it is fetched, and the sha256 of its content where it is known. */
export interface IdxFile {
  readonly stem: "train" | "t10k";
  readonly kind: "images" | "labels";
  readonly gzip: { readonly bytes: number; readonly sha256: string };
  readonly sha256?: string;
}

const ENDINGS = { images: "-images-idx3-ubyte", labels: "-labels-idx1-ubyte" } as const;

/** A data set of four idx files under `dataDir/<id>/`. */
export function idxDataset(declaration: IdxDeclaration): ImageDataset {
  const { id, title, provenance, licence, classes, edge, counts, bases, files } = declaration;
  const itemShape = { images: [edge, edge], labels: [] } as const;
  const kindOf = (ending: string) => (ending === ENDINGS.images ? "images" : "labels");
  const set = fileSet<IdxArray, ImageData>({
    id,
    title,
    folders: [id],
    isPaired: true,
    official: counts,
    unit: "items",
    files: files.map(({ stem, kind, sha256 }) => ({
      stem,
      ending: ENDINGS[kind],
      split: stem === "train" ? "train" : "test",
      sha256,
    })),
    downloads: files.map(({ stem, kind, gzip: { bytes, sha256 } }) => {
      const name = `${stem}${ENDINGS[kind]}.gz`;
      return {
        file: { urls: bases.map((base) => `${base}${name}`) as [string, ...string[]], bytes, sha256 },
        gives: [name],
      };
    }),
    read: (path, { ending, split }, sha256) =>
      readIdx(path, { mostItems: counts[split as keyof typeof counts], itemShape: itemShape[kindOf(ending)], sha256 }),
    count: ({ shape }) => shape[0]!,
    assemble: (splits, label) => ({
      label,
      synthetic: false,
      classes,
      train: imageSplit(splits.get("train")!, classes.length, edge),
      test: imageSplit(splits.get("test")!, classes.length, edge),
    }),
  });
  return {
    id,
    title,
    provenance,
    licence,
    classes,
    kind: "images",
    synthetic: false,
    imageShape: [edge, edge, 1],
    ...set,
  };
}

function imageSplit(files: readonly ReadFile<IdxArray>[], classes: number, edge: number): ImageSplit {
  const images = files.find(({ content }) => content.shape.length === 3)!;
  const labels = files.find(({ content }) => content.shape.length === 1)!;
  const [count, values] = [images.content.shape[0]!, labels.content.values];
  if (values.length !== count)
    throw new DataError(labels.path, `holds ${values.length} labels for the ${count} images of ${images.path}`);
  if (count === 0) throw new DataError(images.path, "holds no images");
  const wrong = values.findIndex((label) => label >= classes);
  if (wrong >= 0)
    throw new DataError(labels.path, `label ${values[wrong]} of item ${wrong} is outside 0 to ${classes - 1}`);
  return { count, shape: [edge, edge, 1], pixels: images.content.values, labels: values };
}
