// From a suite's figures, which are data, and the views of its cases to pictures: one for each facet.
// Cases that differ in anything a figure does not name are never drawn into one line: the axes that
// would mix become facets of their own.

import { groupBy } from "#base/group";
import { withMinusSigns } from "#base/units";
import type { Evidence } from "#evidence/evidence";
import type { Result } from "#evidence/result";
import type { Estimate } from "#stats/estimate";
import { BY_DEFINITION } from "#evidence/ratios";
import { rooflinePoints } from "#evidence/roofline";
import type { Figure, Suite } from "#case/suite";
import { AXIS_TITLES } from "../axis-titles.ts";
import { isSubject, labelOf, labelOfResult, styleOf, type SeriesStyle } from "../palette.ts";
import { baselineOf } from "../tables/suite-table.ts";
import { printEstimate } from "../print.ts";
import { scoreNameOf } from "../score-names.ts";
import { linearAxis, logAxis, valuesAxis } from "./axis.ts";
import { curvePictures } from "./curves.ts";
import { comparisonOf, differenceFigure, verdictWords } from "./differences.ts";
import { facetsOf, wordOf, type Facet } from "./facets.ts";
import { frameOf, missingFrom, type Frame } from "./frame.ts";
import type { Picture, PictureAxis, PlotSeries } from "./picture.ts";
import {
  estimateOf,
  hintOf,
  MEMORY_WORDS,
  memoryMeasuresOf,
  quantityOf,
  scoreKeyOf,
  type DrawnResult,
  type FigureQuantity,
  type MemoryMeasure,
} from "./quantity.ts";
import { guideAt, isNear, referenceOf, type Reference } from "./reference.ts";
import { positionPictures } from "./positions.ts";
import { rooflinePicture } from "./roofline.ts";
import { LEAD_DIMS, pointOf, rowsPart } from "./rows.ts";

/** Sequence lengths of real tasks: a 224 px image in 16 px patches, and usual text lengths. */
export const TASK_LENGTHS = [196, 256, 512] as const;
const POWER_AXES = new Set(["N", "B", "H", "D", "E", "C", "stateBytes", "learningRate"]);
/** An axis on which the values are further apart than this is drawn logarithmically. */
const LOG_RATIO = 4;

/** Of learning curves. */
const CURVE_AXES: ReadonlySet<string> = new Set(["step", "seconds", "tokens"]);

/** All pictures of a suite. */
export function picturesOf(suite: Suite, results: readonly Result[], evidence: Evidence): readonly Picture[] {
  const figures = suite.figures.flatMap((figure) => [differenceFigure(figure) ?? [], figure].flat());
  return figures.flatMap((figure) => {
    const own = results.filter(
      (result) =>
        !result.stale &&
        Object.entries(figure.where ?? {}).every(([axis, value]) => result.axes[axis] === value) &&
        isQuantityOf(figure, result),
    );
    const most = Math.max(...own.map(({ axes }) => Number(axes["N"])));
    const placed = figure.longest === true ? own.filter(({ axes }) => axes["N"] === most) : own;
    const shown = figure.y === "roofline" ? rooflinePoints(placed).map(({ result }) => result) : placed;
    return facetsOf(figure, shown).flatMap((facet) => facetPictures({ suite, figure, facet, evidence }));
  });
}

function facetPictures(frame: Frame): readonly Picture[] {
  const { figure } = frame;
  if (CURVE_AXES.has(figure.x)) return curvePictures(frame);
  if (figure.x === "position") return positionPictures(frame);
  if (figure.y === "roofline") return [rooflinePicture(frame) ?? []].flat();
  return withLead(frame).flatMap((own) => {
    const measures = figure.y === "memory" ? memoryMeasuresOf(own.results) : [undefined];
    return measures.flatMap((measure) => pictureOf({ ...frame, facet: own }, measure) ?? []);
  });
}

