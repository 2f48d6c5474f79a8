// A run beside itself with its times multiplied: does `compare` see the change, name the cases, and leave a small one alone?

import { compareRuns } from "#evidence/compare-runs";
import type { Run } from "#evidence/runs";
import { scaleTimes } from "#evidence/scale-times";

/** `× 1.2: compare exits 1 and names 96 of 96 timed cases slower (0 faster, 0 same, 0 ambiguous).` */
export function scaledLine(run: Run, factor: number): string {
  const { counts, items, regressions } = compareRuns(run, { ...run, records: scaleTimes(run.records, factor) });
  const others = `${counts.faster} faster, ${counts.same} same, ${counts.ambiguous} ambiguous`;
  return `× ${factor}: compare exits ${regressions.length > 0 ? 1 : 0} and names ${counts.slower} of ${items.filter(({ quantity }) => quantity === "time").length} times slower (${others}).`;
}
