// Folders of photographs: every image is decoded to its end.

import { join } from "node:path";
import { DataError } from "#base/errors";
import { decodePhotograph } from "../sets/photograph.ts";
import { imageTree, type ImageFiles } from "../sets/image-tree.ts";
import type { FileFinding } from "./check-file.ts";
import { hashFile } from "./remote.ts";
import type { ImageTree } from "./source.ts";

/** Decoders at work together; each decodes on a thread of its own. */
const AT_ONCE = 8;
/** Small, as the result is thrown away: what counts is that the whole file was read. */
const CROPPING = { shorterSide: 32, edge: 32 };

export interface CheckedFolder {
  readonly dataDir: string;
  /** under the data folder */
  readonly folder: string;
  /** sha256 by path under the data folder, where some are listed */
  readonly sums: ReadonlyMap<string, string>;
}

/** One finding a split, and one for every image that cannot be decoded or is another than the listed one. */
export async function checkImageTree(place: CheckedFolder, { counts }: ImageTree): Promise<readonly FileFinding[]> {
  const { dataDir, folder } = place;
  try {
    const { train, val } = imageTree(join(dataDir, folder));
    const inTrain = await checkSplit({ ...place, folder: `${folder}/train` }, train, counts.train);
    return [...inTrain, ...(await checkSplit({ ...place, folder: `${folder}/val` }, val, counts.val))];
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return [{ path: folder, verdict: "damaged", detail: error.message }];
  }
}

async function checkSplit(
  { dataDir, folder, sums }: CheckedFolder,
  files: ImageFiles,
  official: number,
): Promise<FileFinding[]> {
  const paths = files.classes.flatMap((name, label) => files.names[label]!.map((file) => `${folder}/${name}/${file}`));
  const damaged: FileFinding[] = [];
  let next = 0;
  const decodeOn = async () => {
    while (next < paths.length) {
      const path = paths[next++]!;
      try {
        const listed = sums.get(path);
        if (listed !== undefined && (await hashFile(join(dataDir, path), "sha256")) !== listed)
          throw new Error("its sha256 is not the one in SHA256SUMS");
        await decodePhotograph(join(dataDir, path), CROPPING);
      } catch (error) {
        damaged.push({ path, verdict: "damaged", detail: error instanceof Error ? error.message : String(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, decodeOn));
  const sound = paths.length - damaged.length;
  const isComplete = files.count === official;
  const summary: FileFinding = {
    path: folder,
    verdict: isComplete ? "ok" : "subset",
    detail: `${sound} of its ${files.count} images are sound, ${files.classes.length} classes${isComplete ? "" : `; the complete split has ${official} images`}`,
  };
  return [summary, ...damaged.sort((a, b) => (a.path < b.path ? -1 : 1))];
}
