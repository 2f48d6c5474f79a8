// Estimates as text and as cells of tables, in the unit that suits their size.

import { formatBytes, formatSeconds, withMinusSigns } from "#base/units";
import { resolutionOf, scores } from "#catalogue/scores";
import { BY_DEFINITION } from "#evidence/ratios";
import type { Failure } from "#evidence/result";
import { scorePart } from "#evidence/score-parts";
import type { Estimate } from "#stats/estimate";
import { formatWithInterval, type NumberFormat, type PrintedInterval } from "#stats/interval-digits";
import type { Quantity } from "./charts/axis.ts";
import { ABSENT, type Cell } from "./tables/text-table.ts";

export const ABSENT_CELL: Cell = { text: ABSENT };

/** An estimate with its interval: `1.02 [1.00, 1.05] ms`. */
export function printEstimate(value: Estimate, quantity: Quantity, unit = value.estimate): string {
  if (value.method === BY_DEFINITION) return String(value.estimate);
  if (quantity === "points" || quantity === "nats") return printDifference(value, quantity);
  if (quantity === "difference") return printDifference(value, "score");
  if (quantity === "operations") return `${Number((value.estimate / 1e6).toPrecision(4))} MFLOP`;
  return withMinusSigns(formatWithInterval(value.estimate, printable(value), formatOf(unit, quantity)));
}

/** A score with its interval; without one with the digits by which scores of its kind are told apart: `1.703`, `96.4 %`. */
export function printScore(key: string, score: Estimate): string {
  const { whole } = scorePart(key);
  const known = scores.has(whole) ? scores.get(whole) : undefined;
  const format = formatOf(score.estimate, known?.unit === "%" ? "percent" : "plain");
  const resolution = known && resolutionOf(known, score.estimate);
  return withMinusSigns(formatWithInterval(score.estimate, printable(score), { ...format, resolution }));
}

/** Values further apart have a unit each. */
const ONE_UNIT_RATIO = 1000;

/** A value whose unit suits a whole column; undefined where each needs its own. */
export function unitOf(values: readonly number[], quantity: Quantity): number | undefined {
  if (quantity !== "seconds" && quantity !== "bytes") return undefined;
  const sorted = values.filter((value) => value > 0).sort((a, b) => a - b);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined || most / least > ONE_UNIT_RATIO) return undefined;
  return least;
}

/** The interval of an estimate, where it has one. */
export function printable({ low, high }: Estimate): PrintedInterval {
  return low === undefined || high === undefined ? {} : { low, high };
}

/** Factor and unit that suit a value: 0.0012 s is printed in ms. */
function formatOf(value: number, quantity: Quantity): NumberFormat {
  if (quantity === "percent") return { factor: 0.01, unit: "%" };
  if (quantity === "flops") return { factor: 1e9, unit: "GFLOP/s" };
  if (quantity !== "seconds" && quantity !== "bytes") return {};
  const [number, unit] = (quantity === "seconds" ? formatSeconds(value, 15) : formatBytes(value, 15)).split(" ");
  return value === 0 || unit === undefined ? {} : { factor: value / Number(number), unit };
}

const DIFFERENCE_FORMATS = {
  points: { factor: 0.01, unit: "points" },
  nats: { unit: "nats" },
  score: {},
} as const satisfies Readonly<Record<string, NumberFormat>>;

/** A difference with its sign: `+1.2 [0.1, 2.3] points`. */
export function printDifference(value: Estimate, unit: keyof typeof DIFFERENCE_FORMATS, plus = "+"): string {
  const text = withMinusSigns(formatWithInterval(value.estimate, printable(value), DIFFERENCE_FORMATS[unit]));
  return value.estimate >= 0 ? `${plus}${text}` : text;
}

/** `8 processes`, `1 seed`. */
export function countOf(n: number, unit: "processes" | "seeds"): string {
  const single = { processes: "process", seeds: "seed" } as const;
  return `${n} ${n === 1 ? single[unit] : unit}`;
}

/** A cell with an estimate and its interval; absent stays absent. @param unit a value in whose unit it is printed */
export function estimateCell(
  estimate: Estimate | undefined,
  quantity: Quantity,
  caseIds: readonly string[],
  unit?: number,
): Cell {
  if (estimate === undefined || !Number.isFinite(estimate.estimate)) return ABSENT_CELL;
  return { text: printEstimate(estimate, quantity, unit), value: estimate.estimate, ...printable(estimate), caseIds };
}

/** A cell with a score and its interval. */
export function scoreCell(key: string, score: Estimate, caseIds: readonly string[]): Cell {
  if (!Number.isFinite(score.estimate)) return ABSENT_CELL;
  return { text: printScore(key, score), value: score.estimate, ...printable(score), caseIds };
}

/** A cell with a plain number, printed by `print`. */
export function numberCell(
  value: number | undefined,
  print: (value: number) => string,
  caseIds: readonly string[] = [],
): Cell {
  return value === undefined || !Number.isFinite(value) ? ABSENT_CELL : { text: print(value), value, caseIds };
}

const STATUS_WORDS = { failed: "FAIL", oom: "OOM", timeout: "TIMEOUT", skipped: "SKIP" } as const;

/** `OOM: needs 4.3 GB, limit 4 GB` in the place of a number. */
export function statusText(status: Failure["status"], reason = ""): string {
  return reason === "" ? STATUS_WORDS[status] : `${STATUS_WORDS[status]}: ${reason}`;
}

/** A data set's label, always saying when its data are made up. */
export function dataName({
  dataLabel,
  synthetic,
}: {
  readonly dataLabel: string;
  readonly synthetic: boolean;
}): string {
  return synthetic && !dataLabel.toLowerCase().includes("synthetic") ? `${dataLabel} (synthetic)` : dataLabel;
}
