// The paper's tables: published values beside ours. A published row and one of ours are never the same
// row at reduced scale, since they answer different questions; what may be compared is in the verdicts.

import { formatCount } from "#base/units";
import { compareScores, type SeedScores } from "#evidence/scores";
import type { PaperTable, TableMetric } from "#catalogue/paper/tables";
import type { PublishedValue } from "#catalogue/paper/value";
import type { Estimate } from "#stats/estimate";
import { floorText } from "#store/floor";
import { gatesOf } from "../calibration.ts";
import { dataName } from "../charts/subtitle.ts";
import { labelOf } from "../palette.ts";
import { ABSENT_CELL, estimateCell, numberCell, statusText } from "../print.ts";
import { subjectAmong } from "../subject.ts";
import type { CaseView, RatioLookup } from "../view.ts";
import { ABSENT, type Cell, type Column, type Row, type TextTable } from "./text-table.ts";

export interface PaperTableOptions {
  readonly values: readonly PublishedValue[];
  readonly views: readonly CaseView[];
  readonly scores: readonly SeedScores[];
  readonly ratios: RatioLookup;
}

const COLUMNS: readonly Column[] = [
  { id: "model", title: "model", align: "left" },
  { id: "parameters", title: "parameters", align: "right", csv: "parameters", isExact: true },
  { id: "metric", title: "metric", align: "left" },
  { id: "published", title: "published", align: "right" },
  { id: "ours", title: "ours [95 %]", align: "right", csv: "ours" },
  { id: "n", title: "n", align: "right", csv: "n", isExact: true },
  { id: "data", title: "data and scale", align: "left" },
  { id: "step", title: "time per training step", align: "right", csv: "step_time_s" },
  { id: "evaluation", title: "time per evaluation", align: "right", csv: "evaluation_time_s" },
  { id: "flops", title: "FLOPs, one forward", align: "right", csv: "flop", isExact: true },
  { id: "verdict", title: "verdict", align: "left" },
  { id: "note", title: "note", align: "left" },
];

const MARKS = { primary: "", secondary: " †", "user-supplied": " ‡" } as const;

/** One of the paper's tables. */
export function paperTable(table: PaperTable, options: PaperTableOptions): TextTable {
  const published = options.values.filter((value) => value.table === table.id);
  const own = options.views.filter(({ item, stale }) => !stale && table.suites.includes(item.suite));
  const rows = withUniqueIds([
    ...published.map(publishedRow),
    ...(table.kind === "speed" ? speedRows(own, options.ratios) : scoreRows(table, own, options.scores)),
  ]);
  const unrun = table.suites.filter((suite) => !own.some(({ item }) => item.suite === suite));
  const marks = [
    ...(published.some(({ kind }) => kind === "secondary") ? ["† quoted by a second source"] : []),
    ...(published.some(({ kind }) => kind === "user-supplied") ? ["‡ supplied by the user"] : []),
    `${ABSENT} absent: not found in any public source, or not measured`,
  ];
  return {
    id: table.id,
    title: `${table.title} (in the paper: ${table.place})`,
    columns: COLUMNS,
    rows,
    notes: [
      `${marks.join(" · ")}.`,
      table.note,
      ...gatesOf(table.suites, own).map(({ text }) => text),
      ...unrun.map((suite) => `No record of suite ${suite} in this report.`),
    ],
  };
}

/** Rows are named after what they hold, so that a person can ask for a cell; a repeated name gets its number. */
function withUniqueIds(rows: readonly Row[]): Row[] {
  const seen = new Map<string, number>();
  return rows.map((row) => {
    const count = (seen.get(row.id) ?? 0) + 1;
    seen.set(row.id, count);
    return count === 1 ? row : { ...row, id: `${row.id}#${count}` };
  });
}

function publishedRow(value: PublishedValue): Row {
  const { model, metric, unit, setting, parametersMillions } = value;
  const cells: Record<string, Cell> = {
    model: { text: model },
    parameters:
      parametersMillions === undefined
        ? ABSENT_CELL
        : { text: `${parametersMillions} M`, value: 1e6 * Number(parametersMillions) },
    metric: { text: metric },
    data: { text: setting },
  };
  for (const column of ["published", "ours", "n", "step", "evaluation", "flops", "verdict"])
    cells[column] = ABSENT_CELL;
  if (value.kind === "absent") return { id: model, cells: { ...cells, note: { text: "published value not found" } } };
  const spread = value.spread === undefined ? "" : ` ± ${value.spread}`;
  const published = `${value.value}${spread}${unit === "" ? "" : ` ${unit}`}${MARKS[value.kind]}`;
  return { id: model, cells: { ...cells, published: { text: published }, note: { text: value.source } } };
}

