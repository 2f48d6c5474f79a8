// A picture as a Chart.js configuration: plain JSON, completed by `hydrate` where it is drawn.

import { GROUND_INK } from "../palette.ts";
import { wrap } from "#base/wrap";
import {
  barDatasets,
  endLinesOf,
  guideDatasets,
  markDatasets,
  rowDatasets,
  seriesDatasets,
  type ChartDataset,
} from "./datasets.ts";
import { hasRows, type Picture, type PictureAxis } from "./picture.ts";
import { spacedTicks } from "./spaced-ticks.ts";

const FONT = "DejaVu Sans, sans-serif";
const PLOT_WIDTH = 800;
const PLOT_HEIGHT = 400;
export const ROW_HEIGHT = 26;
/** Letters that fit in a line of the title and of what stands below it: a canvas would squeeze longer lines. */
const TITLE_LETTERS = 82;
const SUBTITLE_LETTERS = 140;
const AXIS_LETTERS = 46;
/** CSS pixels of a letter at the size of ticks and labels. */
const LETTER_WIDTH = 6.7;
const MOST_LABEL_LETTERS = 42;

/** Text beside rows: what a row is called on the left, its value on the right; on a narrow page around its mark. */
export interface RowText {
  readonly rows: readonly {
    readonly at: number;
    readonly label: string;
    readonly value?: string;
    readonly isHeading?: boolean;
  }[];
  readonly color: string;
  readonly quiet: string;
  readonly fontSize: number;
  readonly family: string;
}

/** Names at the right ends of lines, in the order of the lines. */
export interface EndLabels {
  readonly fontSize: number;
  readonly family: string;
  readonly quiet: string;
}

export interface ScaleConfig {
  readonly type: string;
  readonly min: number;
  readonly max: number;
  readonly [option: string]: unknown;
}

export interface ChartConfig {
  readonly type: string;
  readonly data: { readonly datasets: readonly ChartDataset[] };
  readonly options: {
    readonly scales: { readonly x: ScaleConfig; readonly y: ScaleConfig; readonly side?: ScaleConfig };
    readonly plugins: Readonly<Record<string, unknown>>;
    readonly rowText?: RowText;
    readonly endLabels?: EndLabels;
    readonly [option: string]: unknown;
  };
  readonly plugins?: readonly unknown[];
}

/** Size of a picture in CSS pixels: a plane keeps its size, rows add to the height. */
export function pictureSize(picture: Picture): { readonly width: number; readonly height: number } {
  const head = 60 + 19 * titleOf(picture).length + 14 * subtitleLines(picture).length;
  const legend = hasLegend(picture) ? 26 : 0;
  if (!hasRows(picture)) return { width: PLOT_WIDTH, height: PLOT_HEIGHT + head + legend };
  const rows = Math.round(picture.y.max - picture.y.min);
  const { title, hint } = picture.x;
  const below = 17 * (wrap(title, AXIS_LETTERS).length - (hint === undefined ? 1 : 0));
  return { width: PLOT_WIDTH, height: 20 + head + legend + below + ROW_HEIGHT * rows };
}

