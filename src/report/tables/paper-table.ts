// The paper's tables: published values beside ours. A published row and one of ours are never the same
// row at reduced scale, since they answer different questions; what may be compared is in the verdicts.

import { differenceUnit } from "#catalogue/scores";
import { formatCount } from "#base/units";
import type { Evidence } from "#evidence/evidence";
import { subjectAmong, SUBJECT } from "#evidence/point";
import type { Result } from "#evidence/result";
import { beatsBaseline, simpleScoreOf } from "#evidence/simple-baseline";
import { judgeTime, type TimeWord } from "#evidence/verdict";
import type { PaperTable, TableMetric } from "#catalogue/paper/tables";
import { isWeak, type PublishedValue } from "#catalogue/paper/value";
import { tasks } from "#catalogue/tasks";
import { floorText } from "#store/floor";
import { labelOf, labelOfResult } from "../palette.ts";
import { ABSENT_CELL, dataName, estimateCell, numberCell, printDifference, printable, statusText } from "../print.ts";
import { scoreNameOf } from "../score-names.ts";
import { gateText, verdictText } from "../words.ts";
import { bestFirst, scoreRank } from "./order.ts";
import { ABSENT, type Cell, type Column, type Row, type TextTable } from "./text-table.ts";

const COLUMNS: readonly Column[] = [
  { id: "model", title: "model", align: "left" },
  { id: "metric", title: "metric", align: "left" },
  { id: "published", title: "published", align: "right" },
  { id: "ours", title: "ours [95 %]", align: "right", csv: "ours" },
  { id: "difference", title: "difference (90 %)", align: "right", csv: "difference" },
  { id: "verdict", title: "verdict", align: "left" },
  { id: "n", title: "n", align: "right", csv: "n", isExact: true },
  { id: "data", title: "data and scale", align: "left" },
  { id: "parameters", title: "parameters", align: "right", csv: "parameters", isExact: true },
  { id: "step", title: "time per training step", align: "right", csv: "step_time_s" },
  { id: "evaluation", title: "time per evaluation", align: "right", csv: "evaluation_time_s" },
  { id: "flops", title: "FLOPs, one forward", align: "right", csv: "flop", isExact: true },
  { id: "note", title: "note", align: "left" },
];

const DIFFERENCE_NOTE =
  "Difference: LightNet minus the row's model over the seeds they share, above zero is better for LightNet; in the row of LightNet, to its best rival. Its ends are the two one-sided 95 % limits that the verdict rests on.";

const MARKS = { primary: "", secondary: " †", "user-supplied": " ‡" } as const;

/** One of the paper's tables. */
export function paperTable(table: PaperTable, evidence: Evidence, values: readonly PublishedValue[]): TextTable {
  const published = values.filter((value) => value.table === table.id && !isWeak(value));
  const own = evidence.results.filter(({ axes, stale }) => !stale && table.suites.includes(String(axes["suite"])));
  const rows = [
    ...(table.kind === "speed" ? speedRows(own, evidence) : scoreRows(table, own, evidence)),
    ...published.map(publishedRow),
  ];
  const unrun = table.suites.filter((suite) => !own.some(({ axes }) => axes["suite"] === suite));
  const has = (kind: PublishedValue["kind"]): boolean => published.some((value) => value.kind === kind);
  const marks = [
    ...(has("secondary") ? ["† quoted by a second source"] : []),
    ...(has("user-supplied") ? ["‡ supplied by the user"] : []),
    `${ABSENT} absent: not found in any public source, or not measured`,
  ];
  return {
    id: table.id,
    title: `${table.title} (in the paper: ${table.place})`,
    columns: COLUMNS,
    rows: withUniqueIds(rows.map(withAbsent)),
    notes: [
      `${marks.join(" · ")}.`,
      table.note,
      ...(table.kind === "scores" ? [DIFFERENCE_NOTE] : []),
      ...evidence.gates.filter(({ suite }) => table.suites.includes(suite)).map(gateText),
      ...unrun.map((suite) => `No record of suite ${suite} in this report.`),
    ],
  };
}

const TEXT_COLUMNS = ["model", "metric", "data", "note"];

/** Cells that hold nothing say so, but for those of words. */
function withAbsent({ id, cells }: Row): Row {
  const absent = COLUMNS.filter((column) => !TEXT_COLUMNS.includes(column.id)).map(({ id: name }) => [
    name,
    ABSENT_CELL,
  ]);
  return { id, cells: { ...(Object.fromEntries(absent) as Record<string, Cell>), ...cells } };
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
  const { model, metric, unit, setting, parametersMillions: millions } = value;
  const cells: Record<string, Cell> = {
    model: { text: model },
    parameters: millions === undefined ? ABSENT_CELL : { text: `${millions} M`, value: 1e6 * Number(millions) },
    metric: { text: metric },
    data: { text: setting },
  };
  if (value.kind === "absent") return { id: model, cells: { ...cells, note: { text: "published value not found" } } };
  const spread = value.spread === undefined ? "" : ` ± ${value.spread}`;
  const published = `${value.value}${spread}${unit === "" ? "" : ` ${unit}`}${MARKS[value.kind]}`;
  return { id: model, cells: { ...cells, published: { text: published }, note: { text: value.source } } };
}

