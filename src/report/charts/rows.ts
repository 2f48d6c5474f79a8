// Pictures with a row per result: sorted within groups, the base with its time, what is far beyond the rest clipped.

import { groupBy } from "#base/group";
import { formatSeconds, withMinusSigns } from "#base/units";
import { contenders } from "#catalogue/contenders";
import type { AxisValue } from "#catalogue/axes";
import type { Figure } from "#case/suite";
import { isNoisy } from "#evidence/conditions";
import { BY_DEFINITION } from "#evidence/ratios";
import type { Result } from "#evidence/result";
import type { Estimate } from "#stats/estimate";
import { isSubject, labelOfResult, styleOf } from "../palette.ts";
import { printEstimate, unitOf } from "../print.ts";
import { linearAxis, logAxis, rowsAxis, type Quantity } from "./axis.ts";
import { headingAxesOf, placeValue, wordOf } from "./facets.ts";
import type { Picture, PictureAxis, PlotPoint, PlotSeries } from "./picture.ts";
import { hintOf, inWords, type DrawnResult, type FigureQuantity } from "./quantity.ts";
import { isNear, type Reference } from "./reference.ts";

/** Images: the grid that a run's first picture shows. */
export const LEAD_DIMS = 2;

/** A result as a point at x. */
export function pointOf(
  { result, y, verdict }: DrawnResult,
  x: number,
  quantity: FigureQuantity,
  unit?: number,
): PlotPoint {
  const { estimate, low, high } = y;
  const hasInterval = low !== undefined && high !== undefined && (quantity.scale !== "log" || low > 0);
  return {
    x,
    y: estimate,
    ...(hasInterval ? { low, high } : {}),
    value: hasInterval ? printEstimate(y, quantity.quantity, unit) : withoutInterval(y, quantity.quantity, unit),
    text: [inWords(y, quantity), ...(verdict === undefined ? [] : [verdict])].join(": "),
    ...(isNoisy(result) ? { isNoisy: true } : {}),
  };
}

/** A score without an interval keeps the digits that its place on the axis shows. */
function withoutInterval(y: Estimate, quantity: Quantity, unit: number | undefined): string {
  return quantity === "plain" && y.method !== BY_DEFINITION
    ? withMinusSigns(y.estimate.toPrecision(3))
    : printEstimate(y, quantity, unit);
}

type Part = Pick<Picture, "kind" | "x" | "y" | "series" | "marks" | "isLead" | "areGroupsApart" | "note">;

interface RowOptions {
  readonly figure: Figure;
  readonly quantity: FigureQuantity;
  readonly reference: Reference | undefined;
}

/** A row per result; bars where all values lie within one order of size from 0, else dots. */
export function rowsPart(drawn: readonly DrawnResult[], { figure, quantity, reference }: RowOptions): Part {
  const { headings = [] } = figure;
  const limit = clipOf(figure, drawn);
  const groups = groupsOf(drawn, figure, quantity);
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
      const point = { ...rest, ...baseValue(one, figure), x, y: rows.length - 1 };
      return {
        id: one.result.id,
        label,
        style: styleOf(one.result.contender),
        spread: "interval",
        isRow: true,
        ...(isSubject(one.result.contender) ? { isSubject: true } : {}),
        ...(heading === "" ? {} : { group: heading }),
        points: [limit !== undefined && Math.abs(x) > limit ? { ...point, isClipped: true } : point],
      };
    });
  });
  const shown = series.flatMap(({ points }) => points).filter(({ isClipped }) => isClipped !== true);
  const isRatio = figure.y === "ratio";
  const clipsEnds = figure.y === "difference";
  const values = shown.flatMap(({ x, low = x, high = x }) => [
    x,
    ...[low, high].map((end) => within(end, clipsEnds ? limit : undefined)),
  ]);
  const isShown = reference !== undefined && (isRatio || figure.y === "difference" || isNear(reference.at, values));
  const at = isShown ? [reference.at, ...(reference.margin === undefined ? [] : [reference.margin])] : [];
  const { kind, x } = axisOf([...values, ...at], { figure, quantity });
  const hint = hintOf(figure, quantity);
  return {
    kind,
    series,
    x: hint === undefined ? x : { ...x, hint },
    y: rowsAxis(rows),
    ...(isShown
      ? {
          marks: {
            at,
            label: `${reference.label}${limit === undefined ? "" : `; ${clipsEnds ? "a bar without an end, or ▸, goes" : "▸ lies"} beyond the axis`}`,
          },
        }
      : {}),
    ...(isRatio && drawn.every(({ result: { axes } }) => axes["level"] === "mixer" && axes["dims"] === LEAD_DIMS)
      ? { isLead: true }
      : {}),
    ...(reference?.note === undefined ? {} : { note: reference.note }),
    ...(headings.length > 0 && groups.length > 1 ? { areGroupsApart: true } : {}),
  };
}

