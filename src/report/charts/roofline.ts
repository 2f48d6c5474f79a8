// The roofline: operations a second against operations per byte, under the ceilings that the engine itself reached in
// the same processes. A point below the slope waits for memory, one below the flat part for arithmetic.
//
// Source: S. Williams, A. Waterman, D. Patterson, "Roofline: an insightful visual performance model for multicore
// architectures", CACM 52 (2009) 65. Bytes are the least that any implementation moves, so a point may stand further
// right than its real traffic would put it.

import { groupBy } from "#base/group";
import { seriesId } from "#evidence/cases";
import type { Achieved } from "#evidence/summary";
import type { Estimate } from "#stats/estimate";
import { median } from "#stats/quantiles";
import type { Figure, Suite } from "#case/suite";
import { labelOf, styleOf } from "../palette.ts";
import type { CaseView } from "../view.ts";
import { logAxis } from "./axis.ts";
import { facetsOf, nameOfFacet, type Facet } from "./facets.ts";
import type { Picture, PlotPoint, PlotSeries } from "./picture.ts";
import { inWords, printEstimate, quantityOf, type FigureQuantity } from "./quantity.ts";
import { spreadOf, subtitleOf } from "./subtitle.ts";

interface RooflineOptions {
  readonly views: readonly CaseView[];
  readonly deviceOf: (environment: string) => string;
}

/** A case with everything a point under the roof needs. */
interface Placed {
  readonly view: CaseView;
  /** operations per byte */
  readonly intensity: number;
  readonly speed: Estimate;
  readonly peak: NonNullable<Achieved["peak"]>;
}

/** One picture for each facet: every contender at the longest length at which it has a result. */
export function rooflinePictures(
  suite: Suite,
  figure: Figure,
  { views, deviceOf }: RooflineOptions,
): readonly Picture[] {
  const placed = new Map(views.flatMap(placedCase).map((one) => [one.view, one] as const));
  const longest = [...groupBy([...placed.keys()], ({ item }) => seriesId(item)).values()].map((curve) =>
    curve.reduce((a, b) => (lengthOf(b) > lengthOf(a) ? b : a)),
  );
  return facetsOf(figure, longest).map((facet) =>
    pictureOf({ suite, figure, facet, placed: facet.views.map((view) => placed.get(view)!), deviceOf }),
  );
}

function lengthOf({ axes }: CaseView): number {
  return Number(axes["N"]);
}

function placedCase(view: CaseView): Placed[] {
  const { work, achieved } = view.measured ?? {};
  if (work === undefined || achieved?.peak === undefined || work.flops <= 0 || work.leastBytes <= 0) return [];
  return [{ view, intensity: work.flops / work.leastBytes, speed: achieved.flopsPerSecond, peak: achieved.peak }];
}

interface PictureParts {
  readonly suite: Suite;
  readonly figure: Figure;
  readonly facet: Facet;
  readonly placed: readonly Placed[];
  readonly deviceOf: (environment: string) => string;
}

function pictureOf({ suite, figure, facet, placed, deviceOf }: PictureParts): Picture {
  const quantity = quantityOf(figure, facet.views);
  const flopsPeak = median(placed.map(({ peak }) => peak.flopsPerSecond));
  const bytesPeak = median(placed.map(({ peak }) => peak.bytesPerSecond));
  const ridge = flopsPeak / bytesPeak;
  const x = logAxis(
    "operations per byte (the least that must move)",
    [...placed.map(({ intensity }) => intensity), ridge / 2, ridge * 2],
    "plain",
  );
  const roofAt = (intensity: number): number => Math.min(flopsPeak, bytesPeak * intensity);
  const most = Math.max(...placed.map(({ view }) => lengthOf(view)));
  const series = placed.map((one) => seriesOf(one, { quantity, most, roof: roofAt(one.intensity) }));
  const roof = [x.min, ridge, x.max].map((place) => ({ x: place, y: roofAt(place) }));
  const ends = series.flatMap(({ points }) => points.flatMap(({ y, low = y, high = y }) => [low, high]));
  const guide = {
    label: `roof: copy ${printGiga(bytesPeak)} GB/s, matrix product ${printGiga(flopsPeak)} GFLOP/s, measured in the same processes`,
    points: roof,
  };
  return {
    id: [suite.id, figure.id, nameOfFacet(facet)].filter((part) => part !== "").join("-"),
    suite: suite.id,
    title: [figure.title, facet.title].filter((part) => part !== "").join(" — "),
    subtitle: subtitleOf(
      placed.map(({ view, speed }) => ({ view, n: speed.n })),
      { deviceOf, quantity, spread: spreadOf(placed.map(({ speed }) => speed)) },
    ),
    kind: "points",
    x,
    y: logAxis(quantity.title, [...ends, ...roof.map(({ y }) => y)], quantity.quantity),
    series,
    guides: [guide],
    missing: facet.views.flatMap(({ contender, status, reason }) =>
      reason === undefined ? [] : [`${labelOf(contender)}: ${status}, ${reason}`],
    ),
  };
}

interface PointContext {
  readonly quantity: FigureQuantity;
  /** the longest length of the picture: shorter ones say so */
  readonly most: number;
  /** operations a second that the roof allows at this point */
  readonly roof: number;
}

function seriesOf(one: Placed, context: PointContext): PlotSeries {
  const { contender } = one.view;
  const N = lengthOf(one.view);
  return {
    id: contender,
    label: `${labelOf(contender)}${N < context.most ? ` (N = ${N})` : ""}`,
    style: styleOf(contender),
    spread: "interval",
    points: [pointOf(one, context)],
  };
}

function pointOf({ view, speed, intensity }: Placed, { quantity, roof }: PointContext): PlotPoint {
  const { estimate, low, high } = speed;
  const share = `${Math.round((100 * estimate) / roof)} % of the roof`;
  return {
    x: intensity,
    y: estimate,
    ...(low === undefined || high === undefined ? {} : { low, high }),
    value: printEstimate(speed, quantity.quantity),
    text: `${inWords(speed, quantity)}, ${Number(intensity.toPrecision(3))} operations per byte, N = ${lengthOf(view)}, ${share}`,
  };
}

/** Peaks are single figures without interval: two digits. */
function printGiga(value: number): string {
  return String(Number((value / 1e9).toPrecision(2)));
}
