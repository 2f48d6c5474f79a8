// Folders of photographs as ImageNet is laid out: `train/<class>/<image>` and `val/<class>/<image>`. Classes are numbered
// in the order of their names.

import { statSync } from "node:fs";
import { join } from "node:path";
import { DataError } from "#base/errors";
import { namesIn } from "./content.ts";

const IMAGE = /\.(jpe?g|png)$/i;

export interface ImageFiles {
  /** folders of the classes, sorted */
  readonly classes: readonly string[];
  /** by class number, names of the files, sorted */
  readonly names: readonly (readonly string[])[];
  readonly count: number;
}

/** The images of one split folder; none when it is missing. */
export function imageFilesIn(folder: string): ImageFiles {
  const classes = foldersIn(folder);
  const names = classes.map((name) => namesIn(join(folder, name)).filter((file) => IMAGE.test(file)));
  return { classes, names, count: names.reduce((sum, files) => sum + files.length, 0) };
}

/**
 * Both splits of a tree.
 *
 * @throws {DataError} a split without images, or classes that differ
 */
export function imageTree(folder: string): { readonly train: ImageFiles; readonly val: ImageFiles } {
  const [train, val] = ["train", "val"].map((split) => imageFilesIn(join(folder, split))) as [ImageFiles, ImageFiles];
  for (const [split, { count }] of Object.entries({ train, val })) {
    if (count === 0)
      throw new DataError(join(folder, split), "holds no images: <class>/<name>.jpg, .jpeg or .png expected");
  }
  const only = (a: ImageFiles, b: ImageFiles) => a.classes.filter((name) => !b.classes.includes(name));
  const [onlyTrain, onlyVal] = [only(train, val), only(val, train)];
  if (onlyTrain.length > 0 || onlyVal.length > 0) {
    const parts = [
      ...(onlyTrain.length > 0 ? [`only in train: ${shown(onlyTrain)}`] : []),
      ...(onlyVal.length > 0 ? [`only in val: ${shown(onlyVal)}`] : []),
    ];
    throw new DataError(folder, `train and val have different classes (${parts.join("; ")})`, { onlyTrain, onlyVal });
  }
  return { train, val };
}

function shown(names: readonly string[]): string {
  return names.length <= 5 ? names.join(", ") : `${names.slice(0, 5).join(", ")} and ${names.length - 5} more`;
}

function foldersIn(folder: string): string[] {
  return namesIn(folder).filter((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory());
}