/** Bars need the zero on their axis; beyond this ratio the small ones could not be seen. */
const WIDEST_BARS = 10;

function axisOf(
  values: readonly number[],
  { figure, quantity: { title, quantity, scale } }: Omit<RowOptions, "reference">,
): { readonly kind: "bars" | "dots"; readonly x: PictureAxis } {
  const ratio = Math.max(...values) / Math.min(...values);
  const isWide = scale === "log" && !(ratio <= WIDEST_BARS);
  if (isWide) return { kind: "dots", x: logAxis(title, values, quantity) };
  const isBars = !["ratio", "score", "difference", "loss"].includes(figure.y);
  return { kind: isBars ? "bars" : "dots", x: linearAxis(title, values, { quantity, origin: isBars }) };
}

/** The base, which is 1, is never beyond the axis. */
const LEAST_CLIP = 1.2;

/**
 * Ratios beyond twice their upper quartile crush the rest: they are clipped, with an arrow. So are differences, on either
 * side, and the ends of their intervals, which are printed beside them.
 */
function clipOf({ y }: Figure, drawn: readonly DrawnResult[]): number | undefined {
  if ((y !== "ratio" && y !== "difference") || drawn.length < LEAST_GROUPED) return undefined;
  const sizes = drawn.map((one) => Math.abs(one.y.estimate)).sort((a, b) => a - b);
  const limit = 2 * sizes[Math.floor(0.75 * (sizes.length - 1))]!;
  if (y === "ratio") return sizes.at(-1)! > Math.max(limit, LEAST_CLIP) ? Math.max(limit, LEAST_CLIP) : undefined;
  const reach = drawn.flatMap(({ y: { estimate, low = estimate, high = estimate } }) => [-low, high]);
  return limit > 0 && Math.max(...reach) > limit ? limit : undefined;
}

function within(value: number, limit: number | undefined): number {
  return limit === undefined ? value : Math.max(-limit, Math.min(limit, value));
}

/** The base is 1 or 0 by definition: its row gives its time, or its score. */
function baseValue(
  { result: { contender, time }, ownScore }: DrawnResult,
  { y, baseline }: Figure,
): { readonly value?: string } {
  if (ownScore !== undefined) return { value: `0 (${ownScore})` };
  if (y !== "ratio" || contender !== baseline || time === undefined) return {};
  return { value: `1 (${formatSeconds(time.estimate)})` };
}

interface Group {
  readonly heading: string;
  readonly cases: readonly DrawnResult[];
}

/** Fewer rows need no headings. */
const LEAST_GROUPED = 6;

/** Contenders in groups, the best first; other axes in their own order. */
function groupsOf(drawn: readonly DrawnResult[], figure: Figure, { better }: FigureQuantity): readonly Group[] {
  const { x: axis } = figure;
  const sign = better === "higher" ? -1 : 1;
  const sorted = drawn.toSorted((a, b) =>
    axis === "contender"
      ? sign * (a.y.estimate - b.y.estimate)
      : compareValues(a.result.axes[axis], b.result.axes[axis]),
  );
  const varying = headingAxesOf(figure).filter(
    (name) => new Set(drawn.map(({ result }) => placeValue(result, name))).size > 1,
  );
  if (varying.length > 0) {
    const headingOf = ({ result }: DrawnResult): string =>
      varying.map((name) => wordOf(name, placeValue(result, name) ?? "none")).join(", ");
    return [...groupBy(sorted, headingOf)]
      .sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }))
      .map(([heading, cases]) => ({ heading, cases }));
  }
  if (axis !== "contender") return [{ heading: "", cases: sorted }];
  const kinds = groupBy(sorted, ({ result }) => kindOf(result.contender));
  // Models of their own names are one list, the best first.
  if (kinds.size < 2 || drawn.length < LEAST_GROUPED || kinds.has("others")) return [{ heading: "", cases: sorted }];
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
  if (family === "product") return "others";
  if (family !== "multiplicative") return family;
  const scans = spec.scans ?? 1;
  return KINDS.find((kind) => kind === `${scans} scan${scans === 1 ? "" : "s"}`) ?? "others";
}

function labelOfRow(result: Result, { x: axis }: Figure, heading: string): string {
  const { axes } = result;
  const label = labelOfResult(result);
  if (axis === "contender" || axis === "scans")
    return heading.endsWith("scans") ? label.replace(`, ${heading}`, "") : label;
  return `${label}, ${wordOf(axis, axes[axis] ?? "none")}`;
}

function compareValues(a: AxisValue | undefined, b: AxisValue | undefined): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b));
}
