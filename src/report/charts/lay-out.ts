// From a suite's figures, which are data, and the views of its cases to pictures: one for each facet.
// Cases that differ in anything a figure does not name are never drawn into one line: the axes that
// would mix become facets of their own.

import { groupBy } from "#base/group";
import { fitGrowth, type Growth } from "#evidence/growth";
import type { AxisValue } from "#catalogue/axes";
import type { Figure, Suite } from "#case/suite";
import { labelOf, styleOf } from "../palette.ts";
import type { CaseView, RatioLookup } from "../view.ts";
import { linearAxis, logAxis, valuesAxis } from "./axis.ts";
import { isSameSeries } from "../growth.ts";
import { curvePictures } from "./curves.ts";
import { facetsOf, nameOfFacet, wordOf, type Facet } from "./facets.ts";
import type { Picture, PictureAxis, PlotPoint, PlotSeries } from "./picture.ts";
import {
  estimateOf,
  memoryMeasuresOf,
  printEstimate,
  quantityOf,
  type FigureQuantity,
  type MemoryMeasure,
} from "./quantity.ts";
import { positionPictures } from "./positions.ts";
import { rooflinePictures } from "./roofline.ts";
import { LEAD_DIMS, pointOf, rowsPart, type DrawnCase } from "./rows.ts";
import { spreadOf, subtitleOf } from "./subtitle.ts";

/** Sequence lengths of real tasks: a 224 px image in 16 px patches, and usual text lengths. */
export const TASK_LENGTHS = [196, 256, 512] as const;
const POWER_AXES = new Set(["N", "B", "H", "D", "E", "C", "stateBytes", "learningRate"]);
/** An axis on which the values are further apart than this is drawn logarithmically. */
const LOG_RATIO = 4;

export interface LayOutOptions {
  readonly ratios: RatioLookup;
  /** engine and device of an environment hash, in words */
  readonly deviceOf: (environment: string) => string;
}

/** All pictures of a suite. */
export function picturesOf(suite: Suite, views: readonly CaseView[], options: LayOutOptions): readonly Picture[] {
  const growth = fitGrowth(views.flatMap(({ summaries }) => summaries));
  return suite.figures.flatMap((figure) => {
    const own = views.filter(
      ({ axes, stale }) => !stale && Object.entries(figure.where ?? {}).every(([axis, value]) => axes[axis] === value),
    );
    const relevant = own.filter((view) => view.item.kind === "training" || isQuantityOf(figure, view));
    if (figure.x === "step" || figure.x === "seconds")
      return curvePictures(suite, figure, { views: relevant, ...options });
    if (figure.x === "position") return positionPictures(suite, figure, { views: relevant, ...options });
    if (figure.y === "roofline") return rooflinePictures(suite, figure, { views: relevant, ...options });
    return facetsOf(figure, relevant)
      .flatMap(withLead)
      .flatMap((facet) => {
        const measures = figure.y === "memory" ? memoryMeasuresOf(facet.views) : [undefined];
        return measures.flatMap((measure) => pictureOf({ suite, figure, facet, measure, growth, ...options }) ?? []);
      });
  });
}

/** Layers on several grids: the images alone come first, as a picture of their own. */
function withLead(facet: Facet): readonly Facet[] {
  const views = facet.views.filter(({ axes }) => axes["level"] === "mixer" && axes["dims"] === LEAD_DIMS);
  if (facet.values["dims"] !== undefined || views.length === 0 || views.length === facet.views.length) return [facet];
  const title = [facet.title, wordOf("dims", LEAD_DIMS)].filter((part) => part !== "").join(", ");
  return [{ values: { ...facet.values, dims: LEAD_DIMS }, title, views }, facet];
}

/** Time cases have no memory to show, and memory cases no time. */
function isQuantityOf(figure: Figure, { item }: CaseView): boolean {
  const measured = item.kind === "operator" ? item.quantity : "time";
  return (figure.y === "memory") === (measured === "memory");
}

const MEASURE_FILES: Readonly<Record<MemoryMeasure, string>> = {
  enginePeakBytes: "engine-peak",
  processPeakBytes: "process-peak",
};

interface PictureRequest extends LayOutOptions {
  readonly suite: Suite;
  readonly figure: Figure;
  readonly facet: Facet;
  readonly measure: MemoryMeasure | undefined;
  readonly growth: readonly Growth[];
}

