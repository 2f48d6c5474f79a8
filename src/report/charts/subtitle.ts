// The line under a picture's title: scale, engine, device, shape, data, and what the intervals are.

import type { CaseView } from "../view.ts";
import { countOf, type FigureQuantity } from "./quantity.ts";

interface SubtitleParts {
  readonly view: CaseView;
  readonly n: number;
}

interface SubtitleOptions {
  readonly deviceOf: (environment: string) => string;
  readonly quantity: Pick<FigureQuantity, "centre" | "unitOfN">;
  /** what is drawn around the centre; undefined where nothing is */
  readonly spread: string | undefined;
}

const SHAPE_AXES = ["B", "H", "D", "N"] as const;

export function subtitleOf(drawn: readonly SubtitleParts[], { deviceOf, quantity, spread }: SubtitleOptions): string {
  const views = drawn.map(({ view }) => view);
  const counts = [...new Set(drawn.map(({ n }) => n))].sort((a, b) => a - b);
  const most = countOf(counts.at(-1)!, quantity.unitOfN);
  const range = counts.length > 1 ? `${counts[0]} to ${most}` : most;
  const shape = views.some(({ training }) => training !== undefined)
    ? []
    : SHAPE_AXES.flatMap((axis) => constant(views, axis).map((value) => `${axis} ${value}`));
  const data = [
    ...new Set(
      views.flatMap(({ training }) =>
        (training?.results ?? []).map(({ dataLabel, synthetic }) => dataName(dataLabel, synthetic)),
      ),
    ),
  ];
  return [
    ...constant(views, "level").map((value) => (value === "mixer" ? "one layer" : "operator alone")),
    ...constant(views, "scale").map((value) => `scale ${value}`),
    ...new Set(views.map(({ environment }) => deviceOf(environment))),
    shape.join(", "),
    ...data,
    ...constant(views, "steps").map((value) => `${value} training steps`),
    centreOf(quantity.centre, range, spread),
  ]
    .filter((part) => part !== "")
    .join(" · ");
}

const INTERVALS = "95 % intervals";

/** What to say of the spread of these points: their intervals, or that there are none. */
export function spreadOf(points: readonly { readonly low?: number }[], name = INTERVALS): string | undefined {
  return points.some(({ low }) => low !== undefined) ? name : undefined;
}

function centreOf(centre: string, range: string, spread: string | undefined): string {
  if (centre === "largest") return `largest over ${range}`;
  if (centre === "count") return "counted from the model";
  if (spread === undefined) return `n = ${range}, no interval`;
  // One training has no spread of its own: its interval is over the examples that it was tested on.
  if (range === countOf(1, "seeds") && spread === INTERVALS) return `${INTERVALS} over test examples, n = ${range}`;
  return `${centre} with ${spread}, n = ${range}`;
}

/** A data set's label, always saying when its data are made up. */
export function dataName(label: string, synthetic: boolean): string {
  return synthetic && !/synthetic/i.test(label) ? `${label} (synthetic)` : label;
}

/** The value of an axis where all cases share it. */
function constant(views: readonly CaseView[], axis: string): string[] {
  const values = new Set(views.map(({ axes }) => axes[axis]));
  const [value] = values;
  return values.size === 1 && value !== undefined ? [String(value)] : [];
}