/** The configuration of a picture on white ground. */
export function chartConfig(picture: Picture): ChartConfig {
  const isRows = hasRows(picture);
  return {
    type: picture.kind === "line" ? "lineWithErrorBars" : "scatterWithErrorBars",
    data: { datasets: datasetsOf(picture) },
    options: {
      responsive: false,
      animation: false,
      font: { family: FONT, size: 12 },
      layout: { padding: { top: 8, right: 12, bottom: 8, left: 8 } },
      ...(isRows ? { rowText: rowTextOf(picture) } : {}),
      ...(picture.kind === "line" ? { endLabels: { fontSize: 11.5, family: FONT, quiet: GROUND_INK.mark } } : {}),
      interaction: { mode: "nearest", intersect: false },
      scales: {
        x: scaleConfig(picture.x, PLOT_WIDTH - sideWidth(picture) - rowWidth(picture)),
        y: isRows ? rowsScale(picture.y) : scaleConfig(picture.y, undefined),
        ...(sideWidth(picture) === 0 ? {} : { side: sideScale(sideWidth(picture)) }),
      },
      plugins: {
        title: headline(titleOf(picture), { color: GROUND_INK.text, size: 15, weight: "bold", bottom: 4 }),
        subtitle: headline(subtitleLines(picture), { color: GROUND_INK.quiet, size: 11, weight: "normal", bottom: 10 }),
        legend: {
          display: hasLegend(picture),
          position: "bottom",
          align: "start",
          labels: {
            color: GROUND_INK.text,
            font: { family: FONT, size: 11.5 },
            marksOnly: picture.kind !== "points",
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

function datasetsOf(picture: Picture): ChartDataset[] {
  const own =
    picture.kind === "bars"
      ? barDatasets(picture)
      : hasRows(picture)
        ? rowDatasets(picture)
        : picture.series.flatMap((series) => seriesDatasets(series));
  return [...own, ...markDatasets(picture), ...guideDatasets(picture)];
}

interface HeadlineStyle {
  readonly color: string;
  readonly size: number;
  readonly weight: string;
  readonly bottom: number;
}

function headline(
  text: readonly string[],
  { color, size, weight, bottom }: HeadlineStyle,
): Readonly<Record<string, unknown>> {
  return {
    display: true,
    text,
    align: "start",
    color,
    font: { family: FONT, size, weight },
    padding: { top: 2, bottom },
  };
}

function titleOf({ title }: Picture): string[] {
  return wrap(title, TITLE_LETTERS);
}

function subtitleLines({ subtitle, note }: Picture): string[] {
  return [subtitle, ...(note === undefined ? [] : [note])].flatMap((text) => wrap(text, SUBTITLE_LETTERS));
}

/** Lines are named at their ends, rows beside them: only what no contender drew is left, and points without room for names. */
function hasLegend({ kind, marks, guides = [] }: Picture): boolean {
  return kind === "points" || guides.length > 0 || (marks !== undefined && marks.at.length > 0);
}

/** Room on the right: for values of rows, for names of lines. */
function sideWidth(picture: Picture): number {
  if (picture.kind === "points") return 0;
  const texts = hasRows(picture)
    ? picture.series.map(({ points }) => points[0]?.value ?? "")
    : picture.series.flatMap(({ label, detail }) => endLinesOf(label, detail));
  const letters = Math.min(MOST_LABEL_LETTERS, Math.max(0, ...texts.map(({ length }) => length)));
  return Math.ceil(LETTER_WIDTH * letters) + 24;
}

/** Room on the left: for names of rows, or for the ticks of an axis. */
function rowWidth(picture: Picture): number {
  const letters = hasRows(picture) ? Math.max(...picture.y.ticks.map(({ label }) => label.length)) : 10;
  return LETTER_WIDTH * letters + 24;
}

function sideScale(width: number): ScaleConfig {
  return {
    type: "linear",
    position: "right",
    min: 0,
    max: 1,
    fitWidth: width,
    ticks: { display: false },
    grid: { display: false },
    border: { display: false },
  };
}

const TICK_FONT = { family: FONT, size: 11.5 };

function scaleConfig({ title, hint, scale, min, max, ticks }: PictureAxis, width: number | undefined): ScaleConfig {
  const room =
    width === undefined ? { pixels: PLOT_HEIGHT - 60, isVertical: true } : { pixels: width, isVertical: false };
  return {
    type: scale === "log" ? "logarithmic" : "linear",
    min,
    max,
    fixedTicks: spacedTicks({ ticks, min, max, isLog: scale === "log" }, room),
    title: {
      display: title !== "",
      text: [...wrap(title, AXIS_LETTERS), ...(hint === undefined ? [] : [hint])],
      color: GROUND_INK.text,
      font: { family: FONT, size: 12.5 },
    },
    grid: { color: GROUND_INK.grid },
    border: { color: GROUND_INK.mark },
    ticks: {
      color: GROUND_INK.text,
      font: TICK_FONT,
      autoSkip: true,
      autoSkipPadding: 4,
      maxRotation: 0,
      minRotation: 0,
      includeBounds: false,
    },
  };
}

/** Rows are named by `rowText`, which the scale leaves room for. */
function rowsScale({ min, max, ticks }: PictureAxis): ScaleConfig {
  return {
    type: "linear",
    min,
    max,
    reverse: true,
    fixedTicks: ticks.map(({ value }) => ({ value, label: "" })),
    isRows: true,
    grid: { color: GROUND_INK.grid, drawTicks: false },
    border: { color: GROUND_INK.mark },
    ticks: { display: false, autoSkip: false },
  };
}

function rowTextOf({ y, series }: Picture): RowText {
  const values = new Map(series.flatMap(({ points }) => points.map(({ y: row, value }) => [row, value] as const)));
  return {
    rows: y.ticks.map(({ value: at, label, isHeading }) => {
      const value = values.get(at);
      return { at, label, ...(value === undefined ? {} : { value }), ...(isHeading === true ? { isHeading } : {}) };
    }),
    color: GROUND_INK.text,
    quiet: GROUND_INK.quiet,
    fontSize: 11.5,
    family: FONT,
  };
}
