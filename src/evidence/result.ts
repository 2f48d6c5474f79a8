// Records → one Result for each experiment: a case, or a training over its seeds. The only thing that comparisons,
// claims, tables and charts read. Plain data; nothing here is stored.

import { defined } from "#base/defined";
import { groupBy } from "#base/group";
import { hashJson } from "#base/json";
import type { Bytes, Seconds } from "#base/units";
import { rateOf, type Estimate } from "#stats/estimate";
import { countOutliers, type OutlierCounts } from "#stats/outliers";
import { median, relativeSpread } from "#stats/quantiles";
import { timeInterval } from "#stats/ratio";
import { sortSamples } from "#stats/samples";
import type { NotOkRecord, OkRecord, ProgramFacts, RunRecord } from "#store/record";
import { axesOf, type Axes } from "#catalogue/axes";
import type { Case } from "#case/case";
import { caseLabel, linesByCase, type CaseLines } from "./case-lines.ts";
import { conditionsOf, resultWarnings, type Conditions } from "./conditions.ts";
import { placeOf, pointOf, seriesOf } from "./point.ts";
import { streamOf, type ResamplingOptions } from "./resampling.ts";
import { groupsOf, readSegments, readTimes, stepSecondsOf, type Times } from "./times.ts";
import { trainedOf, type Trained } from "./trained.ts";
import { distinctWarnings, type Warning } from "./warnings.ts";

export type Status = RunRecord["status"];

/** A case of this experiment that gave no result. */
export interface Failure {
  readonly caseId: string;
  readonly label: string;
  readonly status: NotOkRecord["status"];
  readonly reason: string;
  readonly error?: string;
  readonly logFile?: string;
}

export interface Memory {
  readonly leastBytes: Bytes;
  /** largest over processes */
  readonly enginePeakBytes?: Bytes;
  readonly engineReservedBytes?: Bytes;
  readonly processPeakBytes?: Bytes;
  readonly processBaselineBytes?: Bytes;
}

/** How far the work got towards the engine's own ceiling. */
export interface Achieved {
  readonly flopsPerSecond: Estimate;
  readonly bytesPerSecond: Estimate;
  /** the engine's own ceilings: medians over the processes */
  readonly peak?: { readonly flopsPerSecond: number; readonly bytesPerSecond: number };
  /** share of the peak measured in the same processes; may pass 1 where the cache beats the copy probe */
  readonly flopsShare?: number;
  readonly bytesShare?: number;
}

export interface Result {
  /** the case, of a training the one of its first seed */
  readonly id: string;
  readonly case: Case;
  /** one a seed */
  readonly members: readonly { readonly caseId: string; readonly seed: number }[];
  readonly caseIds: readonly string[];
  readonly contender: string;
  readonly axes: Axes;
  /** the axes that make its point: results of one point are compared */
  readonly point: Axes;
  /** the point as a key */
  readonly place: string;
  readonly matchup: string;
  /** the curve over N it lies on */
  readonly series: string;
  readonly label: string;
  /** ok where at least one case is */
  readonly status: Status;
  readonly failures: readonly Failure[];
  /** computed by older code than the newest of this case: listed, never drawn or compared */
  readonly stale: boolean;
  /** hashes of the environments it was measured in */
  readonly environments: readonly string[];
  /** independent units behind the estimates: processes, or seeds */
  readonly n: number;
  readonly rounds: number;
  readonly samples: number;
  readonly times: Times;
  /** of one call, from round medians in processes; `method` tells how processes are joined */
  readonly time?: Estimate;
  readonly deviceTime?: Estimate;
  /** what a call is made of, each part timed by itself; together a little more than the whole, or less */
  readonly segments?: ReadonlyMap<string, Estimate>;
  readonly firstCallSeconds?: Seconds;
  /** IQR / median of the round medians */
  readonly spread?: number;
  /** Tukey's counts over all single samples */
  readonly outliers?: OutlierCounts;
  readonly memory?: Memory;
  readonly work?: { readonly flops: number; readonly leastBytes: Bytes };
  readonly achieved?: Achieved;
  readonly strategies: readonly string[];
  /** what computed it, where that was no kernel of ours */
  readonly program?: ProgramFacts;
  readonly correctness?: { readonly largestError: number; readonly tolerance: number };
  readonly conditions: Conditions;
  readonly training?: Trained;
  readonly warnings: readonly Warning[];
}

/** Results in the order in which their cases first appear; older code apart. */
export function resultsOf(records: readonly RunRecord[], options: ResamplingOptions = {}): Result[] {
  const groups = groupBy(
    linesByCase(records),
    (lines) => `${experimentOf(lines)}/${lines.stale ? lines.codeHash : ""}`,
  );
  return [...groups.values()].map((lines) => resultOf(lines, options));
}

/** Training cases that differ in their seed only are one experiment. */
export function experimentOf({ caseId, case: item }: Pick<CaseLines, "caseId" | "case">): string {
  return item.kind === "training" ? hashJson({ ...item, seed: 0 }) : caseId;
}

