// From a suite's figures, which are data, and the views of its cases to pictures: one for each facet.
// Cases that differ in anything a figure does not name are never drawn into one line: the axes that
// would mix become facets of their own.

import { groupBy } from "#base/group";
import type { Evidence } from "#evidence/evidence";
import type { Result } from "#evidence/result";
import { rooflinePoints } from "#evidence/roofline";
import type { Figure, Suite } from "#case/suite";
import { labelOf, styleOf } from "../palette.ts";
import { printEstimate } from "../print.ts";
import { linearAxis, logAxis, valuesAxis } from "./axis.ts";
import { curvePictures } from "./curves.ts";
import { facetsOf, wordOf, type Facet } from "./facets.ts";
import { frameOf, missingFrom, type Frame } from "./frame.ts";
import type { Picture, PictureAxis, PlotPoint, PlotSeries } from "./picture.ts";
import { estimateOf, memoryMeasuresOf, quantityOf, type FigureQuantity, type MemoryMeasure } from "./quantity.ts";
import { positionPictures } from "./positions.ts";
import { rooflinePicture } from "./roofline.ts";
import { LEAD_DIMS, pointOf, rowsPart, type DrawnResult } from "./rows.ts";

/** Sequence lengths of real tasks: a 224 px image in 16 px patches, and usual text lengths. */
export const TASK_LENGTHS = [196, 256, 512] as const;
const POWER_AXES = new Set(["N", "B", "H", "D", "E", "C", "stateBytes", "learningRate"]);
/** An axis on which the values are further apart than this is drawn logarithmically. */
const LOG_RATIO = 4;

/** All pictures of a suite. */
export function picturesOf(suite: Suite, results: readonly Result[], evidence: Evidence): readonly Picture[] {
  return suite.figures.flatMap((figure) => {
    const own = results.filter(
      (result) =>
        !result.stale &&
        Object.entries(figure.where ?? {}).every(([axis, value]) => result.axes[axis] === value) &&
        isQuantityOf(figure, result),
    );
    const shown = figure.y === "roofline" ? rooflinePoints(own).map(({ result }) => result) : own;
    return facetsOf(figure, shown).flatMap((facet) => facetPictures({ suite, figure, facet, evidence }));
  });
}

function facetPictures(frame: Frame): readonly Picture[] {
  const { figure, facet } = frame;
  if (figure.x === "step" || figure.x === "seconds") return curvePictures(frame);
  if (figure.x === "position") return positionPictures(frame);
  if (figure.y === "roofline") return [rooflinePicture(frame) ?? []].flat();
  return withLead(facet).flatMap((own) => {
    const measures = figure.y === "memory" ? memoryMeasuresOf(own.results) : [undefined];
    return measures.flatMap((measure) => pictureOf({ ...frame, facet: own }, measure) ?? []);
  });
}

/** Layers on several grids: the images alone come first, as a picture of their own. */
function withLead(facet: Facet): readonly Facet[] {
  const results = facet.results.filter(({ axes }) => axes["level"] === "mixer" && axes["dims"] === LEAD_DIMS);
  if (facet.values["dims"] !== undefined || results.length === 0 || results.length === facet.results.length)
    return [facet];
  const title = [facet.title, wordOf("dims", LEAD_DIMS)].filter((part) => part !== "").join(", ");
  return [{ values: { ...facet.values, dims: LEAD_DIMS }, title, results }, facet];
}

/** Time cases have no memory to show, and memory cases no time. Curves are of what was trained. */
function isQuantityOf(figure: Figure, { case: item, training }: Result): boolean {
  if (figure.x === "step" || figure.x === "seconds") return training !== undefined;
  const measured = item.kind === "operator" ? item.quantity : "time";
  return item.kind === "training" || (figure.y === "memory") === (measured === "memory");
}

const MEASURE_FILES: Readonly<Record<MemoryMeasure, string>> = {
  enginePeakBytes: "engine-peak",
  processPeakBytes: "process-peak",
};

function pictureOf(frame: Frame, measure: MemoryMeasure | undefined): Picture | undefined {
  const { figure, facet, evidence } = frame;
  const quantity = quantityOf(figure, facet.results, measure);
  const estimates = facet.results.map((result) => ({
    result,
    y: estimateOf(result, figure, { ratios: evidence.ratios, among: facet.results, measure }),
  }));
  const isDrawn = (one: (typeof estimates)[number]): one is DrawnResult =>
    one.y !== undefined && (quantity.scale !== "log" || one.y.estimate > 0);
  const drawn = estimates.filter(isDrawn);
  if (drawn.length === 0) return undefined;
  const left = estimates.filter((one) => !isDrawn(one)).map(({ result }) => result);
  const shared = {
    ...frameOf(frame, {
      drawn: drawn.map(({ result, y }) => ({ result, n: y.n })),
      quantity,
      points: drawn.map(({ y }) => y),
      key: measure === undefined ? "" : MEASURE_FILES[measure],
    }),
    missing: missingFrom(left, (result) => placeOf(result, figure.x)),
  };
  const isNumeric = figure.kind !== "bar" && drawn.every(({ result }) => typeof result.axes[figure.x] === "number");
  if (!isNumeric) return { ...shared, ...rowsPart(drawn, figure, quantity) };
  const hasSlopes = measure !== "processPeakBytes" && figure.y !== "ratio";
  return { ...shared, ...linePart(drawn, figure, quantity, hasSlopes ? evidence.growth : new Map()) };
}

function placeOf({ axes }: Result, axis: string): string {
  const value = axes[axis];
  return axis === "contender" || value === undefined ? "" : ` at ${axis} = ${value}`;
}

type Part = Pick<Picture, "kind" | "x" | "y" | "series" | "marks">;

/** Slopes are fitted to times and to the engine's peaks; other curves show none. */
function linePart(
  drawn: readonly DrawnResult[],
  { x: axis, by, kind }: Figure,
  quantity: FigureQuantity,
  slopes: Evidence["growth"],
): Part {
  const at = ({ result }: DrawnResult): number => result.axes[axis] as number;
  const lines = groupBy(drawn, ({ result }) => String(by === undefined ? result.contender : result.axes[by]));
  const series = [...lines].map(([id, members]): PlotSeries => {
    const { result } = members[0]!;
    return {
      id,
      label: by === undefined ? labelOf(id) : wordOf(by, id),
      ...(by === undefined && axis === "N" ? slopeOf(result, slopes) : {}),
      style: styleOf(result.contender),
      spread: "interval",
      points: members.map((one) => pointOf(one, at(one), quantity)).sort((a, b) => a.x - b.x),
    };
  });
  const x = lengthAxis(axis, drawn.map(at));
  const marks = axis === "N" ? TASK_LENGTHS.filter((length) => length >= x.min && length <= x.max) : [];
  return {
    kind: kind === "points" ? "points" : "line",
    series,
    x,
    y: {
      ...quantityAxis(
        quantity,
        series.flatMap(({ points }) => points),
      ),
      ...(quantity.hint === undefined ? {} : { hint: quantity.hint }),
    },
    ...(marks.length === 0 ? {} : { marks: { at: marks, label: `N = ${marks.join(", ")}: where real tasks live` } }),
  };
}

/** The exponent fitted over the lengths drawn, with its interval. */
function slopeOf({ series }: Result, slopes: Evidence["growth"]): { readonly detail?: string } {
  const exponent = slopes.get(series)?.exponent;
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
