// Which results share a picture.

import { AXIS_ROLES, type AxisName } from "#evidence/point";
import type { Result } from "#evidence/result";
import type { AxisValue } from "#catalogue/axes";
import { ENCODING_LABELS, LOCAL_MIXING_LABELS } from "#catalogue/models";
import type { Figure } from "#case/suite";
import { datasets } from "#data/sets/registry";

export interface Facet {
  /** a model of its own name carries encoding and local mixing in that name, and has none here */
  readonly values: Readonly<Record<string, AxisValue | undefined>>;
  readonly title: string;
  readonly results: readonly Result[];
}

/** Axes that make no facet though they make a point: they follow from others, or are the figure's quantity. */
const FOLLOWING: ReadonlySet<string> = new Set<AxisName>(["suite", "kind", "grid", "quantity"]);

/**
 * Splits results into facets: by the axes the figure names, and by every axis of their points in which two results of
 * one contender at one place on x differ.
 */
export function facetsOf(figure: Figure, results: readonly Result[]): readonly Facet[] {
  const headings = headingAxesOf(figure);
  const single = (figure.headings ?? []).filter(
    (axis) => new Set(results.map((one) => placeValue(one, axis))).size < 2,
  );
  const axes = [...new Set([...single, ...(figure.facets ?? []), ...mixedAxes(figure, results)])].filter(
    (axis) => single.includes(axis) || !headings.includes(axis),
  );
  const facets = new Map<string, { values: Facet["values"]; results: Result[] }>();
  for (const result of results) {
    const values = Object.fromEntries(axes.map((axis) => [axis, placeValue(result, axis)]));
    const key = JSON.stringify(values);
    const facet = facets.get(key) ?? { values, results: [] };
    facet.results.push(result);
    facets.set(key, facet);
  }
  return [...facets.values()].map((facet) => ({ ...facet, title: titleOf(facet.values) }));
}

/** Rows that differ in these stand in one picture, under headings. */
export function headingAxesOf({ x, headings = [] }: Figure): readonly string[] {
  if (x === "contender") return [...headings, "dims", "localMixing", "encoding"];
  return x === "encoding" ? [...headings, "localMixing"] : headings;
}

/** The value of an axis where it tells places apart, not models. */
export function placeValue({ point, axes }: Result, axis: string): AxisValue | undefined {
  return AXIS_ROLES[axis as AxisName] === "place" ? point[axis] : axes[axis];
}

function mixedAxes(figure: Figure, results: readonly Result[]): string[] {
  const first = new Map<string, Result>();
  const mixed = new Set<string>();
  for (const result of results) {
    const { axes, contender } = result;
    const under = (figure.headings ?? []).map((axis) => axes[axis] ?? "");
    const line = figure.by === undefined ? contender : axes[figure.by];
    const place = [line ?? "", axes[figure.x] ?? "", ...under].join("\n");
    const other = first.get(place) ?? result;
    first.set(place, other);
    for (const axis of Object.keys({ ...axes, ...other.axes })) {
      // N follows from the grid in every case; it is told apart only where it really differs.
      if (axis !== figure.x && isFacet(axis) && axes[axis] !== other.axes[axis]) mixed.add(axis);
    }
  }
  return [...mixed];
}

function isFacet(axis: string): boolean {
  return AXIS_ROLES[axis as AxisName] === "place" && !FOLLOWING.has(axis);
}

const WORDS: Readonly<Record<string, (value: AxisValue) => string>> = {
  dims: (value) => `${value}-D grid`,
  level: (value) => (value === "mixer" ? "mixer layer" : String(value)),
  pass: (value) => (value === "forward" ? "forward pass" : "forward and backward pass"),
  dataset: (value) => (datasets.has(String(value)) ? datasets.get(String(value)).title : String(value)),
  variant: (value) => `model ${value}`,
  task: String,
  steps: (value) => `${value} steps`,
  localMixing: (value) => titleIn(LOCAL_MIXING_LABELS, value) || "no local mixing",
  encoding: (value) => titleIn(ENCODING_LABELS, value),
  tokenOrder: (value) => `${value} order`,
  decay: (value) => `${value} decay`,
};

/** Values that this version does not know keep their name. */
function titleIn(titles: Readonly<Record<string, string>>, value: AxisValue): string {
  return Object.hasOwn(titles, String(value)) ? titles[String(value)]! : String(value);
}

/** The value of an axis in words: `2-D grid`, `model nano`. */
export function wordOf(axis: string, value: AxisValue): string {
  return WORDS[axis]?.(value) ?? `${axis} ${value}`;
}

/** Facets in words: `2-D grid, mixer layer, forward pass`. */
function titleOf(values: Facet["values"]): string {
  return Object.entries(values)
    .flatMap(([axis, value]) => (value === undefined ? [] : [wordOf(axis, value)]))
    .join(", ");
}

/** Axes whose values say what they are of. */
const PLAIN_AXES = new Set(["dataset", "variant", "level", "pass", "task"]);

/** Facets as part of a file's name: `dims-2-mixer`. Values that are missing are left out. */
export function nameOfFacet({ values }: Facet): string {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined && value !== "none")
    .map(([axis, value]) => (PLAIN_AXES.has(axis) ? String(value) : `${axis}-${value}`))
    .join("-")
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, "-");
}
