// Learning curves: mean over seeds at each step, with a band from the lowest to the highest seed; by step, by training time,
// or by what was read for training.

import { formatSeconds } from "#base/units";
import { curveNames, learningCurve, type CurvePoint } from "#evidence/learning-curve";
import type { Result } from "#evidence/result";
import type { Figure } from "#case/suite";
import { labelOf, styleOf } from "../palette.ts";
import { scoreNameOf, type ScoreName } from "../score-names.ts";
import { linearAxis } from "./axis.ts";
import type { Facet } from "./facets.ts";
import { frameOf, type Frame } from "./frame.ts";
import type { Picture, PlotPoint, PlotSeries } from "./picture.ts";
import { scoreKeyOf } from "./quantity.ts";
import { guideAt, isNear, trivialOf } from "./reference.ts";

/** What a curve is of: a name of the curve's values. `test.` marks values on the test split. */
interface CurveKey extends ScoreName {
  readonly key: string;
}

const TEST = "test.";
/** More points than this along a curve lie within a line's width of each other, and fill a page of many curves. */
const MOST_POINTS = 80;

/** One picture for each quantity the curves of a facet hold: training loss and test loss apart. */
export function curvePictures(frame: Frame): readonly Picture[] {
  const { figure, facet } = frame;
  return keysOf(figure, facet).flatMap((key) => {
    const drawn = facet.results.flatMap((result) => {
      const series = seriesOf(result, key, figure.x);
      return series.points.length > 1 ? [{ result, series }] : [];
    });
    return drawn.length === 0 ? [] : [pictureOf(frame, key, drawn)];
  });
}

function keysOf(figure: Figure, { results }: Facet): readonly CurveKey[] {
  const asked = figure.score ?? scoreKeyOf(results);
  const keys = new Set(results.flatMap(({ training }) => (training === undefined ? [] : curveNames(training))));
  return [...keys].flatMap((key) => {
    const isTest = key.startsWith(TEST);
    const score = isTest ? key.slice(TEST.length) : key;
    const isLoss = score.toLowerCase().endsWith("loss");
    const isWanted = figure.y === "loss" ? isLoss : isTest && score === asked;
    if (!isWanted) return [];
    const own = { title: `training loss (${lossUnit(results)})`, isFraction: false };
    return [{ key, ...(key === "loss" ? own : scoreNameOf(score)) }];
  });
}

/** Cross-entropies are in nats; denoisers are trained on a squared error. */
function lossUnit(results: readonly Result[]): string {
  return results.some(({ axes }) => axes["task"] === "image-generation")
    ? "squared error of the predicted noise"
    : "nats";
}

function seriesOf(result: Result, { key, isFraction }: CurveKey, x: string): PlotSeries {
  const { contender, training } = result;
  const points = training === undefined ? [] : thinned(learningCurve(training, key));
  const isTimed = x === "seconds";
  const perStep = x === "tokens" ? readPerStep(result) : 1;
  return {
    id: contender,
    label: labelOf(contender),
    style: styleOf(contender),
    spread: "band",
    points: points.map((point) => {
      const plotted = plotPoint(point, isFraction, isTimed);
      return isTimed ? plotted : { ...plotted, x: point.step * perStep };
    }),
  };
}

/** Evenly many, the first and the last among them. */
export function thinned<T>(points: readonly T[]): readonly T[] {
  if (points.length <= MOST_POINTS) return points;
  const stride = (points.length - 1) / (MOST_POINTS - 1);
  return Array.from({ length: MOST_POINTS }, (_, index) => points[Math.round(index * stride)]!);
}

/** Tokens of text, or examples where the data are none, that a step reads. */
function readPerStep({ case: item }: Result): number {
  if (item.kind !== "training") return 1;
  const { batch, accumulate = 1, text } = item.recipe;
  return batch * accumulate * (text?.context ?? 1);
}

function axisOf(x: string, results: readonly Result[]): { readonly title: string; readonly by: string } {
  if (x === "seconds") return { title: "training time, without evaluations (s)", by: "training time" };
  if (x === "step") return { title: "training step", by: "training step" };
  const isText = results.some(({ case: item }) => item.kind === "training" && item.recipe.text !== undefined);
  const by = isText ? "training tokens" : "training examples";
  return { title: `${by}, repeated ones counted again`, by };
}

/** At its step, or at the mean of the seconds that the seeds took to get there. */
function plotPoint({ step, value, seconds, n }: CurvePoint, isFraction: boolean, isTimed: boolean): PlotPoint {
  const print = (one: number): string => (isFraction ? `${(100 * one).toFixed(1)} %` : one.toFixed(3));
  const range = (low: string, high: string): string => (n > 1 ? ` (${low} to ${high})` : "");
  const text = `${print(value.mean)}${range(print(value.low), print(value.high))}`;
  const { mean, low, high } = seconds;
  const after = ` after ${formatSeconds(mean)}${range(formatSeconds(low), formatSeconds(high))}`;
  return {
    x: isTimed ? mean : step,
    y: value.mean,
    ...(n > 1 ? { low: value.low, high: value.high } : {}),
    ...(n > 1 && isTimed ? { xLow: low, xHigh: high } : {}),
    value: print(value.mean),
    text: isTimed ? `${text}${after}` : text,
  };
}

function pictureOf(
  frame: Frame,
  { key, title, isFraction }: CurveKey,
  drawn: readonly { readonly result: Result; readonly series: PlotSeries }[],
): Picture {
  const axis = axisOf(frame.figure.x, frame.facet.results);
  const series = drawn.map((one) => one.series);
  const points = series.flatMap((one) => one.points);
  const trained = frame.facet.results.filter(({ training }) => training !== undefined);
  const subject = title.split(" (")[0]!;
  const score = key.slice(TEST.length);
  const reference = key.startsWith(TEST)
    ? trivialOf(
        trained.map(({ training }) => training!.trivial.get(score)),
        score,
        isFraction,
      )
    : undefined;
  const values = points.flatMap(({ y, low = y, high = y }) => [y, low, high]);
  const isShown = reference !== undefined && isNear(reference.at, values);
  const x = linearAxis(
    axis.title,
    points.map(({ x: place, xHigh = place }) => xHigh),
    { quantity: frame.figure.x === "tokens" ? "count" : "plain", origin: true },
  );
  return {
    ...frameOf(frame, {
      drawn: trained.map((result) => ({ result, n: result.training!.runs.size })),
      quantity: { centre: "mean", unitOfN: "seeds" },
      points,
      spread: "a band from the lowest to the highest seed",
      title: `${subject.charAt(0).toUpperCase()}${subject.slice(1)} by ${axis.by}`,
      key: key.replace(".", "-"),
    }),
    isCurve: true,
    ...(series.some((one) => one.points.length === MOST_POINTS)
      ? { note: `At most ${MOST_POINTS} points of a curve are drawn; the CSV file has all` }
      : {}),
    kind: "line",
    x,
    y: linearAxis(title, [...values, ...(isShown ? [reference.at] : [])], {
      quantity: isFraction ? "percent" : "plain",
      origin: false,
    }),
    ...(isShown ? { guides: [guideAt(reference, x)] } : {}),
    series,
  };
}