function scoreRows(table: PaperTable, results: readonly Result[], evidence: Evidence): Row[] {
  return table.metrics.flatMap((metric) => {
    const { score = "" } = metric;
    return [
      ...bestFirst(results, scoreRank(score, scoreNameOf(score).better)).flatMap((result): Row[] => {
        const { training, case: item, axes, contender } = result;
        if (item.kind !== "training" || metric.score === undefined || (metric.task ?? item.task) !== item.task)
          return [];
        if (training?.scores.has(metric.score) === false) return [];
        const factors = table.factors.filter((factor) => axes[factor] !== undefined);
        const id = [
          ...(table.suites.length > 1 ? [item.suite] : []),
          contender,
          item.dataset,
          item.model.variant,
          ...factors.map((factor) => axes[factor]),
          ...(table.metrics.filter(({ score }) => score !== undefined).length > 1 ? [metric.id] : []),
        ].join(" ");
        const named = [
          `${labelOfResult(result)}, ${item.model.variant}`,
          ...factors.map((name) => `${name} ${axes[name]}`),
        ];
        const model = { text: named.join(", ") };
        const cells = training === undefined ? unfinishedCells(result) : scoreCells(result, metric, evidence);
        return [{ id, cells: { model, metric: { text: metric.id }, ...cells } }];
      }),
      ...baselineRows(metric, results),
    ];
  });
}

/** The simple baselines of the data that a metric was measured on: what a model must beat before its score means anything. */
function baselineRows(metric: TableMetric, results: readonly Result[]): Row[] {
  const rows = results.flatMap(({ training, case: item, caseIds }): Row[] => {
    if (item.kind !== "training" || training === undefined || (metric.task ?? item.task) !== item.task) return [];
    const simple = metric.score === undefined ? undefined : simpleScoreOf(training.first, metric.score);
    if (simple === undefined) return [];
    const value = metric.factor * simple.score;
    const cell = numberCell(value, (number) => String(Number(number.toPrecision(4))), caseIds);
    const ours = metric.unit === "" ? cell : { ...cell, text: `${cell.text} ${metric.unit}` };
    const data = { text: `${dataName(training.first)}, scale ${item.scale}` };
    const id = `${simple.id} ${item.dataset} ${metric.id}`;
    const model = { text: `simple baseline: ${simple.id}` };
    return [
      { id, cells: { model, metric: { text: metric.id }, ours, data, note: { text: "sees its input, no mixer" } } },
    ];
  });
  return [
    ...new Map(rows.map((row) => [`${row.id} ${row.cells["data"]!.text} ${row.cells["ours"]!.text}`, row])).values(),
  ];
}

function unfinishedCells({ status, axes, failures, caseIds }: Result): Record<string, Cell> {
  return {
    ours: { text: status === "ok" ? ABSENT : statusText(status), caseIds },
    data: { text: `${axes["dataset"]}, scale ${axes["scale"]}` },
    note: { text: status === "ok" ? "no result" : statusText(status, failures[0]?.reason) },
  };
}

function scoreCells(result: Result, metric: TableMetric, evidence: Evidence): Record<string, Cell> {
  const { axes, n, caseIds: ids, failures } = result;
  const { first, runs, scores, stepSeconds, evaluationSeconds } = result.training!;
  const score = scores.get(metric.score!)!;
  const ours = estimateCell(scaled(score, metric.factor), "plain", ids);
  const missed = [...runs.values()].flatMap(({ floor }) => (floor?.beaten === false ? [floorText(floor)] : []));
  const baseline = beatsBaseline(result);
  const notes = [
    ...(baseline?.beaten === false && baseline.simple !== undefined
      ? [`DOES NOT BEAT the simple baseline ${baseline.simple}`]
      : []),
    `${first.trainExamples} train, ${first.testExamples} test examples`,
    ...(missed.length === 0 ? [] : [`NOT LEARNED in ${missed.length} of ${runs.size}: ${missed[0]}`]),
    ...failures.slice(0, 1).map(({ reason }) => `some seeds missing: ${reason}`),
  ];
  return {
    parameters: numberCell(first.parameters, formatCount, ids),
    ours: metric.unit === "" ? ours : { ...ours, text: `${ours.text} ${metric.unit}` },
    n: numberCell(n, String, ids),
    data: { text: `${dataName(first)}, ${axes["steps"]} steps, scale ${axes["scale"]}, engine ${axes["engine"]}` },
    step: estimateCell(stepSeconds, "seconds", ids),
    evaluation: estimateCell(evaluationSeconds, "seconds", ids),
    flops: numberCell(first.flopsPerExample, formatCount, ids),
    ...verdictCells(result, metric, evidence),
    note: { text: notes.join("; ") },
  };
}

