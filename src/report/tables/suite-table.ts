// The results of one suite as a table: every case, measured or not.

import { formatBytes, formatCount, formatSeconds } from "#base/units";
import { overheadOf } from "#evidence/overhead";
import type { Evidence } from "#evidence/evidence";
import { differsNote } from "#catalogue/shown";
import { SUBJECTS, varyingAxes } from "#evidence/point";
import type { Result } from "#evidence/result";
import type { Suite } from "#case/suite";
import { implementedLabelOf, labelOf } from "../palette.ts";
import { ABSENT_CELL, dataName, estimateCell, numberCell, scoreCell, statusText } from "../print.ts";
import { isDetail, scoreNameOf } from "../score-names.ts";
import { bestFirst } from "./order.ts";
import type { Cell, Column, Row, TextTable } from "./text-table.ts";

/** The contender that a suite's times are divided by. */
export function baselineOf(suite: Suite): string {
  const named = suite.figures.find(({ baseline }) => baseline !== undefined)?.baseline;
  return named ?? SUBJECTS[suite.kind === "decode" ? 1 : 0];
}

/** All results of a suite. */
export function suiteTable(suite: Suite, results: readonly Result[], evidence: Evidence): TextTable {
  const varying = varyingAxes(results);
  const points: Column[] = varying.map((id) => ({
    id,
    title: id,
    align: typeof results[0]?.point[id] === "number" ? "right" : "left",
  }));
  const isTraining = suite.kind === "training";
  const baseline = baselineOf(suite);
  const rows = bestFirst(results).map((result): Row => {
    const place = Object.fromEntries(varying.map((axis) => [axis, { text: String(result.point[axis] ?? "") }]));
    const cells = isTraining ? trainingCells(result) : operatorCells(result, evidence, baseline);
    const note = { text: noteOf(result) };
    return { id: result.id, cells: { contender: { text: implementedLabelOf(result) }, ...place, ...cells, note } };
  });
  const middle = (isTraining ? trainingColumns(results) : operatorColumns(baseline)).filter(({ id }) =>
    rows.some(({ cells }) => (cells[id] ?? ABSENT_CELL) !== ABSENT_CELL),
  );
  const columns: Column[] = [
    { id: "contender", title: "contender", align: "left" },
    ...points,
    ...middle,
    { id: "note", title: "note", align: "left" },
  ];
  return {
    id: `suite-${suite.id}`,
    title: `${suite.title}: all results`,
    columns,
    rows,
    notes: notesOf(suite, results),
  };
}

function noteOf({ case: item, stale, status, failures, warnings }: Result): string {
  const differs = differsNote(item);
  const reasons = failures
    .slice(0, 1)
    .map(({ status: own, reason }) => (status === "ok" ? `some seeds missing: ${reason}` : statusText(own, reason)));
  return [
    ...(stale ? ["stale: computed by older code, not compared"] : []),
    ...reasons,
    ...(differs === undefined ? [] : [differs]),
    ...warnings.map(({ text }) => text),
  ].join("; ");
}

function operatorColumns(baseline: string): Column[] {
  return [
    { id: "time", title: "median time [95 %]", align: "right", csv: "time_s", better: "lower" },
    { id: "ratio", title: `time / ${labelOf(baseline)}`, align: "right", csv: `ratio_to_${baseline}`, better: "lower" },
    { id: "enginePeak", title: "engine peak", align: "right", csv: "engine_peak_bytes", better: "lower" },
    { id: "processPeak", title: "process peak", align: "right", csv: "process_peak_bytes" },
    { id: "leastBytes", title: "least memory", align: "right", csv: "least_bytes" },
    { id: "exponent", title: "exponent in N", align: "right", csv: "exponent" },
    { id: "n", title: "n processes", align: "right", csv: "n" },
    { id: "flops", title: "GFLOP/s", align: "right", csv: "achieved_flop_per_s" },
    { id: "bandwidth", title: "GB/s", align: "right", csv: "achieved_bytes_per_s" },
    { id: "share", title: "share of peak", align: "right", csv: "share_of_peak" },
  ];
}

