// How a run ended, in counts and in one number.

import { counted } from "#base/counted";
import { EXIT } from "#base/errors";
import { effectiveRecords } from "#store/atoms";
import { missesFloor } from "#store/floor";
import type { RunRecord } from "#store/record";

/**
 * Failed cases, else work left, else ok. The last attempt at each case counts: one that failed and was run again with success
 * has not failed.
 *
 * @param leftOver processes that the budget left
 */
export function exitCodeOf(records: readonly RunRecord[], leftOver: number): number {
  const isFailed = (record: RunRecord) => record.status === "failed" || missesFloor(record);
  if (effectiveRecords(records).some(isFailed)) return EXIT.failedCases;
  return leftOver > 0 ? EXIT.incomplete : EXIT.ok;
}

/** `3 cases: oom`, a line for each status that is no success. */
export function countsOf(records: readonly RunRecord[]): string[] {
  return (["failed", "oom", "timeout", "skipped"] as const).flatMap((status) => {
    const cases = new Set(records.filter((record) => record.status === status).map(({ caseId }) => caseId));
    return cases.size === 0 ? [] : [`${counted(cases.size, "case")}: ${status}`];
  });
}
