// Learning curves: mean over seeds at each step, with a band from the lowest to the highest seed.

import { formatSeconds } from "#base/units";
import type { Figure, Suite } from "#case/suite";
import { labelOf, styleOf } from "../palette.ts";
import { isDetail, scoreNameOf } from "../score-names.ts";
import type { CaseView } from "../view.ts";
import { linearAxis } from "./axis.ts";
import { facetsOf, nameOfFacet, type Facet } from "./facets.ts";
import type { Picture, PlotPoint, PlotSeries } from "./picture.ts";
import { spreadOf, subtitleOf } from "./subtitle.ts";

const BAND = "a band from the lowest to the highest seed";

interface CurveOptions {
  readonly views: readonly CaseView[];
  readonly deviceOf: (environment: string) => string;
}

/** What a curve is of: a key of the curve's values. `test.` marks values on the test split. */
interface CurveKey {
  readonly key: string;
  readonly name: string;
  readonly title: string;
  readonly isFraction: boolean;
}

/** One picture for each facet and each quantity the curves hold: training loss and test loss apart. */
export function curvePictures(suite: Suite, figure: Figure, { views, deviceOf }: CurveOptions): readonly Picture[] {
  const withCurves = views.filter(({ training }) => training !== undefined && training.results.length > 0);
  return facetsOf(figure, withCurves).flatMap((facet) =>
    keysOf(figure, facet).flatMap((key) => {
      const series = facet.views
        .map((view) => seriesOf(view, key, figure.x === "seconds"))
        .filter(({ points }) => points.length > 1);
      return series.length === 0 ? [] : [pictureOf({ suite, figure, facet, key, series, deviceOf })];
    }),
  );
}

function keysOf(figure: Figure, { views }: Facet): readonly CurveKey[] {
  const keys = new Set(
    views.flatMap(({ training }) =>
      (training?.results ?? []).flatMap(({ curve }) => curve.flatMap(({ values }) => Object.keys(values))),
    ),
  );
  return [...keys].flatMap((key) => {
    const score = key.replace(/^test\./, "");
    const isLoss = /loss$/i.test(key);
    const isAsked = figure.score === undefined ? !isLoss : score === figure.score;
    const isWanted = figure.y === "loss" ? isLoss : key.startsWith("test.") && isAsked && !isDetail(score);
    if (!isWanted) return [];
    const { title, isFraction } =
      key === "loss" ? { title: `training loss (${lossUnit(views)})`, isFraction: false } : scoreNameOf(score);
    return [{ key, name: key.replace(".", "-"), title, isFraction }];
  });
}

/** Cross-entropies are in nats; denoisers are trained on a squared error. */
function lossUnit(views: readonly CaseView[]): string {
  return views.some(({ axes }) => axes["task"] === "image-generation")
    ? "squared error of the predicted noise"
    : "nats";
}

/** Seeds meet at steps. Against time a point stands at the mean of the seconds they took to get there. */
function seriesOf(view: CaseView, { key, isFraction }: CurveKey, isTimed: boolean): PlotSeries {
  const bySteps = new Map<number, { readonly value: number; readonly seconds: number }[]>();
  for (const { curve } of view.training!.results) {
    for (const { step, elapsedSeconds, values } of curve) {
      const value = values[key];
      if (value === undefined || !Number.isFinite(value)) continue;
      bySteps.set(step, [...(bySteps.get(step) ?? []), { value, seconds: elapsedSeconds }]);
    }
  }
  const points = [...bySteps]
    .sort(([a], [b]) => a - b)
    .map(([step, reached]) => {
      const point = curvePoint(
        step,
        reached.map(({ value }) => value),
        isFraction,
      );
      return isTimed
        ? timedPoint(
            point,
            reached.map(({ seconds }) => seconds),
          )
        : point;
    });
  return { id: view.contender, label: labelOf(view.contender), style: styleOf(view.contender), spread: "band", points };
}

function curvePoint(x: number, values: readonly number[], isFraction: boolean): PlotPoint {
  const { mean, low, high } = spanOf(values);
  const print = (value: number): string => (isFraction ? `${(100 * value).toFixed(1)} %` : value.toFixed(3));
  const range = values.length > 1 ? ` (${print(low)} to ${print(high)})` : "";
  return {
    x,
    y: mean,
    ...(values.length > 1 ? { low, high } : {}),
    value: print(mean),
    text: `${print(mean)}${range}`,
  };
}

/** The same at the mean of the seconds that the seeds took to get there, between the fastest and the slowest. */
function timedPoint(point: PlotPoint, seconds: readonly number[]): PlotPoint {
  const { mean: x, low: xLow, high: xHigh } = spanOf(seconds);
  const range = seconds.length > 1 ? ` (${formatSeconds(xLow)} to ${formatSeconds(xHigh)})` : "";
  return {
    ...point,
    x,
    ...(seconds.length > 1 ? { xLow, xHigh } : {}),
    text: `${point.text} after ${formatSeconds(x)}${range}`,
  };
}

function spanOf(values: readonly number[]): { readonly mean: number; readonly low: number; readonly high: number } {
  return {
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    low: Math.min(...values),
    high: Math.max(...values),
  };
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

interface PictureParts {
  readonly suite: Suite;
  readonly figure: Figure;
  readonly facet: Facet;
  readonly key: CurveKey;
  readonly series: readonly PlotSeries[];
  readonly deviceOf: (environment: string) => string;
}

function pictureOf({ suite, figure, facet, key, series, deviceOf }: PictureParts): Picture {
  const points = series.flatMap(({ points: own }) => own);
  const drawn = facet.views.map((view) => ({ view, n: view.training!.results.length }));
  const quantity = { centre: "mean", unitOfN: "seeds" };
  return {
    id: [suite.id, figure.id, key.name, nameOfFacet(facet)].filter((part) => part !== "").join("-"),
    suite: suite.id,
    title: [
      `${capitalised(key.title.replace(/ \(.*\)$/, ""))} by training ${figure.x === "seconds" ? "time" : "step"}`,
      facet.title,
    ]
      .filter((part) => part !== "")
      .join(" — "),
    isCurve: true,
    subtitle: subtitleOf(drawn, { deviceOf, quantity, spread: spreadOf(points, BAND) }),
    kind: "line",
    x: linearAxis(
      figure.x === "seconds" ? "training time, without evaluations (s)" : "training step",
      points.map(({ x, xHigh = x }) => xHigh),
      { quantity: "plain", origin: true },
    ),
    y: linearAxis(
      key.title,
      points.flatMap(({ y, low = y, high = y }) => [y, low, high]),
      { quantity: key.isFraction ? "percent" : "plain", origin: false },
    ),
    series,
    missing: facet.views.flatMap(({ contender, status, reason }) =>
      reason === undefined ? [] : [`${labelOf(contender)}: ${status}, ${reason}`],
    ),
  };
}
