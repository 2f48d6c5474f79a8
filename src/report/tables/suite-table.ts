// The results of one suite as a table: every case, measured or not.

import { fitGrowth, type Growth } from "#evidence/growth";
import { isSameSeries } from "../growth.ts";
import { formatBytes, formatCount } from "#base/units";
import type { Suite } from "#case/suite";
import { dataName } from "../charts/subtitle.ts";
import { isDetail, scoreNameOf } from "../score-names.ts";
import { overheadOf } from "../overhead.ts";
import { labelOf } from "../palette.ts";
import { ABSENT_CELL, estimateCell, numberCell, statusText } from "../print.ts";
import type { CaseView, RatioLookup } from "../view.ts";
import type { Cell, Column, Row, TextTable } from "./text-table.ts";

const POINT_AXES = [
  "engine",
  "scale",
  "precision",
  "level",
  "pass",
  "quantity",
  "dims",
  "N",
  "B",
  "H",
  "D",
  "encoding",
  "dataset",
  "variant",
  "localMixing",
] as const;

/** The contender that a suite's times are divided by. */
export function baselineOf(suite: Suite): string {
  const named = suite.figures.find(({ baseline }) => baseline !== undefined)?.baseline;
  return named ?? (suite.kind === "decode" ? "additive-causal" : "additive-global");
}

/** All results of a suite. */
export function suiteTable(suite: Suite, views: readonly CaseView[], ratios: RatioLookup): TextTable {
  const own = views.filter(({ item }) => item.suite === suite.id);
  const varying = POINT_AXES.filter((axis) => new Set(own.map(({ axes }) => axes[axis])).size > 1);
  const points: Column[] = varying.map((id) => ({
    id,
    title: id,
    align: typeof own[0]?.axes[id] === "number" ? "right" : "left",
  }));
  const growth = fitGrowth(own.flatMap(({ summaries }) => summaries));
  const baseline = baselineOf(suite);
  const cellsOf = suite.kind === "training" ? trainingCells : operatorCells;
  const rows = own.map((view): Row => {
    const place = Object.fromEntries(varying.map((axis) => [axis, { text: String(view.axes[axis] ?? "") }]));
    const shared: Record<string, Cell> = { contender: { text: labelOf(view.contender) }, ...place };
    const note: Cell = { text: noteOf(view) };
    return { id: view.caseId, cells: { ...shared, ...cellsOf(view, { ratios, baseline, growth }), note } };
  });
  const middle = (suite.kind === "training" ? trainingColumns(own) : operatorColumns(baseline)).filter(({ id }) =>
    rows.some(({ cells }) => (cells[id] ?? ABSENT_CELL) !== ABSENT_CELL),
  );
  const columns: Column[] = [
    { id: "contender", title: "contender", align: "left" },
    ...points,
    ...middle,
    { id: "note", title: "note", align: "left" },
  ];
  return { id: `suite-${suite.id}`, title: `${suite.title}: all results`, columns, rows, notes: notesOf(suite, own) };
}

function noteOf(view: CaseView): string {
  const stale = view.stale ? ["stale: computed by older code, not compared"] : [];
  const reason =
    view.status !== "ok"
      ? [statusText(view.status, view.reason)]
      : view.reason === undefined
        ? []
        : [`some seeds missing: ${view.reason}`];
  return [...stale, ...reason, ...view.warnings].join("; ");
}

