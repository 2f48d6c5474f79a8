// Where a result stands: the one list of axes, and what each says of a case. Tables, charts, claims and comparisons all
// ask here whether two results belong to one point.

import { hashJson } from "#base/json";
import { axesOf, type Axes, type AxisValue } from "#catalogue/axes";
import { SUBJECT_IDS } from "#catalogue/models";
import { modelIdOf } from "#catalogue/shown";
import type { Case, TrainingCase } from "#case/case";

/**
 * place: makes the point · model: follows from a training's variant, and makes the point of an operator ·
 * contender: what is compared there · repeat: told apart by n · own: each contender's own
 */
type Role = "place" | "model" | "contender" | "repeat" | "own";

/** Every axis of a case with its role, in the order of a table's columns. An axis that is not listed fails a test. */
export const AXIS_ROLES = {
  suite: "place",
  kind: "place",
  engine: "place",
  scale: "place",
  precision: "place",
  threads: "place",
  level: "place",
  pass: "place",
  quantity: "place",
  dims: "place",
  N: "place",
  B: "place",
  H: "model",
  D: "place",
  E: "place",
  grid: "place",
  prefix: "place",
  encoding: "place",
  task: "place",
  dataset: "place",
  variant: "place",
  localMixing: "place",
  steps: "place",
  batch: "place",
  tokenOrder: "place",
  secondsAs: "place",
  C: "model",
  depth: "model",
  contender: "contender",
  op: "contender",
  causal: "contender",
  decay: "contender",
  scans: "contender",
  layout: "contender",
  tiedKey: "contender",
  sharing: "contender",
  merge: "contender",
  strategy: "contender",
  seed: "repeat",
  learningRate: "own",
  stateBytes: "own",
} as const satisfies Readonly<Record<string, Role>>;

export type AxisName = keyof typeof AXIS_ROLES;

const NAMES = Object.keys(AXIS_ROLES) as AxisName[];
/** Axes that repeat what others say, too long or too plain for a column. */
const SILENT: ReadonlySet<string> = new Set<AxisName>(["suite", "kind", "grid", "E", "prefix"]);

/** What a named model has of its own, and a contender without a name shares with those beside it. */
const OWN_OF_MODELS: ReadonlySet<AxisName> = new Set<AxisName>(["encoding", "localMixing"]);

/** The point of a case: what all contenders that are compared there share. A training's recipe belongs to it whole. */
export function pointOf(item: Case, axes: Axes = axesOf(item)): Axes {
  const isPlace = (name: AxisName): boolean =>
    !(OWN_OF_MODELS.has(name) && modelIdOf(item) !== undefined) &&
    (AXIS_ROLES[name] === "place" || (AXIS_ROLES[name] === "model" && item.kind !== "training"));
  const place = NAMES.filter((name) => isPlace(name) && axes[name] !== undefined);
  const recipe = item.kind === "training" ? { recipe: recipeOf(item) } : {};
  return { ...Object.fromEntries(place.map((name) => [name, axes[name]!])), ...recipe };
}

/** A recipe without the learning rates, which are each contender's own. */
function recipeOf({ recipe }: TrainingCase): string {
  const { pretraining, ...stage } = recipe;
  const before = pretraining && { ...pretraining, recipe: { ...pretraining.recipe, learningRate: 0 } };
  return hashJson({ ...stage, learningRate: 0, ...(before && { pretraining: before }) });
}

/** A point as a key, without some of its axes. */
export function placeOf(point: Axes, without: readonly AxisName[] = []): string {
  return JSON.stringify(Object.entries(point).filter(([name]) => !without.includes(name as AxisName)));
}

/** Axes in which results differ and that a person should see, in the order of the list. */
export function varyingAxes(results: readonly { readonly point: Axes }[]): AxisName[] {
  return NAMES.filter((name) => !SILENT.has(name) && new Set(results.map(({ point }) => point[name])).size > 1);
}

/** Name of the curve over N that a case belongs to. */
export function seriesOf(item: Case, axes: Axes): string {
  const rest = Object.fromEntries(Object.entries(axes).filter(([name]) => name !== "N" && name !== "grid"));
  return hashJson({ axes: rest, spec: item.kind === "training" ? item.model.mixer.operator : item.spec });
}

/** LightNet among operators: the global form where tokens are seen all at once, else the causal one. */
export const SUBJECTS = ["additive-global", "additive-causal"] as const;
export const SUBJECT = SUBJECTS[0];

/** LightNet's result among those of one point. */
export function subjectAmong<Entry extends { readonly contender: string }>(
  entries: readonly Entry[],
): Entry | undefined {
  return SUBJECT_IDS.flatMap((id) => entries.find(({ contender }) => contender === id) ?? [])[0];
}

export type { Axes, AxisValue };
