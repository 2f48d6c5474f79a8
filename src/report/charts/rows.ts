// Pictures with a row per result: sorted within groups, the base with its time, what is far beyond the rest clipped.

import { groupBy } from "#base/group";
import { formatSeconds } from "#base/units";
import { contenders } from "#catalogue/contenders";
import type { AxisValue } from "#catalogue/axes";
import type { Figure } from "#case/suite";
import { NOISY_SPREAD } from "#evidence/conditions";
import type { Result } from "#evidence/result";
import type { Estimate } from "#stats/estimate";
import { labelOf, styleOf } from "../palette.ts";
import { printEstimate, unitOf } from "../print.ts";
import { linearAxis, logAxis, rowsAxis } from "./axis.ts";
import { wordOf } from "./facets.ts";
import type { Picture, PictureAxis, PlotPoint, PlotSeries } from "./picture.ts";
import { inWords, type FigureQuantity } from "./quantity.ts";

export interface DrawnResult {
  readonly result: Result;
  readonly y: Estimate;
}

/** Images: the grid that a run's first picture shows. */
export const LEAD_DIMS = 2;

/** A result as a point at x. */
export function pointOf({ result, y }: DrawnResult, x: number, quantity: FigureQuantity, unit?: number): PlotPoint {
  const { estimate, low, high } = y;
  const hasInterval = low !== undefined && high !== undefined && (quantity.scale !== "log" || low > 0);
  return {
    x,
    y: estimate,
    ...(hasInterval ? { low, high } : {}),
    value: printEstimate(y, quantity.quantity, unit),
    text: inWords(y, quantity),
    ...((result.spread ?? 0) > NOISY_SPREAD ? { isNoisy: true } : {}),
  };
}

type Part = Pick<Picture, "kind" | "x" | "y" | "series" | "marks" | "isLead">;

/** A row per result; bars where all values lie within one order of size from 0, else dots. */
export function rowsPart(drawn: readonly DrawnResult[], figure: Figure, quantity: FigureQuantity): Part {
  const limit = clipOf(figure, drawn);
  const groups = groupsOf(drawn, figure);
  const unit = unitOf(
    drawn.map(({ y }) => y.estimate),
    quantity.quantity,
  );
  const rows: { label: string; isHeading?: boolean }[] = [];
  const series = groups.flatMap(({ heading, cases }) => {
    if (heading !== "") rows.push({ label: heading, isHeading: true });
    return cases.map((one): PlotSeries => {
      const label = labelOfRow(one.result, figure, heading);
      rows.push({ label });
      const { y: x, ...rest } = pointOf(one, 0, quantity, unit);
      const point = { ...rest, ...baseTime(one, figure), x, y: rows.length - 1 };
      return {
        id: one.result.id,
        label,
        style: styleOf(one.result.contender),
        spread: "interval",
        isRow: true,
        ...(heading === "" ? {} : { group: heading }),
        points: [limit !== undefined && x > limit ? { ...point, isClipped: true } : point],
      };
    });
  });
  const shown = series.flatMap(({ points }) => points).filter(({ isClipped }) => isClipped !== true);
  const isRatio = figure.y === "ratio" && figure.baseline !== undefined;
  const { kind, x } = axisOf(shown, { figure, quantity });
  const { hint } = quantity;
  return {
    kind,
    series,
    x: hint === undefined ? x : { ...x, hint },
    y: rowsAxis(rows),
    ...(isRatio
      ? {
          marks: {
            at: [1],
            label: `time of ${labelOf(figure.baseline!)}${limit === undefined ? "" : "; ▸ lies beyond the axis"}`,
          },
        }
      : {}),
    ...(isRatio && drawn.every(({ result: { axes } }) => axes["level"] === "mixer" && axes["dims"] === LEAD_DIMS)
      ? { isLead: true }
      : {}),
  };
}

/** Bars need the zero on their axis; beyond this ratio the small ones could not be seen. */
const WIDEST_BARS = 10;

