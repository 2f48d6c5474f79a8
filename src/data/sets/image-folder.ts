// Data sets in folders of photographs. There may be more of them than memory holds, so a split knows its files and
// decodes what it is asked for. Files stand in an order of their own, shuffled once and for all: any first part of a
// split has all classes in it.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { DataError } from "#base/errors";
import { Random } from "#base/random";
import type { Bytes } from "#base/units";
import type { DataSource, Finding } from "../source.ts";
import { onDemandSplit, type Found, type ImageData, type ImageDataset, type ImageSplit } from "./dataset.ts";
import { damaged, notHere } from "./file-set.ts";
import { imageFilesIn, imageTree, type ImageFiles } from "./image-tree.ts";
import { labelWith, partOf } from "./part-label.ts";
import { decodePhotograph, type Cropping } from "./photograph.ts";

export interface ImageFolderDeclaration
  extends
    Pick<ImageDataset, "id" | "title" | "provenance" | "licence" | "classes">,
    Pick<DataSource, "folders" | "downloads" | "byHand"> {
  /** names of the class folders where they are known, in the order of `classes` */
  readonly classFolders?: readonly string[];
  readonly cropping: Cropping;
  /** images of the complete splits */
  readonly counts: { readonly train: number; readonly val: number };
}

const SPLITS = ["train", "val"] as const;
/** Decoded images up to this size are kept, so that the next epoch finds them. */
const MOST_KEPT: Bytes = 256 * 2 ** 20;
/** Decoders at work together; each decodes on a thread of its own. */
const AT_ONCE = 8;
/** A check throws its pixels away: what counts is that the whole file was read. */
const SMALL = { shorterSide: 32, edge: 32 };
const ORDER_SEED = 1409;

/** A data set in `dataDir/<folder>/train|val/<class>/*.{jpg,jpeg,png}`; `val` is its test split. */
export function imageFolderDataset(declaration: ImageFolderDeclaration): ImageDataset {
  const { id, title, provenance, licence, classes, folders, cropping, downloads, byHand } = declaration;
  const find = (dataDir: string | undefined) => findTree(declaration, dataDir);
  return {
    id,
    title,
    kind: "images",
    synthetic: false,
    provenance,
    licence,
    imageShape: [cropping.edge, cropping.edge, 3],
    classes,
    source: {
      id,
      folders,
      layout: layoutOf(declaration),
      downloads,
      byHand,
      check: (dataDir) => checkTree(declaration, dataDir),
    },
    find,
    load(dataDir): ImageData {
      const found = find(dataDir);
      if (!found.available)
        throw new DataError(join(dataDir ?? ".", folders[0]), `${title} is not here: ${found.reason}`);
      const folder = join(dataDir!, folderOf(declaration, dataDir!)!);
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

function layoutOf({ folders: [first, ...others] }: ImageFolderDeclaration): string {
  const elsewhere = others.length === 0 ? "" : `, or in ${others.map((folder) => `${folder}/`).join(" or ")}`;
  return `${first}/train/<class>/*.JPEG and ${first}/val/<class>/*.JPEG (.jpg, .jpeg or .png)${elsewhere}`;
}

/** The first folder with both splits. */
function folderOf({ folders }: ImageFolderDeclaration, dataDir: string): string | undefined {
  return folders.find((name) => SPLITS.every((split) => existsSync(join(dataDir, name, split))));
}

function findTree(declaration: ImageFolderDeclaration, dataDir: string | undefined): Found {
  const { title, counts } = declaration;
  if (dataDir === undefined) return notHere(title, "no data folder given (--data-dir)");
  const folder = folderOf(declaration, dataDir);
  if (folder === undefined) return notHere(title, `no images in ${dataDir}; expected: ${layoutOf(declaration)}`);
  const parts = SPLITS.map((split) =>
    partOf(split, { found: imageFilesIn(join(dataDir, folder, split)).count, official: counts[split] }),
  );
  return { available: true, label: labelWith(title, parts) };
}

/** One finding per split, and one for every image that cannot be decoded. */
async function checkTree(declaration: ImageFolderDeclaration, dataDir: string): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const folder of declaration.folders) {
    const here = SPLITS.filter((split) => existsSync(join(dataDir, folder, split)));
    if (here.length === 0) continue;
    for (const split of SPLITS.filter((name) => !here.includes(name)))
      findings.push({ path: `${folder}/${split}`, verdict: "missing", detail: `expected: ${layoutOf(declaration)}` });
    if (here.length < SPLITS.length) continue;
    try {
      const tree = imageTree(join(dataDir, folder));
      checkClasses(declaration, join(dataDir, folder), tree.train);
      for (const split of SPLITS)
        findings.push(...(await checkSplit(`${folder}/${split}`, dataDir, tree[split], declaration.counts[split])));
    } catch (error) {
      findings.push(damaged(folder, error));
    }
  }
  return findings;
}

async function checkSplit(folder: string, dataDir: string, files: ImageFiles, official: number): Promise<Finding[]> {
  const paths = files.classes.flatMap((name, label) => files.names[label]!.map((file) => `${folder}/${name}/${file}`));
  const broken: Finding[] = [];
  await eachAtOnce(paths.length, async (item) => {
    try {
      await decodePhotograph(join(dataDir, paths[item]!), SMALL);
    } catch (error) {
      broken.push(damaged(paths[item]!, error));
    }
  });
  const isComplete = files.count === official;
  const whole = isComplete ? "" : `; the complete split has ${official} images`;
  const summary: Finding = {
    path: folder,
    verdict: isComplete ? "ok" : "subset",
    detail: `${paths.length - broken.length} of its ${files.count} images are sound, ${files.classes.length} classes${whole}`,
  };
  return [summary, ...broken.sort((a, b) => (a.path < b.path ? -1 : 1))];
}

/** Runs `task` for 0 to count − 1, several at a time. */
async function eachAtOnce(count: number, task: (item: number) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, work));
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
      await eachAtOnce(numbers.length, async (item) => {
        const number = numbers[item]!;
        const image =
          choosePart === undefined
            ? decodeOne(number)
            : decodePhotograph(pathOf(images[number]!), cropping, (whole) => choosePart(item, whole));
        pixels.set(await image, item * size);
      });
      return pixels;
    },
  });
}