/** LightNet against this row's model, with the cases of both. */
function verdictCells(result: Result, metric: TableMetric, { results, scores }: Evidence): Record<string, Cell> {
  const subject = subjectAmong(results.filter(({ place, stale }) => !stale && place === result.place));
  if (result === subject) return bestRivalCells(result, metric, { results, scores });
  const caseIds = [...result.caseIds, ...(subject?.caseIds ?? [])];
  const found = scores.of(result, metric.score!);
  if (found === undefined) return { verdict: { text: ABSENT, caseIds } };
  const unit = differenceUnit(metric);
  const { difference } = found;
  const text = printDifference(difference, unit);
  return {
    difference: { text, value: difference.estimate, ...printable(difference), caseIds },
    verdict: { text: verdictText(found, unit), caseIds },
  };
}

/** The subject's own row: its difference to the rival with the best score. */
function bestRivalCells(
  subject: Result,
  metric: TableMetric,
  { results, scores }: Pick<Evidence, "results" | "scores">,
): Record<string, Cell> {
  const name = metric.score!;
  const higher = subject.case.kind === "training" && tasks.get(subject.case.task).metric.better === "higher";
  const scoreOf = ({ training }: Result): number =>
    (higher ? -1 : 1) * (training?.scores.get(name)?.estimate ?? Infinity);
  const [best] = results
    .filter((other) => !other.stale && other !== subject && other.place === subject.place)
    .filter((other) => other.training?.scores.has(name) === true && scores.of(other, name) !== undefined)
    .toSorted((a, b) => scoreOf(a) - scoreOf(b));
  const found = best === undefined ? undefined : scores.of(best, name);
  if (best === undefined || found === undefined) return { verdict: { text: "the subject", caseIds: subject.caseIds } };
  const caseIds = [...subject.caseIds, ...best.caseIds];
  const { difference } = found;
  const text = printDifference(difference, differenceUnit(metric));
  return {
    difference: { text, value: difference.estimate, ...printable(difference), caseIds },
    verdict: { text: `the subject; best rival: ${labelOfResult(best)}`, caseIds },
  };
}

function scaled<T extends { readonly estimate: number; readonly low?: number; readonly high?: number }>(
  { estimate, low, high, ...rest }: T,
  factor: number,
) {
  const ends = low === undefined || high === undefined ? {} : { low: factor * low, high: factor * high };
  return { ...rest, estimate: factor * estimate, ...ends };
}

/** Mixer-layer times over those of one additive scan; operator-level times are in the suite's own table. */
function speedRows(results: readonly Result[], { ratios }: Evidence): Row[] {
  const layers = results.filter(({ axes }) => axes["level"] === "mixer");
  const byRatio = (result: Result): number | undefined => ratios(result, SUBJECT)?.estimate;
  return bestFirst(layers, byRatio).map((result): Row => {
    const { axes, contender, status, failures, work, time, n } = result;
    const subject = results.find((other) => other.contender === SUBJECT && other.place === result.place);
    const ids = [result.id];
    const both = [...new Set([result.id, ...(subject === undefined ? [] : [subject.id])])];
    const ratio = ratios(result, SUBJECT);
    const width = Number(axes["H"]) * Number(axes["D"]);
    const place = `${axes["pass"]}, ${axes["dims"]}-D grid, N ${axes["N"]}, scale ${axes["scale"]}, engine ${axes["engine"]}`;
    const verdict =
      ratio === undefined ? ABSENT : result === subject ? "the subject" : SPEED_WORDS[judgeTime(ratio).word];
    return {
      id: `${contender} ${axes["dims"]}-D N${axes["N"]} ${axes["pass"]}`,
      cells: {
        model: { text: labelOf(contender) },
        metric: { text: "relative time" },
        ours: status === "ok" ? estimateCell(ratio, "plain", both) : { text: statusText(status), caseIds: ids },
        n: numberCell(n === 0 ? undefined : n, String, ids),
        data: { text: `mixer layer of width ${width}, ${axes["H"]} heads, ${place}` },
        [axes["pass"] === "forward" ? "evaluation" : "step"]: estimateCell(time, "seconds", ids),
        flops: numberCell(work?.flops, formatCount, ids),
        verdict: { text: verdict, caseIds: both },
        note: { text: failures[0]?.reason ?? "" },
      },
    };
  });
}

const SPEED_WORDS: Readonly<Record<TimeWord, string>> = {
  slower: "one additive scan is faster",
  faster: "one additive scan is slower",
  same: "as fast as one additive scan",
  ambiguous: "open",
};