interface AxisOptions {
  readonly figure: Figure;
  readonly quantity: FigureQuantity;
}

function axisOf(
  points: readonly PlotPoint[],
  { figure, quantity: { title, quantity, scale } }: AxisOptions,
): { readonly kind: "bars" | "dots"; readonly x: PictureAxis } {
  const base = figure.y === "ratio" ? [1] : [];
  const values = [...points.flatMap(({ x, low = x, high = x }) => [x, low, high]), ...base];
  const ratio = Math.max(...values) / Math.min(...values);
  const isWide = scale === "log" && !(ratio <= WIDEST_BARS);
  if (isWide) return { kind: "dots", x: logAxis(title, values, quantity) };
  const isBars = !["ratio", "score", "loss"].includes(figure.y);
  return { kind: isBars ? "bars" : "dots", x: linearAxis(title, values, { quantity, origin: isBars }) };
}

/** Ratios beyond twice their upper quartile crush the rest: they are clipped, with an arrow. */
function clipOf({ y }: Figure, drawn: readonly DrawnResult[]): number | undefined {
  if (y !== "ratio" || drawn.length < LEAST_GROUPED) return undefined;
  const sizes = drawn.map((one) => one.y.estimate).sort((a, b) => a - b);
  const limit = 2 * sizes[Math.floor(0.75 * (sizes.length - 1))]!;
  return sizes.at(-1)! > limit ? limit : undefined;
}

/** The base is 1 by definition: its row gives its time. */
function baseTime({ result: { contender, time } }: DrawnResult, { y, baseline }: Figure): { readonly value?: string } {
  if (y !== "ratio" || contender !== baseline || time === undefined) return {};
  return { value: `1 = ${formatSeconds(time.estimate)}` };
}

interface Group {
  readonly heading: string;
  readonly cases: readonly DrawnResult[];
}

/** Fewer rows need no headings. */
const LEAST_GROUPED = 6;

/** Contenders in groups, sorted by value; other axes in their own order. */
function groupsOf(drawn: readonly DrawnResult[], { x: axis }: Figure): readonly Group[] {
  if (axis !== "contender")
    return [{ heading: "", cases: drawn.toSorted((a, b) => compareValues(a.result.axes[axis], b.result.axes[axis])) }];
  const byValue = drawn.toSorted((a, b) => a.y.estimate - b.y.estimate);
  const grids = groupBy(byValue, ({ result }) => String(result.axes["dims"] ?? ""));
  if (grids.size > 1)
    return [...grids]
      .sort(([a], [b]) => compareValues(a, b))
      .map(([dims, cases]) => ({ heading: wordOf("dims", dims), cases }));
  const kinds = groupBy(byValue, ({ result }) => kindOf(result.contender));
  if (kinds.size < 2 || drawn.length < LEAST_GROUPED) return [{ heading: "", cases: byValue }];
  return KINDS.flatMap((heading) => {
    const cases = kinds.get(heading);
    return cases === undefined ? [] : [{ heading, cases }];
  });
}

const KINDS = ["additive", "order-free", "1 scan", "2 scans", "4 scans", "6 scans", "attention", "others"] as const;

function kindOf(contender: string): (typeof KINDS)[number] {
  if (!contenders.has(contender)) return "others";
  const { family, spec } = contenders.get(contender);
  if (family === "softmax") return "attention";
  if (family !== "multiplicative") return family;
  const scans = spec.scans ?? 1;
  return KINDS.find((kind) => kind === `${scans} scan${scans === 1 ? "" : "s"}`) ?? "others";
}

function labelOfRow({ contender, axes }: Result, { x: axis }: Figure, heading: string): string {
  const label = labelOf(contender);
  if (axis === "contender" || axis === "scans")
    return heading.endsWith("scans") ? label.replace(`, ${heading}`, "") : label;
  return `${label}, ${wordOf(axis, axes[axis] ?? "none")}`;
}

function compareValues(a: AxisValue | undefined, b: AxisValue | undefined): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b));
}
