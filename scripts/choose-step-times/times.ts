// Seconds of a training step of each contender, from the records of suite `step-times`.

import { groupBy } from "#base/group";
import type { StepTime } from "#catalogue/step-times";
import { median } from "#stats/quantiles";
import type { RunRecord } from "#store/record";

/** The first steps of a process compile and fill caches. */
const WARMUP_STEPS = 4;

export interface MeasuredStep extends StepTime {
  readonly processes: number;
  /** 1-minute load averages before the processes, where they are known */
  readonly loads: readonly number[];
}

/** The median over processes of the median step. */
export function measuredSteps(records: readonly RunRecord[]): MeasuredStep[] {
  const timed = records.flatMap((record) => {
    const { case: item, load } = record;
    if (record.status !== "ok" || item.kind !== "training" || item.suite !== "step-times") return [];
    const samples = record.training?.stepSecondsSamples.slice(WARMUP_STEPS) ?? [];
    if (samples.length === 0) return [];
    const { task, dataset, scale, engine, contender } = item;
    return [{ point: { task, dataset, scale, engine, contender }, seconds: median(samples), load: load?.before }];
  });
  return [...groupBy(timed, ({ point }) => JSON.stringify(point)).values()].map((members) => {
    const seconds = Number(median(members.map((one) => one.seconds)).toPrecision(4));
    const loads = members.flatMap(({ load }) => load ?? []);
    return { ...members[0]!.point, seconds, processes: members.length, loads };
  });
}
