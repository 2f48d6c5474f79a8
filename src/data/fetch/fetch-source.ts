// Brings the files of a source into the data folder: what is here already is left alone, archives are unpacked beside
// their place, and a file appears in it whole or not at all.

import { existsSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DataError } from "#base/errors";
import type { Bytes } from "#base/units";
import { host } from "#host/current";
import { entryPath } from "./archive-entry.ts";
import { download, type DownloadOptions } from "./download.ts";
import type { DataSource, Download, Unpacking } from "../source.ts";
import { unpackTarGz } from "./unpack-tar.ts";
import { unpackZip } from "./unpack-zip.ts";

/** Unfinished downloads and archives on their way, under the data folder. */
const WORK_FOLDER = ".downloads";
const MOST_ENTRIES = 2_000_000;

export interface FetchEvents {
  /** a download begins, or is not needed */
  readonly onDownload?: ((item: Download, state: "here" | "fetching" | "unpacking") => void) | undefined;
  readonly onProgress?: ((item: Download, received: Bytes, total: Bytes) => void) | undefined;
}

export type FetchOptions = FetchEvents & Omit<DownloadOptions, "onProgress" | "extraBytes">;

/**
 * Fetches all downloads of a source.
 *
 * @returns paths of the new files and folders under the data folder
 * @throws {DownloadError} | {DataError} | {EnvironmentError} see `download`, `unpackTarGz` and `unpackZip`
 */
export async function fetchSource(
  source: DataSource,
  dataDir: string,
  options: FetchOptions = {},
): Promise<readonly string[]> {
  const fresh: string[] = [];
  const [folder] = source.folders;
  for (const item of source.downloads) {
    if (item.gives.every((name) => isHere(source, dataDir, name))) {
      options.onDownload?.(item, "here");
      continue;
    }
    options.onDownload?.(item, "fetching");
    const onProgress = (received: Bytes, total: Bytes) => options.onProgress?.(item, received, total);
    const { unpacking } = item;
    if (unpacking === undefined) {
      await download(item.file, join(dataDir, folder, item.gives[0]), { ...options, onProgress });
    } else {
      const archive = join(dataDir, WORK_FOLDER, basename(new URL(item.file.urls[0]).pathname));
      await download(item.file, archive, { ...options, onProgress, extraBytes: unpacking.mostBytes });
      options.onDownload?.(item, "unpacking");
      await unpackInto(archive, { ...unpacking, gives: item.gives }, join(dataDir, folder));
      rmSync(archive);
    }
    fresh.push(...item.gives.map((name) => `${folder}/${name}`));
  }
  return fresh;
}

/** A file counts as here with and without `.gz`, in any of its folders. */
function isHere({ folders }: DataSource, dataDir: string, name: string): boolean {
  const plain = name.replace(/\.gz$/, "");
  return folders.some((folder) => [plain, `${plain}.gz`].some((file) => existsSync(join(dataDir, folder, file))));
}

/** Unpacks beside the folder, checks that all is there, and moves it in. A damaged archive is deleted. */
async function unpackInto(archive: string, rules: Unpacking & Pick<Download, "gives">, folder: string): Promise<void> {
  const work = `${archive}.unpacking-${process.pid}`;
  rmSync(work, { recursive: true, force: true });
  host.files.makeFolder(work);
  const { format, mostBytes, prefix, keep, gives } = rules;
  const select = (name: string) => {
    const plain = name.replace(/^\.\//, "");
    const inner = plain.startsWith(prefix) ? plain.slice(prefix.length) : undefined;
    return inner !== undefined && keep.test(inner) ? inner : undefined;
  };
  try {
    const unpack = format === "zip" ? unpackZip : unpackTarGz;
    const written = await unpack(archive, work, { mostBytes, mostEntries: MOST_ENTRIES, select });
    const missing = gives.filter((name) => !existsSync(entryPath(work, name)));
    if (missing.length > 0)
      throw new DataError(archive, `holds no ${missing.join(", no ")} under ${prefix === "" ? "its top" : prefix}`, {
        missing,
      });
    moveInto(work, written, folder);
  } catch (error) {
    if (error instanceof DataError) rmSync(archive, { force: true });
    throw error;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The whole folder at once where there is none yet, else file by file. */
function moveInto(work: string, written: readonly string[], folder: string): void {
  host.files.makeFolder(dirname(folder));
  if (!existsSync(folder)) return renameSync(work, folder);
  for (const target of written) {
    const path = entryPath(folder, target);
    host.files.makeFolder(dirname(path));
    renameSync(entryPath(work, target), path);
  }
}