function operatorCells(result: Result, { ratios, growth }: Evidence, baseline: string): Record<string, Cell> {
  const { memory, achieved, status, axes } = result;
  const ids = [result.id];
  const series = growth.get(result.series);
  const giga = (value: number): string => Number((value / 1e9).toPrecision(3)).toString();
  const shares = [achieved?.flopsShare, achieved?.bytesShare].filter((share) => share !== undefined);
  const failure: Cell | undefined = status === "ok" ? undefined : { text: statusText(status), caseIds: ids };
  const isFailedMemory = memory === undefined && axes["quantity"] === "memory" && failure !== undefined;
  return {
    time: failure ?? estimateCell(result.time, "seconds", ids),
    ratio: estimateCell(ratios(result, baseline), "plain", ids),
    enginePeak: isFailedMemory ? failure : numberCell(memory?.enginePeakBytes, formatBytes, ids),
    processPeak: numberCell(memory?.processPeakBytes, formatBytes, ids),
    leastBytes: numberCell(memory?.leastBytes, formatBytes, ids),
    exponent: estimateCell(series?.exponent, "plain", ids),
    n: numberCell(result.n === 0 ? undefined : result.n, String, ids),
    flops: numberCell(achieved?.flopsPerSecond.estimate, giga, ids),
    bandwidth: numberCell(achieved?.bytesPerSecond.estimate, giga, ids),
    share: numberCell(
      shares.length === 0 ? undefined : Math.max(...shares),
      (share) => `${Math.round(100 * share)} %`,
      ids,
    ),
  };
}

function trainingColumns(results: readonly Result[]): Column[] {
  const names = [...new Set(results.flatMap(({ training }) => [...(training?.scores.keys() ?? [])]))];
  const scores = names.filter((name) => !isDetail(name));
  return [
    { id: "status", title: "status", align: "left" },
    { id: "data", title: "data", align: "left" },
    { id: "parameters", title: "parameters", align: "right", csv: "parameters" },
    ...scores.flatMap((name): Column[] => {
      const { title } = scoreNameOf(name);
      return [
        { id: `score-${name}`, title: `${title} [95 %]`, align: "right", csv: `score_${name}` },
        { id: `trivial-${name}`, title: `${title} of a trivial predictor`, align: "right", csv: `trivial_${name}` },
      ];
    }),
    { id: "n", title: "n seeds", align: "right", csv: "n" },
    { id: "step", title: "time per step", align: "right", csv: "step_time_s" },
    { id: "evaluation", title: "time per evaluation", align: "right", csv: "evaluation_time_s" },
  ];
}

function trainingCells({ training, status, caseIds: ids, n }: Result): Record<string, Cell> {
  if (training === undefined) return { status: { text: status === "ok" ? "ok" : statusText(status), caseIds: ids } };
  const { first, scores, trivial } = training;
  const cells = [...scores].flatMap(([name, score]) => {
    const { isFraction } = scoreNameOf(name);
    const print = (value: number): string => (isFraction ? `${(100 * value).toFixed(1)} %` : value.toFixed(3));
    return [
      [`score-${name}`, scoreCell(name, score, ids)] as const,
      [`trivial-${name}`, numberCell(trivial.get(name), print, ids)] as const,
    ];
  });
  return {
    status: { text: "ok", caseIds: ids },
    data: { text: dataName(first), caseIds: ids },
    parameters: numberCell(first.parameters, formatCount, ids),
    ...Object.fromEntries(cells),
    n: numberCell(n, String, ids),
    step: estimateCell(training.stepSeconds, "seconds", ids),
    evaluation: estimateCell(training.evaluationSeconds, "seconds", ids),
  };
}

function notesOf(suite: Suite, results: readonly Result[]): string[] {
  if (results.length === 0) return [`No record of this suite: lightnet-bench run ${suite.id}`];
  if (suite.kind === "training")
    return [
      "Scores: mean over seeds with 95 % interval; of a single seed the interval is over test examples. Times: median with 95 % interval.",
    ];
  return [
    "Times: median over processes with 95 % interval. Ratios: from rounds in which both contenders ran side by side. Share of peak: of the engine's own matrix product or copy, measured in the same process, whichever share is larger.",
    ...overheadText(results),
  ];
}

/** What measuring adds to the time it weighs most in; nothing where no record tells it. */
export function overheadText(results: readonly Result[]): string[] {
  const overhead = overheadOf(results);
  if (overhead === undefined) return [];
  const { seconds, share, time, label } = overhead;
  const percent = `${Number((100 * share).toPrecision(2))} %`;
  return [
    `Measuring (clock, promise, synchronisation) takes ${formatSeconds(seconds, 2)} per sample: ${percent} of the shortest case, ${formatSeconds(time, 2)} (${label}).`,
  ];
}
