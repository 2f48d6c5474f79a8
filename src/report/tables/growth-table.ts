// How the contenders of a suite grow with N: fitted exponents beside the theory, the length from which each is faster
// than softmax attention, and the length at which each gave up.

import { withMinusSigns } from "#base/units";
import type { Evidence } from "#evidence/evidence";
import type { Growth, SeriesCrossover } from "#evidence/growth";
import { varyingAxes } from "#evidence/point";
import { formatWithInterval } from "#stats/interval-digits";
import type { Suite } from "#case/suite";
import { labelOf } from "../palette.ts";
import { ABSENT_CELL, countOf, estimateCell, numberCell, statusText } from "../print.ts";
import type { Cell, Column, Row, TextTable } from "./text-table.ts";

/** Attention in its engine's best form; the first that a suite holds is the one to cross. */
const REFERENCES = ["softmax-full", "softmax-causal"] as const;
/** Axes that every row names, or along which it runs. */
const NAMED: ReadonlySet<string> = new Set(["engine", "precision", "N"]);

/** One row a series of at least two lengths; undefined where a suite has none. */
export function growthTable(suite: Suite, evidence: Evidence): TextTable | undefined {
  const series = [...evidence.growth.values()].filter(({ point }) => point["suite"] === suite.id);
  if (series.length === 0) return undefined;
  const reference = REFERENCES.find((id) =>
    evidence.results.some(({ contender, axes, stale }) => contender === id && axes["suite"] === suite.id && !stale),
  );
  const crossovers = reference === undefined ? [] : evidence.crossovers(suite.id, reference);
  const bySeries = new Map(crossovers.map((crossover) => [crossover.series, crossover]));
  const varying = varyingAxes(series).filter((axis) => !NAMED.has(axis));
  const rows = series.map((growth) => rowOf(growth, bySeries.get(growth.series), varying));
  const columns = columnsOf(varying).filter(({ id }) =>
    rows.some(({ cells }) => (cells[id] ?? ABSENT_CELL) !== ABSENT_CELL),
  );
  const title = `${suite.title}: growth with N`;
  return { id: `growth-${suite.id}`, title, columns, rows, notes: notesOf(series, crossovers) };
}

function columnsOf(varying: readonly string[]): Column[] {
  const text = (id: string, title = id): Column => ({ id, title, align: "left" });
  return [
    ...["contender", "engine", "precision", "strategy", ...varying].map((id) => text(id)),
    { id: "lengths", title: "N measured", align: "right" },
    { id: "exponent", title: "exponent [95 %]", align: "right", csv: "exponent" },
    { id: "last", title: "last two N", align: "right", csv: "last_exponent" },
    { id: "theory", title: "theory", align: "right", csv: "theory_exponent" },
    { ...text("crossover", "faster from N [95 %]"), csv: "crossover_n" },
    text("against", "than"),
    text("stops", "no result from"),
  ];
}

function rowOf(growth: Growth, crossover: SeriesCrossover | undefined, varying: readonly string[]): Row {
  const { series, contender, point, exponent, theory, lengths, strategies, stopsAt, caseIds: ids } = growth;
  const text = (axis: string): Cell => ({ text: String(point[axis] ?? "") });
  return {
    id: series,
    cells: {
      contender: { text: labelOf(contender) },
      engine: text("engine"),
      precision: text("precision"),
      strategy: { text: strategies.join(", ") },
      ...Object.fromEntries(varying.map((axis) => [axis, text(axis)])),
      lengths: { text: lengths.length < 2 ? lengths.join("") : `${lengths[0]} to ${lengths.at(-1)}`, caseIds: ids },
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
  const has = (quantity: Growth["quantity"]): boolean => series.some((one) => one.quantity === quantity);
  const notes: readonly (readonly [boolean, string])[] = [
    [
      has("time"),
      "Exponent p of time ∝ N^p by least squares on logarithms; theory: the same fit of the operations that the strategy counts (decoding: of the elements that a token must read).",
    ],
    [
      has("memory"),
      "Exponent p of the engine's peak bytes ∝ N^p; theory: the same fit of the least bytes that inputs, outputs and states take.",
    ],
    [
      true,
      "The interval says how far the points are from one straight line; the slope of the last two lengths shows where a bent curve tends to.",
    ],
    [
      crossovers.length > 0,
      "Faster from N: the length beyond which the contender stays faster, between measured lengths by a straight line in log–log, from rounds in which both ran side by side. It holds for this engine, precision and strategy.",
    ],
    [
      series.every(({ stopsAt }) => stopsAt === undefined),
      "No series ran out of memory or of its budget at these lengths.",
    ],
  ];
  return notes.flatMap(([applies, text]) => (applies ? [text] : []));
}
