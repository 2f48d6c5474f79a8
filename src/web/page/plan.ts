// From choices to what is left to do, and how long that takes.

import type { RunOptions } from "#runner/options";
import { findDatasets } from "#data/sets/registry";
import { Estimate, expectations } from "#runner/estimate";
import { expand } from "#runner/expand";
import { paceOf, steadyPace } from "#runner/training-pace";
import { planAtoms, remainingAtoms, type Atom } from "#runner/plan";
import type { RunRecord } from "#store/record";
import { contenderBudgetOf, type Choices } from "./choices.ts";

export interface Plan {
  readonly atoms: readonly Atom[];
  readonly remaining: readonly Atom[];
  readonly estimate: Estimate;
}

/**
 * @param records what the run holds already
 * @param earlier of other runs here, newest first: they say how long things take
 * @throws {UsageError} nothing is left by the filter @throws {UnknownNameError} an axis or value that no case has
 */
export function planOf(
  choices: Choices,
  records: readonly RunRecord[],
  earlier: readonly (readonly RunRecord[])[] = [],
): Plan {
  const { suites, scale, engine, filter } = choices;
  const atoms = planAtoms(expand(suites, { scale, engine, filter, found: findDatasets() }));
  const remaining = remainingAtoms(atoms, records, false);
  const known = paceOf([records, ...earlier]);
  const secondsOf = expectations([records, ...earlier], {
    contenderBudget: contenderBudgetOf(choices),
    pace: (item) => known(item) ?? FIRST_PACE(item),
  });
  return { atoms, remaining, estimate: new Estimate(remaining, secondsOf) };
}

/** Before anything was trained here: floating-point operations per second of smoke models on one core, roughly. */
const FIRST_PACE = steadyPace(1e10);

/** A page watches no memory: the browser does. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

export function optionsOf(choices: Choices, folder: string): RunOptions {
  return {
    engine: choices.engine,
    folder,
    contenderBudget: contenderBudgetOf(choices),
    runBudget: choices.runBudget,
    jobs: 1,
    memoryLimit: NO_LIMIT,
    memoryShare: NO_LIMIT,
    training: {},
  };
}
