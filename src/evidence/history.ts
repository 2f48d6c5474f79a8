// How the numbers of each case moved from run to run, and where their level changed for good.

import { groupBy } from "#base/group";
import { defined } from "#base/defined";
import { Random } from "#base/random";
import { tasks } from "#catalogue/tasks";
import { findSteps } from "#stats/change-point";
import type { Estimate } from "#stats/estimate";
import type { HistoryEntry } from "#store/history";
import { SCHEMA_VERSION } from "#store/record";
import type { Result } from "./result.ts";
import type { Run } from "./runs.ts";
import { DEFAULT_THRESHOLDS } from "./verdict.ts";

export interface HistoryStep {
  /** index of the first entry at the new level */
  readonly at: number;
  /** of times and costs a share: 0.12 is 12 % slower; of scores a difference */
  readonly change: number;
  readonly isWorse: boolean;
  readonly pValue: number;
}

export interface HistorySeries {
  readonly label: string;
  readonly suite: string;
  readonly contender: string;
  readonly quantity: string;
  readonly better: HistoryEntry["better"];
  /** in order of adding */
  readonly entries: readonly HistoryEntry[];
  readonly steps: readonly HistoryStep[];
}

/** What a run adds: a time for each timed case, and for each training its score and the time of a step. */
export function historyEntriesOf({ manifest }: Run, results: readonly Result[]): HistoryEntry[] {
  const environment = Object.values(manifest.environments).at(-1);
  const commit = defined({ commit: environment?.gitCommit, dirty: environment?.gitDirty });
  return results
    .filter(({ stale, status }) => !stale && status === "ok")
    .flatMap((result) =>
      numbersOf(result).map(({ quantity, better, estimate: { estimate: value, low, high, n } }) =>
        defined({
          schema: SCHEMA_VERSION as typeof SCHEMA_VERSION,
          run: manifest.run,
          at: manifest.startedAt,
          ...commit,
          caseId: result.id,
          suite: result.case.suite,
          contender: result.contender,
          label: result.label,
          quantity,
          better,
          value,
          low,
          high,
          n,
        }),
      ),
    );
}

interface Quantity {
  readonly quantity: string;
  readonly better: HistoryEntry["better"];
  readonly estimate: Estimate;
}

function numbersOf({ time, training, case: item }: Result): Quantity[] {
  const timed = time ?? training?.stepSeconds;
  const metric = item.kind === "training" && tasks.has(item.task) ? tasks.get(item.task).metric : undefined;
  const score = metric === undefined ? undefined : training?.scores.get(metric.name);
  return [
    ...(timed === undefined ? [] : [{ quantity: "time", better: "lower" as const, estimate: timed }]),
    ...(score === undefined ? [] : [{ quantity: metric!.name, better: metric!.better, estimate: score }]),
  ];
}

/** Series in the order in which they were first added. */
export function historySeriesOf(entries: readonly HistoryEntry[]): HistorySeries[] {
  return [...groupBy(entries, ({ caseId, quantity }) => `${caseId}/${quantity}`)].map(([key, members]) => {
    const { label, suite, contender, quantity, better } = members.at(-1)!;
    return { label, suite, contender, quantity, better, entries: members, steps: stepsOf(members, key) };
  });
}

/** Steps of times below the noise that `compare` takes for nothing are left out. */
function stepsOf(entries: readonly HistoryEntry[], key: string): HistoryStep[] {
  const { quantity, better } = entries[0]!;
  const isTime = quantity === "time";
  const values = entries.map(({ value }) => (isTime ? Math.log(value) : value));
  return findSteps(values, new Random(1).fork(key)).flatMap(({ at, change: difference, pValue }) => {
    const change = isTime ? Math.expm1(difference) : difference;
    if (isTime && Math.abs(difference) < Math.log1p(DEFAULT_THRESHOLDS.noise)) return [];
    return [{ at, change, isWorse: better === "lower" ? change > 0 : change < 0, pValue }];
  });
}
