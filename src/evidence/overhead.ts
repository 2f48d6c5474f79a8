// What measuring itself adds to the times shown, beside the shortest of them.

import type { Seconds } from "#base/units";
import type { Result } from "./result.ts";

export interface Overhead {
  readonly seconds: Seconds;
  /** of the time in which it weighs most */
  readonly share: number;
  readonly time: Seconds;
  readonly label: string;
}

/** Overhead of a sample where it weighs most; undefined where no record tells it. */
export function overheadOf(results: readonly Result[]): Overhead | undefined {
  const told = results.flatMap(({ time, conditions, stale, label }): Overhead[] => {
    const seconds = conditions.overheadSeconds;
    if (stale || time === undefined || seconds === undefined) return [];
    return [{ seconds, share: seconds / time.estimate, time: time.estimate, label }];
  });
  return told.length === 0 ? undefined : told.reduce((most, one) => (one.share > most.share ? one : most));
}
