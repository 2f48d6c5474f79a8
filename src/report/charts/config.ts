// A picture as a Chart.js configuration: plain JSON, completed by `hydrate` where it is drawn.

import { GROUND_INK } from "../palette.ts";
import { wrap } from "../wrap.ts";
import { hasRows, type Picture, type PictureAxis, type PlotPoint, type PlotSeries } from "./picture.ts";
import { sideBySide } from "./side-by-side.ts";

const FONT = "DejaVu Sans, sans-serif";
const PLOT_WIDTH = 800;
const VALUE_COLUMN = 165;

export interface ChartDataset {
  readonly label: string;
  readonly data: readonly Readonly<Record<string, number | string | null>>[];
  /** both inks of the series, for a page that changes its ground */
  readonly inks?: { readonly light: string; readonly dark: string };
  readonly seriesId?: string;
  /** drawn, but neither in the legend nor in tooltips: edges of bands */
  readonly isHelper?: boolean;
  /** lines that mark places on an axis */
  readonly isMark?: boolean;
  readonly [option: string]: unknown;
}

export interface ScaleConfig {
  readonly type: string;
  readonly min: number;
  readonly max: number;
  readonly [option: string]: unknown;
}

export interface ChartConfig {
  readonly type: string;
  readonly data: { readonly labels?: readonly string[]; readonly datasets: readonly ChartDataset[] };
  readonly options: {
    readonly scales: { readonly x: ScaleConfig; readonly y: ScaleConfig };
    readonly plugins: Readonly<Record<string, unknown>>;
    readonly [option: string]: unknown;
  };
}

/** Size of a picture in CSS pixels: the plot's area stays, legend rows and bars add to the height. */
export function pictureSize(picture: Picture): { readonly width: number; readonly height: number } {
  const head = 19 * (titleOf(picture).length - 1) + 14 * (subtitleLines(picture).length - 1);
  if (hasRows(picture))
    return { width: PLOT_WIDTH, height: 145 + head + 26 * picture.series.length + (hasMarks(picture) ? 20 : 0) };
  return { width: PLOT_WIDTH, height: 470 + head + 19 * legendRows(picture) };
}

/** The configuration of a picture on white ground. */
export function chartConfig(picture: Picture): ChartConfig {
  const isBars = picture.kind === "bars";
  const isRows = hasRows(picture);
  const { isShifted, placeOf } = sideBySide(picture);
  const series = picture.series.map((one, index) => ({
    ...one,
    points: one.points.map((point) => ({ ...point, x: placeOf(index, point.x) })),
  }));
  const x = isShifted ? { ...picture.x, title: `${picture.x.title} (drawn side by side at each value)` } : picture.x;
  return {
    type: {
      bars: "barWithErrorBars",
      dots: "scatterWithErrorBars",
      points: "scatterWithErrorBars",
      line: "lineWithErrorBars",
    }[picture.kind],
    data: isBars
      ? barData(picture)
      : { datasets: [...series.flatMap(lineDatasets), ...markDatasets(picture), ...guideDatasets(picture)] },
    options: {
      responsive: false,
      animation: false,
      indexAxis: isBars ? "y" : "x",
      font: { family: FONT, size: 12 },
      layout: { padding: { top: 8, right: isRows ? VALUE_COLUMN : 22, bottom: 8, left: 8 } },
      ...(isRows ? { valueColumn: { width: VALUE_COLUMN, color: GROUND_INK.text, font: `11.5px ${FONT}` } } : {}),
      interaction: { mode: "nearest", intersect: false },
      scales: { x: scaleConfig(x), y: scaleConfig(picture.y, isBars) },
      plugins: {
        title: {
          display: true,
          text: titleOf(picture),
          align: "start",
          color: GROUND_INK.text,
          font: { family: FONT, size: 15, weight: "bold" },
          padding: { top: 2, bottom: 4 },
        },
        subtitle: {
          display: true,
          text: subtitleLines(picture),
          align: "start",
          color: GROUND_INK.quiet,
          font: { family: FONT, size: 11 },
          padding: { bottom: 10 },
        },
        legend: {
          display: !isRows || hasMarks(picture),
          position: "bottom",
          align: "start",
          labels: {
            color: GROUND_INK.text,
            font: { family: FONT, size: 11.5 },
            marksOnly: isRows,
            usePointStyle: true,
            boxHeight: 7,
            padding: 10,
          },
        },
        tooltip: {},
      },
    },
  };
}

// Letters that fit in the room beside the value column, at the sizes of title and subtitle: a canvas would squeeze longer lines.
const TITLE_LETTERS = { rows: 60, plane: 76 };
const SUBTITLE_LETTERS = { rows: 98, plane: 122 };

function titleOf(picture: Picture): string[] {
  return wrap(picture.title, TITLE_LETTERS[hasRows(picture) ? "rows" : "plane"]);
}

function subtitleLines(picture: Picture): string[] {
  return wrap(picture.subtitle, SUBTITLE_LETTERS[hasRows(picture) ? "rows" : "plane"]);
}

