// The files that data sets are read from: where they come from, how they lie in the data folder, whether they are sound.

import type { Bytes } from "#base/units";

export interface RemoteFile {
  /** the same file at each of them, tried in this order */
  readonly urls: readonly [string, ...string[]];
  readonly bytes: Bytes;
  /** `bytes` is a rounded figure: up to a tenth more is taken */
  readonly isRounded?: boolean;
  /** of the file as it is stored, lower-case hexadecimal */
  readonly sha256: string;
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
  /** paths under the source's folder that are here after this download; one path for a file that is not unpacked */
  readonly gives: readonly [string, ...string[]];
}

/** What a check says of one file or folder. */
export interface Finding {
  /** under the data folder */
  readonly path: string;
  /** missing: the set cannot be read without it; absent: it can */
  readonly verdict: "ok" | "subset" | "absent" | "damaged" | "missing";
  /** what it holds and how that is known, or what is wrong */
  readonly detail: string;
}

export interface DataSource {
  /** name that `data fetch` and `data check` take */
  readonly id: string;
  /** under the data folder; the first is where a download goes, the others are accepted too */
  readonly folders: readonly [string, ...string[]];
  /** one line: which files are expected, by which names */
  readonly layout: string;
  readonly downloads: readonly Download[];
  /** what cannot be downloaded, why, and what to do instead */
  readonly byHand?: string | undefined;
  /**
   * Reads the files to their end, with the readers that the data sets use; damage is a finding, not an error.
   *
   * @returns nothing where no file of it is here
   */
  check(dataDir: string): Promise<readonly Finding[]>;
}

/** Bytes to fetch for a source. */
export function downloadBytes({ downloads }: Pick<DataSource, "downloads">): Bytes {
  return downloads.reduce((sum, { file }) => sum + file.bytes, 0);
}