interface CellContext {
  readonly ratios: RatioLookup;
  readonly baseline: string;
  readonly growth: readonly Growth[];
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

function operatorCells(view: CaseView, { ratios, baseline, growth }: CellContext): Record<string, Cell> {
  const ids = [view.caseId];
  const { memory, measured } = view;
  const achieved = measured?.achieved;
  const series = growth.find((one) => isSameSeries(one, view));
  const giga = (value: number): string => Number((value / 1e9).toPrecision(3)).toString();
  const shares = [achieved?.flopsShare, achieved?.bytesShare].filter((share) => share !== undefined);
  const status: Cell | undefined = view.status === "ok" ? undefined : { text: statusText(view.status), caseIds: ids };
  return {
    time: status ?? estimateCell(view.time, "seconds", ids),
    ratio: estimateCell(ratios(view, baseline), "plain", ids),
    enginePeak:
      memory === undefined && view.axes["quantity"] === "memory"
        ? (status ?? ABSENT_CELL)
        : numberCell(memory?.enginePeakBytes, formatBytes, ids),
    processPeak: numberCell(memory?.processPeakBytes, formatBytes, ids),
    leastBytes: numberCell(memory?.leastBytes, formatBytes, ids),
    exponent: estimateCell(series?.exponent, "plain", ids),
    n: view.n === 0 ? ABSENT_CELL : numberCell(view.n, String, ids),
    flops: numberCell(achieved?.flopsPerSecond.estimate, giga, ids),
    bandwidth: numberCell(achieved?.bytesPerSecond.estimate, giga, ids),
    share: numberCell(
      shares.length === 0 ? undefined : Math.max(...shares),
      (share) => `${Math.round(100 * share)} %`,
      ids,
    ),
  };
}

function trainingColumns(views: readonly CaseView[]): Column[] {
  const scores = [...new Set(views.flatMap(({ training }) => Object.keys(training?.scores ?? {})))].filter(
    (name) => !isDetail(name),
  );
  return [
    { id: "status", title: "status", align: "left" },
    { id: "data", title: "data", align: "left" },
    { id: "parameters", title: "parameters", align: "right", csv: "parameters" },
    ...scores.flatMap((name): Column[] => [
      { id: `score-${name}`, title: `${scoreNameOf(name).title} [95 %]`, align: "right", csv: `score_${name}` },
      {
        id: `trivial-${name}`,
        title: `${scoreNameOf(name).title} of a trivial predictor`,
        align: "right",
        csv: `trivial_${name}`,
      },
    ]),
    { id: "n", title: "n seeds", align: "right", csv: "n" },
    { id: "step", title: "time per step", align: "right", csv: "step_time_s" },
    { id: "evaluation", title: "time per evaluation", align: "right", csv: "evaluation_time_s" },
  ];
}

function trainingCells(view: CaseView): Record<string, Cell> {
  const { training } = view;
  const ids = view.summaries.map(({ caseId }) => caseId);
  if (training === undefined)
    return { status: { text: view.status === "ok" ? "ok" : statusText(view.status), caseIds: ids } };
  const first = training.results[0]!;
  const scores = Object.entries(training.scores).flatMap(([name, score]) => {
    const quantity = scoreNameOf(name).isFraction ? "percent" : "plain";
    const trivial = numberCell(
      first.trivialScores[name],
      (value) => (quantity === "percent" ? `${(100 * value).toFixed(1)} %` : value.toFixed(3)),
      ids,
    );
    return [[`score-${name}`, estimateCell(score, quantity, ids)] as const, [`trivial-${name}`, trivial] as const];
  });
  return {
    status: { text: "ok", caseIds: ids },
    data: { text: dataName(first.dataLabel, first.synthetic), caseIds: ids },
    parameters: numberCell(first.parameters, formatCount, ids),
    ...Object.fromEntries(scores),
    n: numberCell(view.n, String, ids),
    step: estimateCell(training.stepSeconds, "seconds", ids),
    evaluation: estimateCell(training.evaluationSeconds, "seconds", ids),
  };
}

function notesOf(suite: Suite, views: readonly CaseView[]): string[] {
  if (views.length === 0) return [`No record of this suite: lightnet-bench run ${suite.id}`];
  if (suite.kind === "training")
    return ["Scores: mean over seeds with 95 % interval. Times: median with 95 % interval."];
  const overhead = overheadOf(views);
  const notes = overhead === undefined ? [] : [overhead.text];
  return [
    "Times: median over processes with 95 % interval. Ratios: from rounds in which both contenders ran side by side. Share of peak: of the engine's own matrix product or copy, measured in the same process, whichever share is larger.",
    ...notes,
  ];
}
