// Times of a result as two levels: units (processes, or the seeds of a training) and in each the medians of its rounds.
// Calls of one round follow each other closely and are no independent observations, so a round counts once.

import type { Seconds } from "#base/units";
import { median } from "#stats/quantiles";
import type { OkRecord, RunRecord, TrainingResult } from "#store/record";

/** Round number and median time. */
export type RoundTimes = ReadonlyMap<number, Seconds>;
/** By process; of a training by seed, for a seed is trained in one process. */
export type Times = ReadonlyMap<number, RoundTimes>;
export type Clock = "wall" | "device";

/** Consecutive training steps are one series; it is cut into this many blocks, which play the part of rounds. */
const TRAINING_BLOCKS = 20;

export interface ReadTimes {
  readonly times: Times;
  readonly rounds: number;
  /** rounds of no time at all, or of less: what the clock could not resolve has no logarithm and is left out */
  readonly below: number;
}

/** Round medians of wall (or device) time by unit; units without times are left out. */
export function readTimes(records: readonly RunRecord[], clock: Clock = "wall"): ReadTimes {
  const times = new Map<number, Map<number, Seconds>>();
  let [rounds, below] = [0, 0];
  for (const record of records) {
    if (record.status !== "ok") continue;
    const unit = record.case.kind === "training" ? record.case.seed : record.process;
    for (const [round, seconds] of roundsOf(record, clock)) {
      rounds++;
      if (seconds > 0) addRound(times, unit, [round, seconds]);
      else below++;
    }
  }
  return { times, rounds, below };
}

type GrowingTimes = Map<number, Map<number, Seconds>>;

function addRound(times: GrowingTimes, unit: number, [round, seconds]: readonly [number, Seconds]): void {
  times.set(unit, (times.get(unit) ?? new Map<number, Seconds>()).set(round, seconds));
}

/** Round medians of the parts of a call that were timed apart, by part; parts without times are left out. */
export function readSegments(records: readonly OkRecord[]): ReadonlyMap<string, Times> {
  const parts = new Map<string, GrowingTimes>();
  for (const { process, round, segmentSecondsSamples = {} } of records) {
    for (const [name, samples] of Object.entries(segmentSecondsSamples)) {
      const seconds = samples.length === 0 ? 0 : median(samples);
      if (!(seconds > 0)) continue;
      const times = parts.get(name) ?? new Map<number, Map<number, Seconds>>();
      parts.set(name, times);
      addRound(times, process, [round, seconds]);
    }
  }
  return parts;
}

/** The same without round numbers, as the statistics take it: one array for each unit. */
export function groupsOf(times: Times): number[][] {
  return [...times.values()].map((rounds) => [...rounds.values()]);
}

function roundsOf(record: OkRecord, clock: Clock): [number, Seconds][] {
  if (record.training !== undefined) {
    if (clock !== "wall") return [];
    return blocksOf(stepSecondsOf(record.training)).map((block, index) => [index, median(block)]);
  }
  const samples = clock === "wall" ? record.secondsSamples : record.deviceSecondsSamples;
  return samples === undefined || samples.length === 0 ? [] : [[record.round, median(samples)]];
}

/** Step times that claims may use: those taken alone, where others ran beside the training. */
export function stepSecondsOf(training: TrainingResult): readonly Seconds[] {
  return training.aloneStepSecondsSamples ?? training.stepSecondsSamples;
}

function blocksOf(steps: readonly Seconds[]): (readonly Seconds[])[] {
  const size = Math.max(1, Math.ceil(steps.length / TRAINING_BLOCKS));
  const blocks: (readonly Seconds[])[] = [];
  for (let start = 0; start < steps.length; start += size) blocks.push(steps.slice(start, start + size));
  return blocks;
}
