// Data sets in folders of photographs. There may be more of them than memory holds, so a split knows its files and
// decodes what it is asked for. Files stand in an order of their own, shuffled once and for all: any first part of a
// split has all classes in it.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { DataError } from "#base/errors";
import { Random } from "#base/random";
import type { Bytes } from "#base/units";
import { onDemandSplit, type Found, type ImageData, type ImageDataset, type ImageSplit } from "./dataset.ts";
import { imageFilesIn, imageTree, type ImageFiles } from "./image-tree.ts";
import { decodePhotograph, type Cropping } from "./photograph.ts";

export interface ImageFolderDeclaration extends Pick<
  ImageDataset,
  "id" | "title" | "provenance" | "licence" | "classes"
> {
  /** under the data folder; the first one that is there counts */
  readonly folders: readonly string[];
  /** names of the class folders where they are known, in the order of `classes` */
  readonly classFolders?: readonly string[];
  readonly cropping: Cropping;
  /** images of the complete splits */
  readonly counts: { readonly train: number; readonly val: number };
}

/** Decoded images up to this size are kept, so that the next epoch finds them. */
const MOST_KEPT: Bytes = 256 * 2 ** 20;
/** Decoders at work together; each decodes on a thread of its own. */
const AT_ONCE = 8;
const ORDER_SEED = 1409;

/** A data set in `dataDir/<folder>/train|val/<class>/*.{jpg,jpeg,png}`; `val` is its test split. */
export function imageFolderDataset(declaration: ImageFolderDeclaration): ImageDataset {
  const { id, title, provenance, licence, classes, folders, cropping } = declaration;
  return {
    id,
    title,
    kind: "images",
    synthetic: false,
    provenance,
    licence,
    imageShape: [cropping.edge, cropping.edge, 3],
    classes,
    files: [],
    find: (dataDir) => findTree(declaration, dataDir),
    load(dataDir): ImageData {
      const found = findTree(declaration, dataDir);
      if (!found.available)
        throw new DataError(join(dataDir ?? ".", folders[0]!), `${title} is not here: ${found.reason}`);
      const folder = folderOf(declaration, dataDir!)!;
      const { train, val } = imageTree(folder);
      checkClasses(declaration, folder, train);
      return {
        label: found.label,
        synthetic: false,
        classes,
        train: photographs(join(folder, "train"), train, cropping),
        test: photographs(join(folder, "val"), val, cropping),
      };
    },
  };
}

function folderOf({ folders }: ImageFolderDeclaration, dataDir: string): string | undefined {
  return folders
    .map((name) => join(dataDir, name))
    .find((path) => existsSync(join(path, "train")) && existsSync(join(path, "val")));
}

function findTree(declaration: ImageFolderDeclaration, dataDir: string | undefined): Found {
  const { title, folders, counts } = declaration;
  if (dataDir === undefined) return { available: false, label: title, reason: "no data folder given (--data-dir)" };
  const folder = folderOf(declaration, dataDir);
  if (folder === undefined) {
    const where = folders.map((name) => join(dataDir, name)).join(" and ");
    return {
      available: false,
      label: title,
      reason: `no train/<class>/ and val/<class>/ with images (looked in ${where})`,
    };
  }
  const parts = (["train", "val"] as const).flatMap((split) => {
    const { count } = imageFilesIn(join(folder, split));
    return count === counts[split] ? [] : [`${split} ${count} of ${counts[split]}`];
  });
  return { available: true, label: parts.length === 0 ? title : `${title} (${parts.join(", ")})` };
}

function checkClasses(
  { title, classes, classFolders }: ImageFolderDeclaration,
  folder: string,
  { classes: found }: ImageFiles,
): void {
  if (found.length !== classes.length)
    throw new DataError(folder, `has ${found.length} classes, ${title} has ${classes.length}`, {
      expected: classes.length,
      found: found.length,
    });
  const stranger = classFolders === undefined ? undefined : found.find((name) => !classFolders.includes(name));
  if (stranger !== undefined)
    throw new DataError(join(folder, "train", stranger), `is no class of ${title}: ${classFolders!.join(", ")}`);
}

interface Photograph {
  readonly label: number;
  readonly name: string;
}

function photographs(folder: string, files: ImageFiles, cropping: Cropping): ImageSplit {
  const listed = files.names.flatMap((names, label) => names.map((name): Photograph => ({ label, name })));
  const images = new Random(ORDER_SEED).shuffle(listed);
  const size = cropping.edge * cropping.edge * 3;
  const kept = images.length * size <= MOST_KEPT ? new Map<number, Uint8Array>() : undefined;
  const pathOf = ({ label, name }: Photograph) => join(folder, files.classes[label]!, name);
  const decodeOne = async (number: number): Promise<Uint8Array> => {
    const known = kept?.get(number);
    if (known !== undefined) return known;
    const pixels = await decodePhotograph(pathOf(images[number]!), cropping);
    kept?.set(number, pixels);
    return pixels;
  };
  return onDemandSplit({
    count: images.length,
    shape: [cropping.edge, cropping.edge, 3],
    labels: Uint16Array.from(images, ({ label }) => label),
    async decode(numbers, choosePart) {
      const pixels = new Uint8Array(numbers.length * size);
      let next = 0;
      const decodeOn = async () => {
        while (next < numbers.length) {
          const item = next++;
          const number = numbers[item]!;
          const image =
            choosePart === undefined
              ? decodeOne(number)
              : decodePhotograph(pathOf(images[number]!), cropping, (whole) => choosePart(item, whole));
          pixels.set(await image, item * size);
        }
      };
      await Promise.all(Array.from({ length: Math.min(AT_ONCE, numbers.length) }, decodeOn));
      return pixels;
    },
  });
}
