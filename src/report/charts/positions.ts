// Scores by position in a sequence: one point a group of positions, at the middle of the group on a log axis.

import type { Figure, Suite } from "#case/suite";
import { labelOf, styleOf } from "../palette.ts";
import { scoresByPosition } from "../score-names.ts";
import type { CaseView } from "../view.ts";
import { linearAxis, valuesAxis } from "./axis.ts";
import { facetsOf, nameOfFacet } from "./facets.ts";
import type { Picture, PlotSeries } from "./picture.ts";
import { inWords, printable, printEstimate, type FigureQuantity } from "./quantity.ts";
import { spreadOf, subtitleOf } from "./subtitle.ts";

const QUANTITY: FigureQuantity = {
  title: "test loss (nats)",
  quantity: "plain",
  scale: "linear",
  centre: "mean",
  unitOfN: "seeds",
};

interface PositionOptions {
  readonly views: readonly CaseView[];
  readonly deviceOf: (environment: string) => string;
}

/** One picture a facet: the test loss at groups of positions. */
export function positionPictures(
  suite: Suite,
  figure: Figure,
  { views, deviceOf }: PositionOptions,
): readonly Picture[] {
  return facetsOf(figure, views).flatMap((facet): Picture[] => {
    const drawn = facet.views.filter(({ training }) => scoresByPosition(training?.scores ?? {}).length > 1);
    if (drawn.length === 0) return [];
    const series = drawn.map(seriesOf);
    const points = series.flatMap((one) => one.points);
    return [
      {
        id: [suite.id, figure.id, nameOfFacet(facet)].filter((part) => part !== "").join("-"),
        suite: suite.id,
        title: [figure.title, facet.title].filter((part) => part !== "").join(" — "),
        subtitle: subtitleOf(
          drawn.map((view) => ({ view, n: view.n })),
          { deviceOf, quantity: QUANTITY, spread: spreadOf(points) },
        ),
        kind: "line",
        x: valuesAxis(
          "position in the window, middle of its group",
          points.map(({ x }) => x),
        ),
        y: linearAxis(
          QUANTITY.title,
          points.flatMap(({ y, low = y, high = y }) => [y, low, high]),
          { quantity: "plain", origin: false },
        ),
        series,
        missing: [],
      },
    ];
  });
}

function seriesOf({ contender, training }: CaseView): PlotSeries {
  const points = scoresByPosition(training!.scores).map(({ from, to, estimate }) => ({
    x: Math.round((from + to + 1) / 2),
    y: estimate.estimate,
    ...printable(estimate),
    value: printEstimate(estimate, "plain"),
    text: `positions ${from} to ${to}: ${inWords(estimate, QUANTITY)}`,
  }));
  return { id: contender, label: labelOf(contender), style: styleOf(contender), spread: "interval", points };
}
