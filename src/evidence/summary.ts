// Records → one summary a case: times with intervals, memory, work done, or the reason why there is none.
// Plain JSON; nothing here is stored.

import { Random } from "#base/random";
import type { Bytes, Seconds } from "#base/units";
import { isThrottled } from "#engine/gpu-state";
import type { Estimate } from "#stats/estimate";
import { ENOUGH_GROUPS } from "#stats/hierarchical";
import { countOutliers, type OutlierCounts } from "#stats/outliers";
import { median, relativeSpread } from "#stats/quantiles";
import { timeInterval } from "#stats/ratio";
import { sortSamples } from "#stats/samples";
import type { NotOkRecord, OkRecord, RunRecord, TrainingResult } from "#store/record";
import { axesOf, type Axes } from "#catalogue/axes";
import type { Case } from "#case/case";
import { caseLabel, groupByCase, type CaseRecords } from "./cases.ts";
import { timeGroups } from "./rounds.ts";

/** A figure without interval: how far the work got towards the engine's own ceiling. */
export interface Achieved {
  readonly flopsPerSecond: Estimate;
  readonly bytesPerSecond: Estimate;
  /** the engine's own ceilings: medians over the processes */
  readonly peak?: { readonly flopsPerSecond: number; readonly bytesPerSecond: number };
  /** share of the peak measured in the same processes; may pass 1 where the cache beats the copy probe */
  readonly flopsShare?: number;
  readonly bytesShare?: number;
}

export interface MemorySummary {
  readonly leastBytes: Bytes;
  /** largest over processes */
  readonly enginePeakBytes?: Bytes;
  readonly engineReservedBytes?: Bytes;
  readonly processPeakBytes?: Bytes;
  readonly processBaselineBytes?: Bytes;
}

/** What the machine was doing meanwhile. */
export interface Conditions {
  /** largest 1-minute load average at the start of a process */
  readonly loadBefore?: number;
  /** what measuring adds to a sample: median over processes */
  readonly overheadSeconds?: Seconds;
  /** processes in which power or heat held a GPU's clocks down after warm-up */
  readonly throttledProcesses: number;
}

interface CommonSummary {
  readonly caseId: string;
  readonly codeHash: string;
  readonly case: Case;
  readonly axes: Axes;
  readonly label: string;
  /** computed by older code than the newest record of this case: shown apart, never compared */
  readonly stale: boolean;
  /** hashes of the environments it was measured in */
  readonly environments: readonly string[];
  readonly warnings: readonly string[];
}

export interface MeasuredSummary extends CommonSummary {
  readonly status: "ok";
  readonly processes: number;
  readonly rounds: number;
  readonly samples: number;
  /** of one call (training: one step), from round medians in processes; `method` tells how processes are joined */
  readonly seconds?: Estimate;
  readonly deviceSeconds?: Estimate;
  readonly firstCallSeconds?: Seconds;
  /** IQR / median of the round medians */
  readonly spread?: number;
  /** Tukey's counts over all single samples */
  readonly outliers?: OutlierCounts;
  readonly memory?: MemorySummary;
  readonly work?: { readonly flops: number; readonly leastBytes: Bytes };
  readonly achieved?: Achieved;
  readonly strategies: readonly string[];
  readonly correctness?: { readonly largestError: number; readonly tolerance: number };
  readonly conditions: Conditions;
  readonly training?: TrainingResult;
}

export interface UnmeasuredSummary extends CommonSummary {
  readonly status: NotOkRecord["status"];
  readonly reason: string;
  readonly error?: string;
  readonly logFile?: string;
}

export type CaseSummary = MeasuredSummary | UnmeasuredSummary;

export const NOISY_SPREAD = 0.1;
export const HARDLY_USABLE_SPREAD = 0.25;
/** Share of a time that measuring may add to it. */
export const NEGLIGIBLE_OVERHEAD = 0.01;

export interface SummaryOptions {
  /** seed of all resampling; every case has its own stream, so summaries do not depend on each other */
  readonly seed?: number;
  readonly resamples?: number;
}

