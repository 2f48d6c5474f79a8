// Times of a case as two levels: processes, and in each the medians of its rounds. Calls of one round follow
// each other closely and are no independent observations, so a round counts once.

import { median } from "#stats/quantiles";
import type { OkRecord, RunRecord } from "#store/record";
import type { Seconds } from "#base/units";

/** Round number and median time. */
export type RoundTimes = ReadonlyMap<number, Seconds>;

/** Consecutive training steps are one series; it is cut into this many blocks, which play the part of rounds. */
const TRAINING_BLOCKS = 20;

/** Round medians of wall (or device) time by process; processes without times are left out. */
export function roundTimes(
  records: readonly RunRecord[],
  clock: "wall" | "device" = "wall",
): ReadonlyMap<number, RoundTimes> {
  const processes = new Map<number, Map<number, Seconds>>();
  for (const record of records) {
    if (record.status !== "ok") continue;
    for (const [round, seconds] of timesOf(record, clock)) {
      const rounds = processes.get(record.process) ?? new Map<number, Seconds>();
      processes.set(record.process, rounds.set(round, seconds));
    }
  }
  return processes;
}

/** The same without round numbers, as the statistics take it: one array for each process. */
export function timeGroups(records: readonly RunRecord[], clock: "wall" | "device" = "wall"): number[][] {
  return [...roundTimes(records, clock).values()].map((rounds) => [...rounds.values()]);
}

function timesOf(record: OkRecord, clock: "wall" | "device"): [number, Seconds][] {
  if (record.training !== undefined) {
    if (clock === "device") return [];
    return blocksOf(record.training.stepSecondsSamples).map((block, index) => [index, median(block)]);
  }
  const samples = clock === "wall" ? record.secondsSamples : record.deviceSecondsSamples;
  return samples === undefined || samples.length === 0 ? [] : [[record.round, median(samples)]];
}

function blocksOf(steps: readonly Seconds[]): (readonly Seconds[])[] {
  const size = Math.max(1, Math.ceil(steps.length / TRAINING_BLOCKS));
  const blocks: (readonly Seconds[])[] = [];
  for (let start = 0; start < steps.length; start += size) blocks.push(steps.slice(start, start + size));
  return blocks;
}
