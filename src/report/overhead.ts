// What measuring itself adds to the times shown, beside the shortest of them.

import { formatSeconds } from "#base/units";
import type { CaseView } from "./view.ts";

export interface OverheadFinding {
  /** of the case in which it weighs most */
  readonly share: number;
  /** one sentence, with what was measured */
  readonly text: string;
}

/** Overhead of a sample as a share of the time it weighs most in; undefined where no record tells it. */
export function overheadOf(views: readonly CaseView[]): OverheadFinding | undefined {
  const told = views.flatMap(({ time, measured, stale }) => {
    const seconds = measured?.conditions.overheadSeconds;
    return stale || time === undefined || seconds === undefined
      ? []
      : [{ seconds, share: seconds / time.estimate, time, label: measured!.label }];
  });
  if (told.length === 0) return undefined;
  const { seconds, share, time, label } = told.reduce((most, one) => (one.share > most.share ? one : most));
  const percent = `${Number((100 * share).toPrecision(2))} %`;
  const text = `Measuring (clock, promise, synchronisation) takes ${formatSeconds(seconds, 2)} a sample: ${percent} of the shortest cell, ${formatSeconds(time.estimate, 2)} (${label}).`;
  return { share, text };
}
