// The trainings among records.

import type { RunRecord, TrainingResult } from "./record.ts";

export interface FinishedTraining {
  readonly caseId: string;
  /** ISO time at which it began */
  readonly startedAt: string;
  readonly training: TrainingResult;
}

/** Trainings that have ended well, in the order of their records. */
export function finishedTrainings(records: readonly RunRecord[]): FinishedTraining[] {
  return records.flatMap((record) =>
    record.status === "ok" && record.training !== undefined
      ? [{ caseId: record.caseId, startedAt: record.startedAt, training: record.training }]
      : [],
  );
}
