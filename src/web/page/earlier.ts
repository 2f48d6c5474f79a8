// Runs of this browser, as far as they tell how long things take here.

import { loadRun } from "#store/load";
import type { RunRecord } from "#store/record";
import type { PAGE_ENGINES } from "./choices.ts";
import { folderOf, keptRuns } from "./runs.ts";

const MOST_RUNS = 3;

/** Records of the newest runs on an engine, newest first; a run that cannot be read tells nothing. */
export function earlierRecords(engine: (typeof PAGE_ENGINES)[number]): (readonly RunRecord[])[] {
  const found: (readonly RunRecord[])[] = [];
  for (const run of keptRuns()) {
    if (found.length === MOST_RUNS) break;
    try {
      const { manifest, records } = loadRun(folderOf(run));
      if (manifest.flags["engine"] === engine) found.push(records);
    } catch {
      continue;
    }
  }
  return found;
}