/** Layers on several grids: the images alone come first, as a picture of their own. */
function withLead({ figure, facet }: Frame): readonly Facet[] {
  if (figure.x !== "contender") return [facet];
  const results = facet.results.filter(({ axes }) => axes["level"] === "mixer" && axes["dims"] === LEAD_DIMS);
  if (facet.values["dims"] !== undefined || results.length === 0 || results.length === facet.results.length)
    return [facet];
  const title = [facet.title, wordOf("dims", LEAD_DIMS)].filter((part) => part !== "").join(", ");
  return [{ values: { ...facet.values, dims: LEAD_DIMS }, title, results }, facet];
}

/** Time cases have no memory to show, and memory cases no time. Curves are of what was trained. */
function isQuantityOf(figure: Figure, { case: item, training }: Result): boolean {
  if (CURVE_AXES.has(figure.x)) return training !== undefined;
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
  const isDifference = figure.y === "difference";
  const estimates = facet.results.map((result) => ({
    result,
    y: estimateOf(result, figure, { ...evidence, among: facet.results, measure }),
    ...(isDifference ? comparedOf(result, frame) : {}),
  }));
  const isDrawn = (one: (typeof estimates)[number]): one is DrawnResult =>
    one.y !== undefined && (quantity.scale !== "log" || one.y.estimate > 0);
  const drawn = estimates.filter(isDrawn);
  if (drawn.length === 0) return undefined;
  const reference = referenceOf(figure, drawn, { ...quantity, scores: evidence.scores });
  const left = estimates.filter((one) => !isDrawn(one)).map(({ result }) => result);
  const shared = {
    // Who is best is told from the scores themselves.
    ...(quantity.better === undefined || isDifference ? {} : { better: quantity.better }),
    ...frameOf(frame, {
      drawn: drawn.map(({ result, y }) => ({ result, n: y.n })),
      quantity,
      points: drawn.map(({ y }) => y),
      ...(isDifference ? { spread: DIFFERENCE_SPREAD } : {}),
      ...(measure === undefined
        ? {}
        : { title: `${figure.title}, ${MEMORY_WORDS[measure]}`, key: MEASURE_FILES[measure] }),
    }),
    missing: missingFrom(left, (result) => placeOf(result, figure.x)),
  };
  const isNumeric = figure.kind !== "bar" && drawn.every(({ result }) => typeof result.axes[figure.x] === "number");
  if (!isNumeric) return { ...shared, ...rowsPart(drawn, { figure, quantity, reference }) };
  return { ...shared, ...linePart(drawn, { frame, quantity, reference, hasSlopes: measure !== "processPeakBytes" }) };
}

function comparedOf(result: Result, { figure, facet, evidence }: Frame): Pick<DrawnResult, "verdict" | "ownScore"> {
  const key = figure.score ?? scoreKeyOf(facet.results);
  const found = comparisonOf(result, key, { scores: evidence.scores, among: facet.results });
  if (found !== undefined) return { verdict: verdictWords(found) };
  const own = result.training?.scores.get(key)?.estimate;
  if (own === undefined) return {};
  const { isFraction } = scoreNameOf(key);
  return { ownScore: isFraction ? `${(100 * own).toFixed(1)} %` : withMinusSigns(own.toPrecision(3)) };
}

const DIFFERENCE_SPREAD = "two one-sided 95 % limits, paired by seed";

function placeOf({ axes }: Result, axis: string): string {
  const value = axes[axis];
  return axis === "contender" || value === undefined ? "" : ` at ${axis} = ${value}`;
}

type Part = Pick<Picture, "kind" | "x" | "y" | "series" | "marks" | "guides" | "note">;

interface LineOptions {
  readonly frame: Frame;
  readonly quantity: FigureQuantity;
  readonly reference: Reference | undefined;
  readonly hasSlopes: boolean;
}

