// A source: where the files of a data set come from, how they are laid out in the data folder, and how to tell that
// they are what they should be.

import type { Bytes } from "#base/units";
import type { LatentDataset } from "../sets/dataset.ts";
import type { RemoteFile } from "./remote.ts";

/** How the content of a file is made; `formats.ts` reads each of them through. */
export type FormatId = "idx" | "cifar-10" | "cifar-100" | "tsv" | "text" | "bytes";

/** A file that belongs to a data set. */
export interface KnownFile {
  /** under the source's folder, without `.gz` */
  readonly name: string;
  /** another spelling that goes about */
  readonly alias?: string;
  readonly format: FormatId;
  /** of the content after gunzip, where the complete official file is known */
  readonly sha256?: string;
  /** names of subsets of this file, without `.gz`; the first group is the word that tells them apart */
  readonly subset?: RegExp;
}

/** Folders of photographs, `train/<class>/*.JPEG` and `val/<class>/*.JPEG`. */
export interface ImageTree {
  /** folders that may hold it, the fetched one first */
  readonly folders: readonly [string, ...string[]];
  /** images of the complete splits */
  readonly counts: { readonly train: number; readonly val: number };
}

export interface Unpacking {
  readonly format: "tar.gz" | "zip";
  /** contents of the archive together; more is refused */
  readonly mostBytes: Bytes;
  /** entries below this prefix, those of them whose names match, go into the source's folder */
  readonly prefix: string;
  readonly keep: RegExp;
}

export interface Download {
  readonly file: RemoteFile;
  /** absent: the file itself is what is wanted */
  readonly unpacking?: Unpacking;
  /** paths under the source's folder, that are here after this download; one path for a file that is not unpacked */
  readonly gives: readonly [string, ...string[]];
}

export interface DataSource {
  readonly id: string;
  /** ids of the data sets read from these files; the source's own id when absent */
  readonly datasets?: readonly string[];
  /** under the data folder */
  readonly folder: string;
  /** other folders in which the same files are accepted */
  readonly otherFolders?: readonly string[];
  readonly downloads: readonly Download[];
  /** what cannot be downloaded, why, and what to do instead */
  readonly byHand?: string;
  readonly files: readonly KnownFile[];
  readonly images?: ImageTree;
  /** a folder of safetensors files, with the numbers of latents in the complete splits */
  readonly latents?: {
    readonly dataset: LatentDataset;
    readonly counts: { readonly train: number; readonly val: number };
  };
}

/** Bytes to fetch for a source. */
export function downloadBytes({ downloads }: DataSource): Bytes {
  return downloads.reduce((sum, { file }) => sum + file.bytes, 0);
}
