// The roofline as a picture: every contender at its longest length, under the measured ceilings.

import { rooflinePoints, roofAt, roofOf, type Roof, type RooflinePoint } from "#evidence/roofline";
import { labelOf, styleOf } from "../palette.ts";
import { printable, printEstimate } from "../print.ts";
import { logAxis } from "./axis.ts";
import { frameOf, type Frame } from "./frame.ts";
import type { Picture, PlotSeries } from "./picture.ts";
import { inWords, quantityOf, type FigureQuantity } from "./quantity.ts";

export function rooflinePicture(frame: Frame): Picture | undefined {
  const placed = rooflinePoints(frame.facet.results);
  if (placed.length === 0) return undefined;
  const quantity = quantityOf(
    frame.figure,
    placed.map(({ result }) => result),
  );
  const roof = roofOf(placed);
  const intensities = placed.map(({ intensity }) => intensity);
  const x = logAxis(
    "operations per byte (the least that must move)",
    [...intensities, roof.ridge / 2, roof.ridge * 2],
    "plain",
  );
  const most = Math.max(...placed.map(({ N }) => N));
  const series = placed.map((point) => seriesOf(point, { quantity, most, roof }));
  const line = [x.min, roof.ridge, x.max].map((place) => ({ x: place, y: roofAt(roof, place) }));
  const ends = series.flatMap(({ points }) => points.flatMap(({ y, low = y, high = y }) => [low, high]));
  const ceilings = `copy ${printGiga(roof.bytesPeak)} GB/s, matrix product ${printGiga(roof.flopsPeak)} GFLOP/s`;
  return {
    ...frameOf(frame, {
      drawn: placed.map(({ result, speed }) => ({ result, n: speed.n })),
      quantity,
      points: placed.map(({ speed }) => speed),
    }),
    kind: "points",
    x,
    y: logAxis(quantity.title, [...ends, ...line.map(({ y }) => y)], quantity.quantity),
    series,
    guides: [{ label: `roof: ${ceilings}, measured in the same processes`, points: line }],
  };
}

interface PointContext {
  readonly quantity: FigureQuantity;
  /** the longest length of the picture: shorter ones say so */
  readonly most: number;
  readonly roof: Roof;
}

function seriesOf({ result, N, speed, intensity }: RooflinePoint, { quantity, most, roof }: PointContext): PlotSeries {
  const { contender } = result;
  const share = Math.round((100 * speed.estimate) / roofAt(roof, intensity));
  const where = `${Number(intensity.toPrecision(3))} operations per byte, N = ${N}, ${share} % of the roof`;
  const point = {
    x: intensity,
    y: speed.estimate,
    ...printable(speed),
    value: printEstimate(speed, quantity.quantity),
    text: `${inWords(speed, quantity)}, ${where}`,
  };
  const label = `${labelOf(contender)}${N < most ? ` (N = ${N})` : ""}`;
  return { id: contender, label, style: styleOf(contender), spread: "interval", points: [point] };
}

/** Peaks are single figures without interval: two digits. */
function printGiga(value: number): string {
  return String(Number((value / 1e9).toPrecision(2)));
}
