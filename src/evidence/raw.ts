// Raw samples and learning curves as grids of values: what lies behind every estimate, in the order taken.

import { groupBy } from "#base/group";
import type { RunRecord, TrainingResult } from "#store/record";

/** Columns by name, one array of values per row. Rows may be made as they are read, anew each time: they outnumber records. */
export interface Grid {
  readonly columns: readonly string[];
  readonly rows: Iterable<readonly unknown[]>;
}

export interface RawData {
  /** one row a sample; `case` joins it to the axes of a result */
  readonly samples: (suite: string) => Grid;
  /** one row a point of a training's curve; undefined where there are none */
  readonly curves: (suite: string) => Grid | undefined;
}

export function rawData(records: readonly RunRecord[]): RawData {
  const bySuite = groupBy(records, (record) => record.case.suite);
  return {
    samples: (suite) => samplesOf(bySuite.get(suite) ?? []),
    curves: (suite) => curvesOf(bySuite.get(suite) ?? []),
  };
}

const SAMPLE_COLUMNS = [
  "case", "contender", "seed", "process", "round", "code", "environment", "started_at", "status", "clock", "sample",
  "time_s", "reason",
]; // prettier-ignore

function samplesOf(records: readonly RunRecord[]): Grid {
  return { columns: SAMPLE_COLUMNS, rows: rowsOf(records, samplesIn) };
}

function samplesIn(record: RunRecord): unknown[][] {
  const { caseId, process, round, codeHash, environment, startedAt, status } = record;
  const { contender, seed } = record.case;
  const shared = [caseId, contender, seed, process, round, codeHash, environment, startedAt, status];
  if (record.status !== "ok") return [[...shared, undefined, undefined, undefined, record.reason]];
  const series = [
    ["wall", record.secondsSamples],
    ["device", record.deviceSecondsSamples],
    ["warm-up", record.warmupSecondsSamples],
    ["training step", record.training?.stepSecondsSamples],
    ["training step, alone", record.training?.aloneStepSecondsSamples],
  ] as const;
  return series.flatMap(([clock, samples = []]) => samples.map((time, index) => [...shared, clock, index, time]));
}

function rowsOf(
  records: readonly RunRecord[],
  rowsIn: (record: RunRecord) => readonly unknown[][],
): Iterable<readonly unknown[]> {
  return {
    *[Symbol.iterator]() {
      for (const record of records) yield* rowsIn(record);
    },
  };
}

const CURVE_COLUMNS = [
  "case",
  "contender",
  "seed",
  "dataset",
  "variant",
  "encoding",
  "localMixing",
  "learningRate",
  "code",
];

function curvesOf(records: readonly RunRecord[]): Grid | undefined {
  const names = new Set<string>();
  for (const record of records)
    for (const { values } of curveOf(record)) for (const name of Object.keys(values)) names.add(name);
  if (!records.some((record) => curveOf(record).length > 0)) return undefined;
  const columns = [...CURVE_COLUMNS, "step", "elapsed_s", ...names];
  return { columns, rows: rowsOf(records, (record) => pointsIn(record, [...names])) };
}

function curveOf(record: RunRecord): TrainingResult["curve"] {
  return record.status === "ok" ? (record.training?.curve ?? []) : [];
}

function pointsIn(record: RunRecord, names: readonly string[]): unknown[][] {
  const { case: item, caseId, codeHash } = record;
  if (item.kind !== "training") return [];
  const { contender, seed, dataset, model, recipe } = item;
  const { variant, mixer, localMixing } = model;
  const axes = [caseId, contender, seed, dataset, variant, mixer.encoding, localMixing, recipe.learningRate, codeHash];
  return curveOf(record).map(({ step, elapsedSeconds, values }) => [
    ...axes,
    step,
    elapsedSeconds,
    ...names.map((name) => (Object.hasOwn(values, name) ? values[name] : undefined)),
  ]);
}