function resultOf(lines: readonly CaseLines[], options: ResamplingOptions): Result {
  const { caseId: id, case: item, stale, records } = lines[0]!;
  const all = lines.flatMap((own) => own.records);
  const measured = all.filter((record) => record.status === "ok");
  const axes = axesOf(item);
  const point = pointOf(item, axes);
  const training = item.kind === "training" ? trainedOf(lines, experimentOf(lines[0]!), options) : undefined;
  const times = item.kind === "training" ? stepTimes(measured) : callTimes(measured, id, options);
  const facts = {
    failures: lines.flatMap(failureOf),
    environments: [...new Set(all.map((record) => record.environment))],
    conditions: conditionsOf(measured),
  };
  return defined({
    id,
    case: item,
    members: lines.map((own) => ({ caseId: own.caseId, seed: own.case.seed })),
    caseIds: lines.map((own) => own.caseId),
    contender: item.contender,
    axes,
    point,
    place: placeOf(point),
    matchup: records[0]!.matchup,
    series: seriesOf(item, axes),
    label: caseLabel(item),
    status: measured.length > 0 ? ("ok" as const) : facts.failures[0]!.status,
    stale,
    ...facts,
    ...times,
    n: item.kind === "training" ? (training?.runs.size ?? 0) : new Set(measured.map(({ process }) => process)).size,
    training,
    memory: memoryOf(measured),
    ...workOf(measured, times.time),
    strategies: [...new Set(measured.flatMap((record) => record.strategy ?? []))],
    program: measured.findLast((record) => record.program !== undefined)?.program,
    correctness: measured.findLast((record) => record.correctness !== undefined)?.correctness,
    warnings: distinctWarnings(lines.flatMap((own) => warningsOf(own, times))),
  });
}

/** The last reason why a case has no result; where it has one, failed attempts are warnings. */
function failureOf({ caseId, case: item, records }: CaseLines): Failure[] {
  const last = records.at(-1)!;
  if (last.status === "ok" || records.some(({ status }) => status === "ok")) return [];
  const { status, reason, error, logFile } = last;
  return [defined({ caseId, label: caseLabel(item), status, reason, error, logFile })];
}

type TimeFields = Pick<Result, "times" | "rounds" | "samples"> &
  Partial<Pick<Result, "time" | "deviceTime" | "segments" | "firstCallSeconds" | "spread" | "outliers" | "warnings">>;

function callTimes(records: readonly OkRecord[], id: string, { seed, resamples }: ResamplingOptions): TimeFields {
  const random = streamOf(id, defined({ seed }));
  const wall = readTimes(records);
  const device = readTimes(records, "device");
  const groups = groupsOf(wall.times);
  const samples = records.flatMap((record) => record.secondsSamples ?? []);
  const firstCalls = records.flatMap((record) => record.firstCallSeconds ?? []);
  const segments = [...readSegments(records)];
  const estimate = (name: string, times: Times): Estimate | undefined =>
    times.size === 0 ? undefined : timeInterval(groupsOf(times), defined({ random: random.fork(name), resamples }));
  const counts = { times: wall.times, rounds: groups.flat().length, samples: samples.length };
  if (groups.length === 0) return counts;
  return defined({
    ...counts,
    time: estimate("wall", wall.times),
    deviceTime: estimate("device", device.times),
    segments:
      segments.length === 0 ? undefined : new Map(segments.map(([name, times]) => [name, estimate(name, times)!])),
    firstCallSeconds: firstCalls.length === 0 ? undefined : median(firstCalls),
    spread: relativeSpread(sortSamples(groups.flat())),
    outliers: countOutliers(sortSamples(samples)),
  });
}

function stepTimes(records: readonly OkRecord[]): TimeFields {
  const { times, rounds } = readTimes(records);
  const samples = records.reduce(
    (sum, { training }) => sum + (training === undefined ? 0 : stepSecondsOf(training).length),
    0,
  );
  return { times, rounds, samples };
}

function warningsOf(lines: CaseLines, { time }: TimeFields): Warning[] {
  const measured = lines.records.filter((record) => record.status === "ok");
  if (measured.length === 0) return [];
  const [wall, device] = [readTimes(measured), readTimes(measured, "device")];
  const rounds = groupsOf(wall.times).flat();
  return resultWarnings(
    defined({
      failed: lines.records.filter((record) => record.status !== "ok"),
      environments: new Set(lines.records.map((record) => record.environment)).size,
      conditions: conditionsOf(measured),
      processes: new Set(measured.map(({ process }) => process)).size,
      isTraining: lines.case.kind === "training",
      spread: rounds.length === 0 ? undefined : relativeSpread(sortSamples(rounds)),
      seconds: time?.estimate,
      wall,
      device,
    }),
  );
}

function memoryOf(records: readonly OkRecord[]): Memory | undefined {
  const readings = records.flatMap((record) => record.memory ?? []);
  if (readings.length === 0) return undefined;
  const largest = (name: keyof Memory): Bytes | undefined => {
    const values = readings.flatMap((reading) => reading[name] ?? []);
    return values.length === 0 ? undefined : Math.max(...values);
  };
  return defined({
    leastBytes: readings[0]!.leastBytes,
    enginePeakBytes: largest("enginePeakBytes"),
    engineReservedBytes: largest("engineReservedBytes"),
    processPeakBytes: largest("processPeakBytes"),
    processBaselineBytes: largest("processBaselineBytes"),
  });
}

function workOf(records: readonly OkRecord[], time: Estimate | undefined): Pick<Result, "work" | "achieved"> {
  const work = records.find((record) => record.work !== undefined)?.work;
  if (work === undefined) return {};
  if (time === undefined) return { work };
  const flopsPerSecond = rateOf(work.flops, time);
  const bytesPerSecond = rateOf(work.leastBytes, time);
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
