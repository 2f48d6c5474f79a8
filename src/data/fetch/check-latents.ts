// Folders of latents: headers and labels are checked, and every value is read.

import { DataError } from "#base/errors";
import type { LatentDataset, LatentSplit } from "../sets/dataset.ts";
import type { FileFinding } from "./check-file.ts";

/** One finding a split, or one for what is damaged. */
export function checkLatents(
  dataset: LatentDataset,
  counts: { readonly train: number; readonly val: number },
  dataDir: string,
): readonly FileFinding[] {
  try {
    const { train, test } = dataset.load(dataDir);
    return [checkSplit(`${dataset.id}/train`, train, counts.train), checkSplit(`${dataset.id}/val`, test, counts.val)];
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return [{ path: dataset.id, verdict: "damaged", detail: error.message }];
  }
}

function checkSplit(path: string, { count, values }: LatentSplit, official: number): FileFinding {
  for (let number = 0; number < count; number++) values([number]); // throws where one is no number
  // Mirrored images may stand beside the others.
  const isComplete = count === official || count === 2 * official;
  return {
    path,
    verdict: isComplete ? "ok" : "subset",
    detail: `${count} latents are sound${isComplete ? "" : `; the complete split has ${official}`}`,
  };
}