/** The seed used everywhere a person gives none. */
export const RESAMPLING_SEED = 240521022;

/** Summaries in the order in which the cases first appear. */
export function summarise(records: readonly RunRecord[], options: SummaryOptions = {}): CaseSummary[] {
  return groupByCase(records).map((group) => summariseCase(group, options));
}

function summariseCase(group: CaseRecords, options: SummaryOptions): CaseSummary {
  const measured = group.records.filter((record) => record.status === "ok");
  const failures = group.records.filter((record) => record.status !== "ok");
  const { caseId, codeHash, case: item, stale } = group;
  const environments = [...new Set(group.records.map((record) => record.environment))];
  const common = { caseId, codeHash, case: item, axes: axesOf(item), label: caseLabel(item), stale, environments };
  if (measured.length === 0) {
    const { status, reason, error, logFile } = failures.at(-1)!;
    const details = { ...(error === undefined ? {} : { error }), ...(logFile === undefined ? {} : { logFile }) };
    return { ...common, warnings: [], status, reason, ...details };
  }
  const times = summariseTimes(measured, new Random(options.seed ?? RESAMPLING_SEED).fork(caseId), options);
  const figures = { ...times, ...summariseMemory(measured), ...summariseWork(measured, times.seconds) };
  const conditions = conditionsOf(measured);
  const warnings = warningsOf({ failures, environments, conditions, ...times });
  return { ...common, status: "ok", ...figures, ...lastOf(measured), conditions, warnings };
}

type Times = Pick<MeasuredSummary, "processes" | "rounds" | "samples"> &
  Partial<Pick<MeasuredSummary, "seconds" | "deviceSeconds" | "firstCallSeconds" | "spread" | "outliers">>;

function summariseTimes(records: readonly OkRecord[], random: Random, options: SummaryOptions): Times {
  const groups = timeGroups(records);
  const samples = records.flatMap((record) => record.secondsSamples ?? record.training?.stepSecondsSamples ?? []);
  const counts = {
    processes: new Set(records.map((record) => record.process)).size,
    rounds: groups.flat().length,
    samples: samples.length,
  };
  if (groups.length === 0) return counts;
  const resampling = options.resamples === undefined ? {} : { resamples: options.resamples };
  const deviceGroups = timeGroups(records, "device");
  const firstCalls = records.flatMap((record) => record.firstCallSeconds ?? []);
  const spread = relativeSpread(sortSamples(groups.flat()));
  return {
    ...counts,
    seconds: timeInterval(groups, { random: random.fork("wall"), ...resampling }),
    ...(deviceGroups.length === 0
      ? {}
      : { deviceSeconds: timeInterval(deviceGroups, { random: random.fork("device"), ...resampling }) }),
    ...(firstCalls.length === 0 ? {} : { firstCallSeconds: median(firstCalls) }),
    ...(spread === undefined ? {} : { spread }),
    outliers: countOutliers(sortSamples(samples)),
  };
}

function summariseMemory(records: readonly OkRecord[]): { memory?: MemorySummary } {
  const readings = records.flatMap((record) => record.memory ?? []);
  if (readings.length === 0) return {};
  const largest = <Name extends keyof MemorySummary>(name: Name): { [key in Name]?: Bytes } => {
    const values = readings.flatMap((reading) => reading[name] ?? []);
    return (values.length === 0 ? {} : { [name]: Math.max(...values) }) as { [key in Name]?: Bytes };
  };
  return {
    memory: {
      leastBytes: readings[0]!.leastBytes,
      ...largest("enginePeakBytes"),
      ...largest("engineReservedBytes"),
      ...largest("processPeakBytes"),
      ...largest("processBaselineBytes"),
    },
  };
}

