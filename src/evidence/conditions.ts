// What the machine was doing while a result was measured, and what is to be doubted about it.

import { defined } from "#base/defined";
import type { Seconds } from "#base/units";
import { isThrottled } from "#engine/gpu-state";
import { ENOUGH_GROUPS } from "#stats/hierarchical";
import { median } from "#stats/quantiles";
import type { NotOkRecord, OkRecord } from "#store/record";
import type { ReadTimes } from "./times.ts";
import { warning, type Warning } from "./warnings.ts";

export interface Conditions {
  /** largest 1-minute load average at the start of a process */
  readonly loadBefore?: number;
  /** what measuring adds to a sample: median over processes */
  readonly overheadSeconds?: Seconds;
  /** processes in which power or heat held a GPU's clocks down after warm-up */
  readonly throttledProcesses: number;
}

const NOISY_SPREAD = 0.1;
export const HARDLY_USABLE_SPREAD = 0.25;
/** Share of a time that measuring may add to it. */
export const NEGLIGIBLE_OVERHEAD = 0.01;

/** Whether the rounds of a time spread widely; a score is not noisy because its steps were. */
export function isNoisy({ spread = 0 }: { readonly spread?: number }): boolean {
  return spread > NOISY_SPREAD;
}

export function conditionsOf(records: readonly OkRecord[]): Conditions {
  const loads = records.flatMap((record) => record.load?.before ?? []);
  const overheads = records.flatMap((record) => record.overheadSeconds ?? []);
  const throttled = records.filter((record) => record.gpuState?.some(isThrottled) === true);
  return defined({
    loadBefore: loads.length === 0 ? undefined : loads.reduce((most, load) => Math.max(most, load)),
    overheadSeconds: overheads.length === 0 ? undefined : median(overheads),
    throttledProcesses: new Set(throttled.map((record) => record.process)).size,
  });
}

interface Suspicions {
  /** attempts that gave nothing, beside others that did */
  readonly failed: readonly NotOkRecord[];
  readonly environments: number;
  readonly conditions: Conditions;
  readonly processes: number;
  /** a seed is trained in one process: the unit is the seed, and nothing is said of processes */
  readonly isTraining: boolean;
  readonly spread?: number;
  readonly seconds?: Seconds;
  readonly wall: ReadTimes;
  readonly device: ReadTimes;
}

/** Warnings of one case. */
export function resultWarnings(facts: Suspicions): Warning[] {
  const { environments, conditions, processes, isTraining, seconds = 0 } = facts;
  const { throttledProcesses: throttled, overheadSeconds = 0 } = conditions;
  const share = seconds > 0 ? overheadSeconds / seconds : 0;
  return [
    ...(isTraining
      ? []
      : facts.failed.map(({ process, status, reason }) => warning("failed process", { process, status, reason }))),
    ...(environments > 1 ? [warning("environments", { count: environments })] : []),
    ...unresolved(facts.wall, "wall"),
    ...unresolved(facts.device, "device"),
    ...(facts.wall.times.size === 0
      ? []
      : [
          ...(throttled > 0 ? [warning("throttled", { throttled, processes })] : []),
          ...(share > NEGLIGIBLE_OVERHEAD ? [warning("overhead", { share })] : []),
          ...(isTraining ? [] : ofProcesses(processes)),
          ...ofSpread(facts.spread),
        ]),
  ];
}

function unresolved({ below, rounds }: ReadTimes, clock: "wall" | "device"): Warning[] {
  return below === 0 ? [] : [warning("below resolution", { rounds: below, of: rounds, clock })];
}

function ofProcesses(processes: number): Warning[] {
  if (processes === 1) return [warning("one process")];
  return processes < ENOUGH_GROUPS ? [warning("few processes", { processes, enough: ENOUGH_GROUPS })] : [];
}

function ofSpread(spread = 0): Warning[] {
  if (!isNoisy({ spread })) return [];
  return [warning(spread > HARDLY_USABLE_SPREAD ? "hardly usable" : "noisy", { spread: Math.round(100 * spread) })];
}