function pictureOf({ suite, figure, facet, measure, growth, ratios, deviceOf }: PictureRequest): Picture | undefined {
  const quantity = quantityOf(figure, facet.views, measure);
  const drawn: DrawnCase[] = [];
  const missing: string[] = [];
  for (const view of facet.views) {
    const y = estimateOf(view, figure, { ratios, among: facet.views, measure });
    if (y === undefined || (quantity.scale === "log" && !(y.estimate > 0))) {
      if (view.reason !== undefined)
        missing.push(`${labelOf(view.contender)}${placeOf(view, figure.x)}: ${view.status}, ${view.reason}`);
    } else drawn.push({ view, y });
  }
  if (drawn.length === 0) return undefined;
  const shared = {
    id: [suite.id, figure.id, measure === undefined ? "" : MEASURE_FILES[measure], nameOfFacet(facet)]
      .filter((part) => part !== "")
      .join("-"),
    suite: suite.id,
    title: [figure.title, facet.title].filter((part) => part !== "").join(" — "),
    subtitle: subtitleOf(
      drawn.map(({ view, y }) => ({ view, n: y.n })),
      { deviceOf, quantity, spread: spreadOf(drawn.map(({ y }) => y)) },
    ),
    missing: [...new Set(missing)],
  };
  const place = (view: CaseView): AxisValue | undefined => view.axes[figure.x];
  const isNumeric = figure.kind !== "bar" && drawn.every(({ view }) => typeof place(view) === "number");
  return isNumeric
    ? {
        ...shared,
        ...linePart(drawn, figure, {
          quantity,
          slopes: measure === "processPeakBytes" || figure.y === "ratio" ? [] : growth,
        }),
      }
    : { ...shared, ...rowsPart(drawn, figure, quantity) };
}

function placeOf(view: CaseView, axis: string): string {
  const value = view.axes[axis];
  return axis === "contender" || value === undefined ? "" : ` at ${axis} = ${value}`;
}

type Part = Pick<Picture, "kind" | "x" | "y" | "series" | "marks">;

/** Slopes are fitted to times and to the engine's peaks; other curves show none. */
interface LineOptions {
  readonly quantity: FigureQuantity;
  readonly slopes: readonly Growth[];
}

function linePart(drawn: readonly DrawnCase[], { x: axis, by, kind }: Figure, { quantity, slopes }: LineOptions): Part {
  const at = ({ view }: DrawnCase): number => view.axes[axis] as number;
  const series = [...groupBy(drawn, ({ view }) => String(by === undefined ? view.contender : view.axes[by]))].map(
    ([id, cases]): PlotSeries => ({
      id,
      label: by === undefined ? labelOf(id) : wordOf(by, id),
      ...(by === undefined && axis === "N" ? slopeOf(cases[0]!.view, slopes) : {}),
      style: styleOf(cases[0]!.view.contender),
      spread: "interval",
      points: cases.map((one) => pointOf(one, at(one), quantity)).sort((a, b) => a.x - b.x),
    }),
  );
  const x = lengthAxis(axis, drawn.map(at));
  const marks = axis === "N" ? TASK_LENGTHS.filter((length) => length >= x.min && length <= x.max) : [];
  return {
    kind: kind === "points" ? "points" : "line",
    series,
    x,
    y: quantityAxis(
      quantity,
      series.flatMap(({ points }) => points),
    ),
    ...(marks.length === 0 ? {} : { marks: { at: marks, label: `N = ${marks.join(", ")}: where real tasks live` } }),
  };
}

/** The exponent fitted over the lengths drawn, with its interval. */
function slopeOf(view: CaseView, slopes: readonly Growth[]): { readonly detail?: string } {
  const exponent = slopes.find((growth) => isSameSeries(growth, view))?.exponent;
  return exponent === undefined ? {} : { detail: `∝ N^${printEstimate(exponent, "plain")}` };
}

const AXIS_TITLES: Readonly<Record<string, string>> = {
  N: "tokens N",
  B: "batch B",
  H: "heads H",
  D: "key width of a head D",
  E: "value width of a head E",
  C: "model width C",
  stateBytes: "state of a layer (bytes)",
  dims: "dimensions of the grid",
  scans: "number of scans",
  learningRate: "learning rate",
};

function lengthAxis(axis: string, values: readonly number[]): PictureAxis {
  const title = AXIS_TITLES[axis] ?? axis;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (POWER_AXES.has(axis) && low > 0 && high / low >= LOG_RATIO) return valuesAxis(title, values);
  const linear = linearAxis(title, values, { quantity: "plain", origin: false });
  const ticks = [...new Set(values)].sort((a, b) => a - b).map((value) => ({ value, label: String(value) }));
  return ticks.length <= 10 ? { ...linear, ticks } : linear;
}

function quantityAxis({ title, quantity, scale }: FigureQuantity, points: readonly PlotPoint[]): PictureAxis {
  const values = points.flatMap(({ y, low = y, high = y }) => [y, low, high]);
  if (scale === "linear") return linearAxis(title, values, { quantity, origin: false });
  return logAxis(
    title,
    values.filter((value) => value > 0),
    quantity,
  );
}
