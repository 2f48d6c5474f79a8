// The series of a picture as data sets of Chart.js.

import { GROUND_INK } from "../palette.ts";
import { wrap } from "#base/wrap";
import type { Picture, PlotPoint, PlotSeries } from "./picture.ts";

export interface ChartDataset {
  readonly label: string;
  readonly data: readonly Readonly<Record<string, number | string | null>>[];
  readonly seriesId?: string;
  /** what stands at the end of the line: its label, broken where it is long, and its law */
  readonly endLines?: readonly string[];
  /** drawn, but neither in the legend nor in tooltips: edges of bands */
  readonly isHelper?: boolean;
  /** lines that mark places on an axis */
  readonly isMark?: boolean;
  readonly [option: string]: unknown;
}

/** Replaced by the page's ground. */
const HOLLOW = "#ffffff";
const WHISKER = 1.6;

/** A line, or points on their own. */
export function seriesDatasets(series: PlotSeries): ChartDataset[] {
  return series.spread === "band" ? bandDatasets(series) : [intervalDataset(series)];
}

const END_LETTERS = 36;

export function endLinesOf(label: string, detail?: string): readonly string[] {
  return [...wrap(label, END_LETTERS), ...(detail === undefined ? [] : [detail])];
}

function lineOf({ id, label, detail, style }: PlotSeries): ChartDataset {
  return {
    label,
    endLines: endLinesOf(label, detail),
    data: [],
    seriesId: id,
    borderColor: style.ink.light,
    backgroundColor: style.ink.light,
    borderWidth: style.width,
    borderDash: style.dash,
    tension: 0,
    pointStyle: style.marker,
  };
}

function intervalDataset(series: PlotSeries): ChartDataset {
  const { style, points } = series;
  const isStroked = ["star", "cross", "crossRot"].includes(style.marker);
  return {
    ...lineOf(series),
    data: points.map((point) => pointWithBar(point, "y")),
    order: style.width > 2 ? 5 : 1, // a wide line stays visible below a narrow one
    ...hollowWhereNoisy(points, style.ink.light),
    radius: isStroked ? 6 : 4.5,
    ...errorBars(style.ink.light),
  };
}

function bandDatasets(series: PlotSeries): ChartDataset[] {
  const { points, style } = series;
  const line = lineOf(series);
  const edge = {
    ...line,
    isHelper: true,
    type: "line",
    borderWidth: 0,
    borderDash: [],
    pointRadius: 0,
    pointHitRadius: 0,
  };
  const banded = points.filter(({ low, high }) => low !== undefined && high !== undefined);
  return [
    { ...edge, data: banded.map(({ x, low }) => ({ x, y: low! })), fill: false },
    {
      ...edge,
      data: banded.map(({ x, high }) => ({ x, y: high! })),
      fill: "-1",
      backgroundColor: `${style.ink.light}2e`,
    },
    {
      ...line,
      ...errorBars(style.ink.light),
      data: points.map(({ x, y, text, xLow, xHigh }) => ({
        x,
        y,
        text,
        ...(xLow === undefined || xHigh === undefined ? {} : { xMin: xLow, xMax: xHigh }),
      })),
      radius: points.length > 40 ? 0 : 3,
      fill: false,
    },
  ];
}

/** One data set for all rows: the mark of each on its own line. */
export function rowDatasets({ series, x }: Picture): ChartDataset[] {
  return series.map((one) => {
    const colour = one.style.ink.light;
    const [point] = one.points;
    if (point?.isClipped === true)
      return {
        ...lineOf(one),
        data: [{ x: point.x < 0 ? x.min : x.max, y: point.y, text: point.text }],
        pointStyle: "triangle",
        rotation: point.x < 0 ? -90 : 90,
        radius: 6,
        clip: 8,
      };
    return {
      ...lineOf(one),
      data: one.points.map((own) => pointWithBar(own, "x")),
      ...hollowWhereNoisy(one.points, colour),
      radius: 5,
      ...errorBars(colour),
    };
  });
}

/** Bars as wide lines from 0, each with its interval as a row of dots has it. */
export function barDatasets(picture: Picture): ChartDataset[] {
  const bars = picture.series.map(({ points, style, id, label }): ChartDataset => ({
    label,
    seriesId: id,
    type: "line",
    isHelper: true,
    data: points.flatMap(({ x, y }) => [
      { x: 0, y },
      { x, y },
    ]),
    borderColor: style.ink.light,
    borderWidth: 15,
    borderCapStyle: "butt",
    pointRadius: 0,
    pointHitRadius: 0,
    order: 20,
  }));
  const ends = rowDatasets(picture).map((dataset) => ({
    ...dataset,
    radius: 0,
    hitRadius: 12,
    ...errorBars(GROUND_INK.text),
  }));
  return [...bars, ...ends];
}

/** Points of noisy results are hollow. The error bar charts read the options of their points without the prefix `point`. */
function hollowWhereNoisy(points: readonly PlotPoint[], colour: string): Readonly<Record<string, unknown>> {
  return { backgroundColor: points.map(({ isNoisy }) => (isNoisy === true ? HOLLOW : colour)) };
}

function errorBars(colour: string): Readonly<Record<string, unknown>> {
  return {
    errorBarColor: colour,
    errorBarWhiskerColor: colour,
    errorBarLineWidth: WHISKER,
    errorBarWhiskerLineWidth: WHISKER,
    errorBarWhiskerSize: 9,
  };
}

function pointWithBar(
  { x, y, low, high, text }: PlotPoint,
  along: "x" | "y",
): Readonly<Record<string, number | string>> {
  const point = { x, y, text };
  if (low === undefined || high === undefined) return point;
  return along === "x" ? { ...point, xMin: low, xMax: high } : { ...point, yMin: low, yMax: high };
}

const MARK_LINE = {
  type: "line",
  isMark: true,
  showLine: true,
  borderColor: GROUND_INK.mark,
  pointRadius: 0,
  pointHitRadius: 0,
  pointStyle: "line",
  spanGaps: false,
  order: 10,
} as const;

/** Vertical lines at marked places, as one data set with gaps. */
export function markDatasets({ marks, y }: Picture): ChartDataset[] {
  if (marks === undefined || marks.at.length === 0) return [];
  return [
    {
      ...MARK_LINE,
      label: marks.label,
      data: marks.at.flatMap((x) => [
        { x, y: y.min },
        { x, y: y.max },
        { x, y: null },
      ]),
      borderWidth: 1.2,
      borderDash: [3, 4],
    },
  ];
}

export function guideDatasets({ guides = [] }: Picture): ChartDataset[] {
  return guides.map(({ label, points }) => ({ ...MARK_LINE, label, data: points, borderWidth: 2, borderDash: [] }));
}
