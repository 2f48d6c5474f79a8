// From suites to cases: what is declared, as far as data are here, the filter lets it through, and it is possible.

import { defined } from "#base/defined";
import { UsageError } from "#base/errors";
import { unknownName } from "#base/registry";
import { axesOf, type Axes } from "#catalogue/axes";
import { implementationOf } from "#catalogue/implementation";
import type { Case, EngineId, Scale } from "#case/case";
import { shortenedTo } from "#case/shortened";
import type { Suite } from "#case/suite";
import type { FoundDataset } from "#data/sets/registry";
import { operators } from "#ops/registry";
import type { OutsideContender } from "#programs/given";
import { casesOfPrograms } from "./outside.ts";
import { casesOfModules } from "./module-cases.ts";
import type { ModuleContender } from "./module-contenders.ts";
import { onDataset, requireDataset } from "./own-dataset.ts";
import type { PlannedSuite } from "./plan.ts";

export interface Expansion {
  readonly scale: Scale;
  readonly engine: EngineId;
  readonly found: readonly FoundDataset[];
  readonly seeds?: number | undefined;
  /** learning rates at scale small: those of the recipes, to count cases of which no sweep has been made */
  readonly rates?: "recipe" | undefined;
  /** at most so many steps of each training */
  readonly trainSteps?: number | undefined;
  /** of each contender; default what the engine takes */
  readonly threads?: number | undefined;
  /** contenders of this package, each for the suites that name it; one that is given as well is there once */
  readonly companions?: readonly OutsideContender[] | undefined;
  /** contenders from outside */
  readonly programs?: readonly OutsideContender[] | undefined;
  /** in the place of the data sets that tasks are declared on, where it holds what they need */
  readonly dataset?: string | undefined;
  /** contenders from files */
  readonly modules?: readonly ModuleContender[] | undefined;
  /** texts of --filter */
  readonly filter?: readonly string[] | undefined;
}

/**
 * Cases of the suites after the filter; a suite that the filter empties is left out.
 *
 * @throws {UsageError} nothing is left, or a case makes no sense
 * @throws {EnvironmentError} a data set is asked for by name and is not here
 */
export function expand(
  suites: readonly Suite[],
  {
    filter: texts = [],
    trainSteps,
    threads,
    dataset,
    programs = [],
    companions = [],
    modules = [],
    ...wanted
  }: Expansion,
): PlannedSuite[] {
  const { scale, engine, found, seeds, rates } = wanted;
  const filter = parseFilter(texts);
  for (const id of filter.get("dataset") ?? []) requireDataset(id, found);
  const datasets = found.filter(({ available }) => available).map(({ id }) => id);
  const context = defined({ scale, engine, datasets, seeds, rates });
  const declared = suites.flatMap((suite) => suite.cases(context));
  const placed = dataset === undefined ? declared : onDataset(declared, dataset, found);
  const cut = trainSteps === undefined ? placed : placed.map((item) => shortened(item, trainSteps));
  const ours = threads === undefined ? cut : cut.map((item) => ({ ...item, threads }));
  const alongside = suites.flatMap(({ id, alongside: names = [] }) =>
    casesOfPrograms(
      ours.filter(({ suite }) => suite === id),
      companions.filter(({ manifest: { name } }) => names.includes(name)),
    ),
  );
  const cases = [...ours, ...alongside, ...casesOfPrograms(ours, programs), ...casesOfModules(ours, modules)];
  for (const name of [...programs.map(({ given }) => given.name), ...modules.map(({ definition }) => definition.name)])
    // a mixer is a contender under its own name; a program and a strategy stand before the name of an operator
    if (!cases.some(({ contender }) => contender === name || implementationOf(contender).program === name))
      throw new UsageError(`--contender ${name} fits no case of these suites.`);
  const kept = new Set(applyFilter(cases, filter));
  if (kept.size === 0) throw new UsageError("no case is left after --filter.");
  checkPossible([...kept]);
  return suites
    .map((suite) => ({ suite, cases: cases.filter((item) => item.suite === suite.id && kept.has(item)) }))
    .filter((planned) => planned.cases.length > 0);
}

function shortened(item: Case, trainSteps: number): Case {
  return item.kind === "training" ? shortenedTo(trainSteps, item) : item;
}

/** `--filter axis=value`, several values of an axis by repetition or commas: any of them. Axes are joined by "and". */
export type Filter = ReadonlyMap<string, ReadonlySet<string>>;

/** @throws {UsageError} not of the form axis=value */
export function parseFilter(texts: readonly string[]): Filter {
  const filter = new Map<string, Set<string>>();
  for (const text of texts) {
    const [axis, values, ...rest] = text.split("=");
    if (axis === undefined || axis === "" || values === undefined || values === "" || rest.length > 0) {
      throw new UsageError(
        `--filter must be axis=value (for example N=1024 or contender=softmax-full), got "${text}".`,
      );
    }
    const known = filter.get(axis) ?? new Set();
    for (const value of values.split(",")) known.add(value);
    filter.set(axis, known);
  }
  return filter;
}

/** @throws {UnknownNameError} an axis or a value that no case has */
export function applyFilter(cases: readonly Case[], filter: Filter): readonly Case[] {
  if (filter.size === 0) return cases;
  const axes = cases.map((item) => ({ item, axes: axesOf(item) }));
  for (const [axis, values] of filter) {
    const known = new Set(axes.flatMap((entry) => namesOn(axis, entry.axes)));
    if (known.size === 0)
      throw unknownName("axis", axis, [...new Set(axes.flatMap((entry) => Object.keys(entry.axes)))]);
    for (const value of values) {
      if (!known.has(value)) throw unknownName(`value of axis ${axis}`, value, [...known]);
    }
  }
  return axes
    .filter((entry) =>
      [...filter].every(([axis, values]) => namesOn(axis, entry.axes).some((name) => values.has(name))),
    )
    .map(({ item }) => item);
}

/** What a case is called on an axis; a contender from outside by its program's name and by its operator's as well. */
function namesOn(axis: string, axes: Axes): string[] {
  if (!(axis in axes)) return [];
  const value = String(axes[axis]);
  return axis === "contender" && value.includes("/") ? [value, ...value.split("/")] : [value];
}

/** @throws {UsageError} a case that makes no sense, such as four scans in one dimension */
export function checkPossible(cases: readonly Case[]): void {
  for (const item of cases) {
    if (item.kind === "training") continue;
    const rule = operators.get(item.spec.op).impossible(item.spec, item.shape);
    if (rule !== undefined) {
      throw new UsageError(
        `${item.suite}: ${item.contender} on grid ${item.shape.grid.join("×")} is not possible: ${rule}.`,
      );
    }
  }
}
