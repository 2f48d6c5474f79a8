// Series that have points at the same places are drawn side by side there, so that their intervals do not cover each other.

import type { Picture, PictureAxis, PlotSeries } from "./picture.ts";

/** Share of the distance to the next place that all series take together. */
const SHARE = 0.2;
/** One place alone has a quarter of the axis around it. */
const ALONE = 0.25;

/** Where each series is drawn: the place on x of its points, in the order of `picture.series`. */
export interface SideBySide {
  readonly isShifted: boolean;
  readonly placeOf: (series: number, x: number) => number;
}

export function sideBySide({ kind, series, x: axis }: Pick<Picture, "kind" | "series" | "x">): SideBySide {
  if (kind !== "line" || !isCrowded(series)) return { isShifted: false, placeOf: (_, x) => x };
  const step = (SHARE * leastDistance(series, axis)) / series.length;
  const shift = (index: number): number => (index - (series.length - 1) / 2) * step;
  return { isShifted: true, placeOf: (index, x) => outOf(axis, along(axis, x) + shift(index)) };
}

/** Whether two intervals stand at one place. */
function isCrowded(series: readonly PlotSeries[]): boolean {
  const places = series.flatMap(({ spread, points }) =>
    spread === "interval" ? points.filter(({ low }) => low !== undefined).map(({ x }) => x) : [],
  );
  return new Set(places).size < places.length;
}

function leastDistance(series: readonly PlotSeries[], axis: PictureAxis): number {
  const places = [...new Set(series.flatMap(({ points }) => points.map(({ x }) => along(axis, x))))].sort(
    (a, b) => a - b,
  );
  const distances = places.slice(1).map((place, index) => place - places[index]!);
  return Math.min(ALONE * (along(axis, axis.max) - along(axis, axis.min)), ...distances);
}

function along({ scale }: PictureAxis, x: number): number {
  return scale === "log" ? Math.log(x) : x;
}

function outOf({ scale }: PictureAxis, place: number): number {
  return scale === "log" ? Math.exp(place) : place;
}