function scoreRows(table: PaperTable, views: readonly CaseView[], scores: readonly SeedScores[]): Row[] {
  return table.metrics.flatMap((metric) =>
    views.flatMap((view): Row[] => {
      const { training, status, reason, item } = view;
      if (item.kind !== "training" || metric.score === undefined || (metric.task ?? item.task) !== item.task) return [];
      if (training !== undefined && training.scores[metric.score] === undefined) return [];
      const ids = caseIdsOf(view);
      const shared = { model: { text: modelName(table, view) }, metric: { text: metric.id }, published: ABSENT_CELL };
      const places = table.factors.flatMap((factor) =>
        view.axes[factor] === undefined ? [] : [String(view.axes[factor])],
      );
      const id = [
        ...(table.suites.length > 1 ? [item.suite] : []),
        view.contender,
        item.dataset,
        item.model.variant,
        ...places,
        ...(table.metrics.length > 1 ? [metric.id] : []),
      ].join(" ");
      if (training === undefined) {
        const text = status === "ok" ? "no result" : statusText(status, reason);
        return [
          {
            id,
            cells: {
              ...shared,
              ours: { text: statusWord(view), caseIds: ids },
              data: { text: `${item.dataset}, scale ${item.scale}` },
              note: { text },
            },
          },
        ];
      }
      const first = training.results[0]!;
      const scaled = scaledEstimate(training.scores[metric.score]!, metric);
      const ours = estimateCell(scaled, "plain", ids);
      return [
        {
          id,
          cells: {
            ...shared,
            parameters: numberCell(first.parameters, formatCount, ids),
            ours: metric.unit === "" ? ours : { ...ours, text: `${ours.text} ${metric.unit}` },
            n: numberCell(view.n, String, ids),
            data: {
              text: `${dataName(first.dataLabel, first.synthetic)}, ${item.recipe.steps} steps, scale ${item.scale}, engine ${item.engine}`,
            },
            step: estimateCell(training.stepSeconds, "seconds", ids),
            evaluation: estimateCell(training.evaluationSeconds, "seconds", ids),
            flops: numberCell(first.flopsPerExample, formatCount, ids),
            verdict: scoreVerdict(view, views, { metric, scores }),
            note: {
              text: [
                `${first.trainExamples} train, ${first.testExamples} test examples`,
                ...unlearnedNote(view),
                ...(reason === undefined ? [] : [`some seeds missing: ${reason}`]),
              ].join("; "),
            },
          },
        },
      ];
    }),
  );
}

function statusWord({ status }: CaseView): string {
  return status === "ok" ? ABSENT : statusText(status);
}

function modelName({ factors }: PaperTable, { item, contender, axes }: CaseView): string {
  const variant = item.kind === "training" ? `, ${item.model.variant}` : "";
  return [
    `${labelOf(contender)}${variant}`,
    ...factors.flatMap((factor) => (axes[factor] === undefined ? [] : [`${factor} ${axes[factor]}`])),
  ].join(", ");
}

function scaledEstimate<T extends { readonly estimate: number; readonly low?: number; readonly high?: number }>(
  estimate: T,
  { factor }: TableMetric,
): T {
  const { low, high } = estimate;
  const ends = low === undefined || high === undefined ? {} : { low: factor * low, high: factor * high };
  return { ...estimate, estimate: factor * estimate.estimate, ...ends };
}

/** Seeds that did not come above the trivial predictor by the task's margin. */
function unlearnedNote({ training }: CaseView): string[] {
  const missed = (training?.results ?? []).flatMap(({ floor }) =>
    floor === undefined || floor.beaten ? [] : [floorText(floor)],
  );
  return missed.length === 0 ? [] : [`NOT LEARNED in ${missed.length} of ${training!.results.length}: ${missed[0]}`];
}

interface VerdictContext {
  readonly metric: TableMetric;
  readonly scores: readonly SeedScores[];
}