function summariseWork(
  records: readonly OkRecord[],
  seconds: Estimate | undefined,
): Pick<MeasuredSummary, "work" | "achieved"> {
  const work = records.find((record) => record.work !== undefined)?.work;
  if (work === undefined) return {};
  if (seconds === undefined || seconds.estimate === 0) return { work };
  const flopsPerSecond = rateOf(work.flops, seconds);
  const bytesPerSecond = rateOf(work.leastBytes, seconds);
  const peaks = records.flatMap((record) => record.peak ?? []);
  if (peaks.length === 0) return { work, achieved: { flopsPerSecond, bytesPerSecond } };
  const peak = {
    flopsPerSecond: median(peaks.map((one) => one.flopsPerSecond)),
    bytesPerSecond: median(peaks.map((one) => one.bytesPerSecond)),
  };
  const flopsShare = flopsPerSecond.estimate / peak.flopsPerSecond;
  const bytesShare = bytesPerSecond.estimate / peak.bytesPerSecond;
  return { work, achieved: { flopsPerSecond, bytesPerSecond, peak, flopsShare, bytesShare } };
}

/** Work per second; the ends swap places. An interval of the time that touches 0 gives no upper end, hence none at all. */
function rateOf(amount: number, seconds: Estimate): Estimate {
  const { low, high, ...rest } = seconds;
  const estimate = amount / seconds.estimate;
  if (low === undefined || high === undefined || low <= 0) return { ...rest, estimate };
  return { ...rest, estimate, low: amount / high, high: amount / low };
}

function lastOf(records: readonly OkRecord[]): Pick<MeasuredSummary, "strategies" | "correctness" | "training"> {
  const correctness = records.findLast((record) => record.correctness !== undefined)?.correctness;
  const training = records.findLast((record) => record.training !== undefined)?.training;
  return {
    strategies: [...new Set(records.flatMap((record) => record.strategy ?? []))],
    ...(correctness === undefined ? {} : { correctness }),
    ...(training === undefined ? {} : { training }),
  };
}

function conditionsOf(records: readonly OkRecord[]): Conditions {
  const loads = records.flatMap((record) => record.load?.before ?? []);
  const overheads = records.flatMap((record) => record.overheadSeconds ?? []);
  const throttled = records.filter((record) => record.gpuState?.some(isThrottled) === true);
  return {
    ...(loads.length === 0 ? {} : { loadBefore: Math.max(...loads) }),
    ...(overheads.length === 0 ? {} : { overheadSeconds: median(overheads) }),
    throttledProcesses: new Set(throttled.map((record) => record.process)).size,
  };
}

interface Suspicions {
  readonly failures: readonly NotOkRecord[];
  readonly environments: readonly string[];
  readonly conditions: Conditions;
  readonly processes: number;
  readonly spread?: number;
  readonly seconds?: Estimate;
}

function warningsOf({ failures, environments, conditions, processes, spread, seconds }: Suspicions): string[] {
  const warnings = failures.map(({ process, status, reason }) => `process ${process}: ${status}: ${reason}`);
  if (environments.length > 1) warnings.push(`measured in ${environments.length} environments`);
  if (seconds === undefined) return warnings;
  const { throttledProcesses, overheadSeconds = 0 } = conditions;
  if (throttledProcesses > 0)
    warnings.push(`GPU clocks held down by power or heat in ${throttledProcesses} of ${processes}`);
  const share = overheadSeconds / seconds.estimate;
  if (share > NEGLIGIBLE_OVERHEAD) warnings.push(`measuring adds ${(100 * share).toPrecision(2)} % to each sample`);
  if (processes === 1) warnings.push("one process: differences between processes are not in the interval");
  else if (processes < ENOUGH_GROUPS) warnings.push(`${processes} processes: headline times need ${ENOUGH_GROUPS}`);
  if (spread === undefined || spread <= NOISY_SPREAD) return warnings;
  const percent = Math.round(spread * 100);
  warnings.push(
    spread > HARDLY_USABLE_SPREAD
      ? `hardly usable: rounds spread over ${percent} % of the median`
      : `noisy: rounds spread over ${percent} % of the median`,
  );
  return warnings;
}
