// How the contenders of a suite grow with N: fitted exponents beside the theory, the length from which each is faster
// than softmax attention, and the length at which each gave up.

import { groupBy } from "#base/group";
import { withMinusSigns } from "#base/units";
import { findCrossovers, fitGrowth, type Growth, type SeriesCrossover } from "#evidence/growth";
import { formatWithInterval } from "#stats/interval-digits";
import type { RunRecord } from "#store/record";
import type { Suite } from "#case/suite";
import { countOf } from "../charts/quantity.ts";
import { isSameSeries } from "../growth.ts";
import { labelOf } from "../palette.ts";
import { ABSENT_CELL, estimateCell, numberCell, statusText } from "../print.ts";
import type { CaseView } from "../view.ts";
import type { Cell, Column, Row, TextTable } from "./text-table.ts";

/** Attention in its engine's best form; the first that a suite holds is the one to cross. */
const REFERENCES = ["softmax-full", "softmax-causal"] as const;
/** Axes in which series of one contender may differ. */
const SERIES_AXES = ["scale", "level", "pass", "quantity", "dims", "B", "H", "D", "encoding"] as const;

/** One row a series of at least two lengths; undefined where a suite has none. */
export function growthTable(
  suite: Suite,
  views: readonly CaseView[],
  records: readonly RunRecord[],
): TextTable | undefined {
  const own = views.filter(({ item, stale }) => item.suite === suite.id && !stale);
  const series = fitGrowth(own.flatMap(({ summaries }) => summaries));
  if (series.length === 0) return undefined;
  const reference = REFERENCES.find((id) => own.some(({ contender }) => contender === id));
  const crossovers =
    reference === undefined
      ? []
      : findCrossovers(
          records.filter((record) => record.case.suite === suite.id),
          reference,
        );
  const bySeries = new Map(crossovers.map((crossover) => [crossover.series, crossover]));
  const varying = SERIES_AXES.filter((axis) => new Set(series.map(({ axes }) => axes[axis])).size > 1);
  const rows = series.map((growth) => rowOf(growth, { crossover: bySeries.get(growth.series), varying, views: own }));
  const columns = columnsOf(varying).filter(({ id }) =>
    rows.some(({ cells }) => (cells[id] ?? ABSENT_CELL) !== ABSENT_CELL),
  );
  return {
    id: `growth-${suite.id}`,
    title: `${suite.title}: growth with N`,
    columns,
    rows,
    notes: notesOf(series, crossovers),
  };
}

function columnsOf(varying: readonly string[]): Column[] {
  return [
    { id: "contender", title: "contender", align: "left" },
    { id: "engine", title: "engine", align: "left" },
    { id: "precision", title: "precision", align: "left" },
    { id: "strategy", title: "strategy", align: "left" },
    ...varying.map((id): Column => ({ id, title: id, align: "left" })),
    { id: "lengths", title: "N measured", align: "right" },
    { id: "exponent", title: "exponent [95 %]", align: "right", csv: "exponent" },
    { id: "last", title: "last two N", align: "right", csv: "last_exponent" },
    { id: "theory", title: "theory", align: "right", csv: "theory_exponent" },
    { id: "crossover", title: "faster from N [95 %]", align: "left", csv: "crossover_n" },
    { id: "against", title: "than", align: "left" },
    { id: "stops", title: "no result from", align: "left" },
  ];
}

interface RowContext {
  readonly crossover: SeriesCrossover | undefined;
  readonly varying: readonly string[];
  readonly views: readonly CaseView[];
}

function rowOf(growth: Growth, { crossover, varying, views }: RowContext): Row {
  const { series, contender, axes, exponent, theory, lengths, strategies, stopsAt } = growth;
  const ids = views.filter((view) => isSameSeries(growth, view)).map(({ caseId }) => caseId);
  return {
    id: series,
    cells: {
      contender: { text: labelOf(contender) },
      engine: { text: String(axes["engine"]) },
      precision: { text: String(axes["precision"]) },
      strategy: { text: strategies.join(", ") },
      ...Object.fromEntries(varying.map((axis) => [axis, { text: String(axes[axis] ?? "") }])),
      lengths: { text: rangeOf(lengths), caseIds: ids },
      exponent: estimateCell(exponent, "plain", ids),
      last: numberCell(exponent?.lastExponent, (slope) => decimals(slope, 1), ids),
      theory: numberCell(theory?.estimate, (slope) => decimals(slope, 2), ids),
      crossover: crossover === undefined ? ABSENT_CELL : crossoverCell(crossover, ids),
      against:
        crossover === undefined
          ? ABSENT_CELL
          : { text: [labelOf(crossover.reference), ...crossover.referenceStrategies].join(", ") },
      stops:
        stopsAt === undefined
          ? ABSENT_CELL
          : { text: `${stopsAt.N}: ${statusText(stopsAt.status, stopsAt.reason)}`, value: stopsAt.N, caseIds: ids },
    },
  };
}

/** Never minus zero. The slope of two points has no interval and gets one decimal. */
function decimals(value: number, digits: number): string {
  return withMinusSigns((Number(value.toFixed(digits)) + 0).toFixed(digits));
}

function rangeOf(lengths: readonly number[]): string {
  return lengths.length < 2 ? lengths.join("") : `${lengths[0]} to ${lengths.at(-1)}`;
}

/** `912 [870, 960]`; an end beyond the lengths measured is named as such, never extrapolated. */
function crossoverCell(
  { kind, estimate, low, high, lengths, support, n }: SeriesCrossover,
  caseIds: readonly string[],
): Cell {
  const behind = `n = ${countOf(n, "processes")}${support < 1 ? `, ${Math.floor(100 * support)} % of resamples` : ""}`;
  if (kind === "below") return { text: `the shortest measured, ${lengths[0]} (${behind})`, caseIds };
  if (kind === "above" || estimate === undefined) return { text: `none up to ${lengths.at(-1)} (${behind})`, caseIds };
  if (low !== undefined && high !== undefined)
    return { text: `${formatWithInterval(estimate, { low, high })} (${behind})`, value: estimate, low, high, caseIds };
  const rounded = (length: number): string => String(Number(length.toPrecision(2)));
  const ends = [
    low === undefined ? `below ${lengths[0]}` : rounded(low),
    high === undefined ? `beyond ${lengths.at(-1)}` : rounded(high),
  ];
  return { text: `${rounded(estimate)} [${ends.join(", ")}] (${behind})`, value: estimate, caseIds };
}

function notesOf(series: readonly Growth[], crossovers: readonly SeriesCrossover[]): string[] {
  const quantities = groupBy(series, ({ quantity }) => quantity);
  return [
    ...(quantities.has("time")
      ? [
          "Exponent p of time ∝ N^p by least squares on logarithms; theory: the same fit of the operations that the strategy counts (decoding: of the elements that a token must read).",
        ]
      : []),
    ...(quantities.has("memory")
      ? [
          "Exponent p of the engine's peak bytes ∝ N^p; theory: the same fit of the least bytes that inputs, outputs and states take.",
        ]
      : []),
    "The interval says how far the points are from one straight line; the slope of the last two lengths shows where a bent curve tends to.",
    ...(crossovers.length === 0
      ? []
      : [
          "Faster from N: the length beyond which the contender stays faster, between measured lengths by a straight line in log–log, from rounds in which both ran side by side. It holds for this engine, precision and strategy.",
        ]),
    ...(series.every(({ stopsAt }) => stopsAt === undefined)
      ? ["No series ran out of memory or of its budget at these lengths."]
      : []),
  ];
}