function hasMarks({ marks }: Picture): boolean {
  return marks !== undefined && marks.at.length > 0;
}

function scaleConfig(axis: PictureAxis, isBars = false): ScaleConfig {
  const isRows = axis.scale === "rows";
  const shared = {
    title: { display: axis.title !== "", text: axis.title, color: GROUND_INK.text, font: { family: FONT, size: 12.5 } },
    grid: { color: isBars ? "transparent" : GROUND_INK.grid },
    border: { color: GROUND_INK.mark },
    ticks: {
      color: GROUND_INK.text,
      font: { family: FONT, size: 11.5 },
      autoSkip: !isRows,
      autoSkipPadding: 6,
      maxRotation: 0,
      minRotation: 0,
      includeBounds: false,
    },
  };
  const { min, max } = axis;
  if (isRows && isBars) return { type: "category", min: 0, max: axis.ticks.length - 1, offset: true, ...shared };
  if (isRows) return { type: "linear", min, max, reverse: true, fixedTicks: axis.ticks, ...shared };
  return { type: axis.scale === "log" ? "logarithmic" : "linear", min, max, fixedTicks: axis.ticks, ...shared };
}

function lineDatasets(series: PlotSeries): ChartDataset[] {
  const { style, label, points } = series;
  const colour = style.ink.light;
  const line = {
    label,
    seriesId: series.id,
    inks: style.ink,
    borderColor: colour,
    backgroundColor: style.isHollow ? "#ffffff" : colour,
    borderWidth: style.width,
    borderDash: style.dash,
    tension: 0,
  };
  if (series.spread === "band") {
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
      { ...edge, data: banded.map(({ x, high }) => ({ x, y: high! })), fill: "-1", backgroundColor: `${colour}2e` },
      {
        ...line,
        ...errorBars(colour),
        data: points.map(({ x, y, text, xLow, xHigh }) => ({
          x,
          y,
          text,
          ...(xLow === undefined || xHigh === undefined ? {} : { xMin: xLow, xMax: xHigh }),
        })),
        pointStyle: style.marker,
        pointRadius: points.length > 40 ? 0 : 3,
        fill: false,
      },
    ];
  }
  const isStroked = ["star", "cross", "crossRot"].includes(style.marker);
  return [
    {
      ...line,
      data: points.map((point) => pointWithBar(point, series.isRow === true)),
      order: style.width > 2 ? 5 : 1, // a wide line stays visible below a narrow one
      pointStyle: style.marker,
      pointRadius: isStroked ? 6 : 5,
      pointBorderWidth: isStroked || style.isHollow ? 2 : 1,
      ...errorBars(colour),
    },
  ];
}

function errorBars(colour: string) {
  return {
    errorBarColor: colour,
    errorBarWhiskerColor: colour,
    errorBarLineWidth: 1.6,
    errorBarWhiskerLineWidth: 1.6,
    errorBarWhiskerSize: 9,
  };
}

function pointWithBar(
  { x, y, low, high, text, value }: PlotPoint,
  isRow: boolean,
): Readonly<Record<string, number | string>> {
  const point = { x, y, text, value };
  if (low === undefined || high === undefined) return point;
  return isRow ? { ...point, xMin: low, xMax: high } : { ...point, yMin: low, yMax: high };
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
function markDatasets({ marks, y }: Picture): ChartDataset[] {
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
      borderWidth: 1,
      borderDash: [3, 4],
    },
  ];
}

function guideDatasets({ guides = [] }: Picture): ChartDataset[] {
  return guides.map(({ label, points }) => ({ ...MARK_LINE, label, data: points, borderWidth: 2, borderDash: [] }));
}

function barData({ series }: Picture): ChartConfig["data"] {
  const inks = series.map(({ style }) => style.ink);
  const data = series.map(({ points, label }) => {
    const { x, low, high, text, value } = points[0]!;
    const bar = { y: label, x, text, value };
    return low === undefined || high === undefined ? bar : { ...bar, xMin: low, xMax: high };
  });
  return {
    labels: series.map(({ label }) => label),
    datasets: [
      {
        label: "",
        data,
        barInks: inks,
        backgroundColor: inks.map(({ light }) => light),
        barPercentage: 0.78,
        categoryPercentage: 0.95,
        errorBarColor: GROUND_INK.text,
        errorBarWhiskerColor: GROUND_INK.text,
        errorBarLineWidth: 1.4,
        errorBarWhiskerLineWidth: 1.4,
        errorBarWhiskerSize: 8,
      },
    ],
  };
}

function legendRows({ series, marks, guides = [] }: Picture): number {
  const labels = [...series, ...(marks === undefined || marks.at.length === 0 ? [] : [marks]), ...guides].map(
    ({ label }) => label,
  );
  let [rows, used] = [1, 0];
  for (const label of labels) {
    const width = 36 + 7 * label.length;
    if (used + width > PLOT_WIDTH - 40) [rows, used] = [rows + 1, 0];
    used += width;
  }
  return rows;
}
