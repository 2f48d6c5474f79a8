// Which cases share a picture.

import type { AxisValue } from "#catalogue/axes";
import type { Figure } from "#case/suite";
import type { CaseView } from "../view.ts";

export interface Facet {
  readonly values: Readonly<Record<string, AxisValue>>;
  readonly title: string;
  readonly views: readonly CaseView[];
}

// Axes that follow from the contender or from others, or over which estimates are taken.
const DEPENDENT = new Set([
  "suite",
  "kind",
  "contender",
  "seed",
  "op",
  "causal",
  "decay",
  "scans",
  "layout",
  "sharing",
  "merge",
  "strategy",
  "grid",
  "C",
  "H",
  "depth",
  "learningRate",
  "quantity",
  "stateBytes",
]);

/**
 * Splits cases into facets: by the axes the figure names, and by every other axis in which two cases of
 * one contender at one place on x differ.
 */
export function facetsOf(figure: Figure, views: readonly CaseView[]): readonly Facet[] {
  const axes = [...new Set([...(figure.facets ?? []), ...mixedAxes(figure, views)])].filter(
    (axis) => axis !== "dims" || figure.x !== "contender", // rows of all grids stand in one picture, under headings
  );
  const facets = new Map<string, { values: Record<string, AxisValue>; views: CaseView[] }>();
  for (const view of views) {
    const values = Object.fromEntries(axes.map((axis) => [axis, view.axes[axis] ?? "none"]));
    const key = JSON.stringify(values);
    const facet = facets.get(key) ?? { values, views: [] };
    facet.views.push(view);
    facets.set(key, facet);
  }
  return [...facets.values()].map((facet) => ({ ...facet, title: titleOf(facet.values) }));
}

function mixedAxes(figure: Figure, views: readonly CaseView[]): string[] {
  const first = new Map<string, CaseView>();
  const mixed = new Set<string>();
  for (const view of views) {
    const place = `${(figure.by === undefined ? view.contender : view.axes[figure.by]) ?? ""}\n${view.axes[figure.x] ?? ""}`;
    const other = first.get(place);
    if (other === undefined) {
      first.set(place, view);
      continue;
    }
    for (const axis of Object.keys({ ...view.axes, ...other.axes })) {
      // N follows from the grid in every case; it is told apart only where it really differs.
      if (axis !== figure.x && !DEPENDENT.has(axis) && view.axes[axis] !== other.axes[axis]) mixed.add(axis);
    }
  }
  return [...mixed];
}

const WORDS: Readonly<Record<string, (value: AxisValue) => string>> = {
  dims: (value) => `${value}-D grid`,
  level: (value) => (value === "mixer" ? "mixer layer" : String(value)),
  pass: (value) => (value === "forward" ? "forward pass" : "forward and backward pass"),
  dataset: String,
  variant: (value) => `model ${value}`,
  task: String,
  steps: (value) => `${value} steps`,
  localMixing: (value) => (value === "none" ? "no local mixing" : `local mixing ${value}`),
  encoding: (value) => (value === "none" ? "no encoding" : `encoding ${value}`),
  decay: (value) => `${value} decay`,
};

/** The value of an axis in words: `2-D grid`, `model nano`. */
export function wordOf(axis: string, value: AxisValue): string {
  return WORDS[axis]?.(value) ?? `${axis} ${value}`;
}

/** Facets in words: `2-D grid, mixer layer, forward pass`. */
function titleOf(values: Readonly<Record<string, AxisValue>>): string {
  return Object.entries(values)
    .map(([axis, value]) => wordOf(axis, value))
    .join(", ");
}

/** Axes whose values say what they are of. */
const PLAIN_AXES = new Set(["dataset", "variant", "level", "pass", "task"]);

/** Facets as part of a file's name: `dims-2-mixer`. Values that are missing are left out. */
export function nameOfFacet({ values }: Facet): string {
  return Object.entries(values)
    .filter(([, value]) => value !== "none")
    .map(([axis, value]) => (PLAIN_AXES.has(axis) ? String(value) : `${axis}-${value}`))
    .join("-")
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, "-");
}