/** LightNet against this row's model, with the cases of both. */
function scoreVerdict(view: CaseView, views: readonly CaseView[], context: VerdictContext): Cell {
  const subject = subjectAmong(
    views.filter((other) => isSameExperiment(other, view)),
    ({ contender }) => contender,
  );
  const text = view === subject ? "the subject" : verdictText(view, subject, context);
  return { text, caseIds: [...new Set([view, ...(subject === undefined ? [] : [subject])])].flatMap(caseIdsOf) };
}

function caseIdsOf({ summaries }: CaseView): string[] {
  return summaries.map(({ caseId }) => caseId);
}

/** On the seeds both were trained with. */
function verdictText(view: CaseView, subject: CaseView | undefined, { metric, scores }: VerdictContext): string {
  const { score, better } = metric;
  if (subject === undefined || score === undefined) return ABSENT;
  const [candidate, reference] = [subject, view].map((one) =>
    scores.find((entry) => one.summaries.some(({ case: item }) => item === entry.case)),
  );
  const margin =
    metric.margin !== undefined
      ? metric.margin / metric.factor
      : (metric.relativeMargin ?? 0) * Math.abs(reference?.scores[score]?.estimate ?? 0);
  if (candidate === undefined || reference === undefined || margin === 0) return ABSENT;
  const test = compareScores(candidate, reference, { metric: score, margin, higherIsBetter: better === "higher" });
  if (test === undefined) return ABSENT;
  const seeds = `n = ${test.n}`;
  if (test.verdict === "too few seeds") return `undecided (${seeds})`;
  return test.verdict === "not worse"
    ? `LightNet is not worse (${seeds})`
    : `LightNet not shown to be not worse (${seeds})`;
}

const PAIRED_AXES = [
  "suite",
  "engine",
  "scale",
  "task",
  "dataset",
  "variant",
  "steps",
  "encoding",
  "localMixing",
  "tokenOrder",
] as const;

function isSameExperiment(a: CaseView, b: CaseView): boolean {
  return PAIRED_AXES.every((axis) => a.axes[axis] === b.axes[axis]);
}

const SUBJECT = "additive-global";
/** What the rows of one matchup share. */
const SPEED_AXES = ["engine", "scale", "precision", "level", "pass", "dims", "N", "B", "H", "D"] as const;

/** Mixer-layer times over those of one additive scan; operator-level times are in the suite's own table. */
function speedRows(views: readonly CaseView[], ratios: RatioLookup): Row[] {
  return views
    .filter(({ axes }) => axes["level"] === "mixer")
    .map((view): Row => {
      const subject = views.find(
        (other) => other.contender === SUBJECT && SPEED_AXES.every((axis) => other.axes[axis] === view.axes[axis]),
      );
      const ids = [view.caseId];
      const both = [...new Set([view.caseId, ...(subject === undefined ? [] : [subject.caseId])])];
      const { axes, status, reason, measured, time } = view;
      const seconds = (pass: string): Cell =>
        axes["pass"] === pass ? estimateCell(time, "seconds", ids) : ABSENT_CELL;
      const ratio = ratios(view, SUBJECT);
      const verdict = ratio === undefined ? ABSENT : view === subject ? "the subject" : verdictOfRatio(ratio);
      return {
        id: `${view.contender} ${axes["dims"]}-D N${axes["N"]} ${axes["pass"]}`,
        cells: {
          model: { text: labelOf(view.contender) },
          parameters: ABSENT_CELL,
          metric: { text: "relative time" },
          published: ABSENT_CELL,
          ours: status === "ok" ? estimateCell(ratio, "plain", both) : { text: statusText(status), caseIds: ids },
          n: view.n === 0 ? ABSENT_CELL : numberCell(view.n, String, ids),
          data: {
            text: `mixer layer of width ${Number(axes["H"]) * Number(axes["D"])}, ${axes["H"]} heads, ${axes["pass"]}, ${axes["dims"]}-D grid, N ${axes["N"]}, scale ${axes["scale"]}, engine ${axes["engine"]}`,
          },
          step: seconds("forward+backward"),
          evaluation: seconds("forward"),
          flops: numberCell(measured?.work?.flops, formatCount, ids),
          verdict: { text: verdict, caseIds: both },
          note: { text: reason ?? "" },
        },
      };
    });
}

function verdictOfRatio({ low, high, n }: Estimate): string {
  if (low === undefined || high === undefined || n < 2) return "undecided";
  if (low > 1) return "one additive scan is faster";
  return high < 1 ? "one additive scan is slower" : "undecided";
}
