// A picture as data: one facet of one figure, ready to be drawn as a chart, printed as a table of
// numbers, or described in words. Nothing here knows Chart.js.

import type { SeriesStyle } from "../palette.ts";

export type ScaleKind = "log" | "linear" | "rows";

export interface Tick {
  readonly value: number;
  readonly label: string;
  /** of rows: names those below it */
  readonly isHeading?: boolean;
}

export interface PictureAxis {
  readonly title: string;
  /** which way is better, on a line of its own */
  readonly hint?: string;
  readonly scale: ScaleKind;
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly Tick[];
}

export interface PlotPoint {
  readonly x: number;
  readonly y: number;
  readonly low?: number;
  readonly high?: number;
  /** where the place on x is itself a mean, between the lowest and the highest */
  readonly xLow?: number;
  readonly xHigh?: number;
  /** drawn hollow: the rounds behind it spread widely */
  readonly isNoisy?: boolean;
  /** beyond the end of the axis, which an arrow says */
  readonly isClipped?: boolean;
  /** the value with its interval: `1.02 [1.00, 1.05] ms` */
  readonly value: string;
  /** the same with what is behind it: `1.02 [1.00, 1.05] ms, n = 8 processes` */
  readonly text: string;
}

export interface PlotSeries {
  readonly id: string;
  readonly label: string;
  /** said below the label: the law that the line follows */
  readonly detail?: string;
  readonly style: SeriesStyle;
  readonly points: readonly PlotPoint[];
  /** `interval`: bars at points · `band`: shaded between low and high */
  readonly spread: "interval" | "band";
  /** a row of `bars` or `dots`: the value is on x, low and high with it */
  readonly isRow?: boolean;
  /** LightNet's own */
  readonly isSubject?: boolean;
  /** heading under which the row stands */
  readonly group?: string;
}

/** A line that no contender drew: a ceiling, a law. */
export interface Guide {
  readonly label: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface Picture {
  /** unique within a report, and the name of its file */
  readonly id: string;
  readonly suite: string;
  /** of the suite's figures */
  readonly figure: string;
  readonly title: string;
  readonly subtitle: string;
  /** `points`: one point a series; `bars`, `dots`: one row a series, in order, value on x; bars start at 0, dots may stand on a log axis */
  readonly kind: "line" | "points" | "bars" | "dots";
  readonly x: PictureAxis;
  readonly y: PictureAxis;
  readonly series: readonly PlotSeries[];
  /** lines across the picture at these x, and what they say */
  readonly marks?: { readonly at: readonly number[]; readonly label: string };
  readonly guides?: readonly Guide[];
  /** how to read what is written beside the lines */
  readonly note?: string;
  /** drawn from the learning curves of records, which have a CSV file of their own */
  readonly isCurve?: boolean;
  /** answers a run's question at a glance: shown before all others */
  readonly isLead?: boolean;
  /** groups of rows are places of their own: rows are compared within their group only */
  readonly areGroupsApart?: boolean;
  /** cases that belong here and have no number, with the reason */
  readonly missing: readonly string[];
  /** which way values are better; absent where neither is, or where another picture tells who is best */
  readonly better?: "lower" | "higher";
}

/** Results at the end before how they came about; more rows than fit a glance after all else. */
export function rankOf(picture: Picture): number {
  if (!hasRows(picture)) return 1;
  return picture.series.length > MANY_ROWS ? 2 : 0;
}

const MANY_ROWS = 20;

/** How many values a picture shows. */
export function pointsOf({ series }: Picture): number {
  return series.reduce((sum, { points }) => sum + points.length, 0);
}

/** One value or two are said in a sentence, not drawn. */
export function isWorthDrawing(picture: Picture): boolean {
  return pointsOf(picture) > 2;
}

/** Whether a picture has a row for each series instead of a plane. */
export function hasRows({ kind }: Picture): boolean {
  return kind === "bars" || kind === "dots";
}