/** Slopes are fitted to times and to the engine's peaks; other curves show none. */
function linePart(drawn: readonly DrawnResult[], { frame, quantity, reference, hasSlopes }: LineOptions): Part {
  const { figure, evidence, suite } = frame;
  const { x: axis, by, kind } = figure;
  const isGrowth = by === undefined && axis === "N" && hasSlopes && figure.y !== "ratio";
  const ratioOf = (result: Result): Estimate | undefined =>
    isGrowth && figure.y === "time" ? evidence.ratios(result, baselineOf(suite)) : undefined;
  const at = ({ result }: DrawnResult): number => result.axes[axis] as number;
  const lines = [...groupBy(drawn, ({ result }) => String(by === undefined ? result.contender : result.axes[by]))];
  if (by !== undefined) lines.sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
  const series = lines.map(([id, members], index): PlotSeries => {
    const { result } = members[0]!;
    const ordered = members.toSorted((a, b) => at(a) - at(b));
    return {
      id,
      label: by === undefined ? labelOfResult(result) : wordOf(by, id),
      ...(isGrowth ? detailOf(evidence.growth.get(result.series)?.exponent, ratioOf(ordered.at(-1)!.result)) : {}),
      style: by === undefined ? styleOf(result.contender) : variantOf(styleOf(result.contender), index),
      ...(isSubject(result.contender) && by === undefined ? { isSubject: true } : {}),
      spread: "interval",
      points: ordered.map((one) => pointOf(one, at(one), quantity)),
    };
  });
  const x = lengthAxis(axis, drawn.map(at));
  const isRatio = series.some(({ detail = "" }) => detail.includes("×"));
  const hint = hintOf(figure, quantity);
  const values = series.flatMap(({ points }) => points.flatMap(({ y, low = y, high = y }) => [y, low, high]));
  const isShown = reference !== undefined && isNear(reference.at, values);
  const marks = axis === "N" ? TASK_LENGTHS.filter((length) => length >= x.min && length <= x.max) : [];
  return {
    kind: kind === "points" ? "points" : "line",
    series,
    x,
    y: {
      ...quantityAxis(quantity, [...values, ...(isShown ? [reference.at] : [])]),
      ...(hint === undefined ? {} : { hint }),
    },
    ...(isShown ? { guides: [guideAt(reference, x)] } : {}),
    ...(isGrowth ? { note: growthNote(x, isRatio ? baselineOf(suite) : undefined) } : {}),
    ...(marks.length === 0 ? {} : { marks: { at: marks, label: `N = ${marks.join(", ")}: where real tasks live` } }),
  };
}

/** The exponent fitted over the lengths drawn, with its interval; the time at the longest length over the base's. */
function detailOf(exponent: Estimate | undefined, ratio: Estimate | undefined): { readonly detail?: string } {
  const parts = [
    ...(exponent === undefined ? [] : [`∝ N^${printEstimate(exponent, "plain")}`]),
    ...(ratio === undefined || ratio.method === BY_DEFINITION ? [] : [`${Number(ratio.estimate.toPrecision(2))}×`]),
  ];
  return parts.length === 0 ? {} : { detail: parts.join(", ") };
}

function growthNote({ ticks }: PictureAxis, baseline: string | undefined): string {
  const [first, last] = [ticks[0]?.label ?? "", ticks.at(-1)?.label ?? ""];
  const times = baseline === undefined ? "" : `; ×: time at the longest N over that of ${labelOf(baseline)}`;
  return `∝ N^p: least squares on logarithms over N ${first} to ${last}, with 95 % interval${times}`;
}

/** Lines of one contender are told apart by dash and marker. */
function variantOf(style: SeriesStyle, index: number): SeriesStyle {
  const markers = ["circle", "rect", "triangle", "rectRot"] as const;
  const dashes = [[], [8, 4], [2, 3], [8, 3, 2, 3]] as const;
  return { ...style, marker: markers[index % markers.length]!, dash: dashes[index % dashes.length]! };
}

function lengthAxis(axis: string, values: readonly number[]): PictureAxis {
  const title = AXIS_TITLES[axis] ?? axis;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (POWER_AXES.has(axis) && low > 0 && high / low >= LOG_RATIO) return valuesAxis(title, values);
  const linear = linearAxis(title, values, { quantity: "plain", origin: false });
  const ticks = [...new Set(values)].sort((a, b) => a - b).map((value) => ({ value, label: String(value) }));
  return ticks.length <= 10 ? { ...linear, ticks } : linear;
}

function quantityAxis({ title, quantity, scale }: FigureQuantity, values: readonly number[]): PictureAxis {
  if (scale === "linear") return linearAxis(title, values, { quantity, origin: false });
  return logAxis(
    title,
    values.filter((value) => value > 0),
    quantity,
  );
}
