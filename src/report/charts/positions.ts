// Scores by position in a sequence: one point a group of positions, at the middle of the group on a log axis.

import type { Result } from "#evidence/result";
import { scoresByPosition } from "#evidence/score-parts";
import { labelOf, styleOf } from "../palette.ts";
import { printable, printEstimate } from "../print.ts";
import { linearAxis, valuesAxis } from "./axis.ts";
import { frameOf, type Frame } from "./frame.ts";
import type { Picture, PlotSeries } from "./picture.ts";
import { inWords, type FigureQuantity } from "./quantity.ts";

const QUANTITY: FigureQuantity = {
  title: "test loss (nats)",
  quantity: "plain",
  scale: "linear",
  centre: "mean",
  unitOfN: "seeds",
};

/** One picture a facet: the test loss at groups of positions. */
export function positionPictures(frame: Frame): readonly Picture[] {
  const drawn = frame.facet.results.flatMap((result) => {
    const series = seriesOf(result);
    return series.points.length > 1 ? [{ result, n: result.n, series }] : [];
  });
  if (drawn.length === 0) return [];
  const series = drawn.map((one) => one.series);
  const points = series.flatMap((one) => one.points);
  const values = points.flatMap(({ y, low = y, high = y }) => [y, low, high]);
  return [
    {
      ...frameOf(frame, { drawn, quantity: QUANTITY, points }),
      kind: "line",
      x: valuesAxis(
        "position in the window, middle of its group",
        points.map(({ x }) => x),
      ),
      y: linearAxis(QUANTITY.title, values, { quantity: "plain", origin: false }),
      series,
      missing: [],
    },
  ];
}

function seriesOf({ contender, training }: Result): PlotSeries {
  const points = scoresByPosition(training?.scores ?? new Map()).map(({ from, to, estimate }) => ({
    x: Math.round((from + to + 1) / 2),
    y: estimate.estimate,
    ...printable(estimate),
    value: printEstimate(estimate, "plain"),
    text: `positions ${from} to ${to}: ${inWords(estimate, QUANTITY)}`,
  }));
  return { id: contender, label: labelOf(contender), style: styleOf(contender), spread: "interval", points };
}
