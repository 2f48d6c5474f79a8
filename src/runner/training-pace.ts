// How long a training takes that was never run here: its operations, at the pace of trainings that were.

import type { Seconds } from "#base/units";
import type { TrainingCase } from "#case/case";
import { modelSizes } from "#catalogue/sizes/model-sizes";
import { countModel } from "#models/cost";
import { median } from "#stats/quantiles";
import type { RunRecord } from "#store/record";

/** A backward pass takes two forward passes. */
const PASSES = 3;

/** Seconds of a training's steps; undefined where they cannot be told. */
export type Pace = (item: TrainingCase) => Seconds | undefined;

/** Operations of all steps, a multiply-add counted as two; undefined for a model whose size is not in the catalogue. */
export function trainingFlops({ model, recipe }: TrainingCase): number | undefined {
  if (!modelSizes.has(model.variant) || model.mixer.operator.op === "module") return undefined;
  const { flopsPerExample } = countModel(model, modelSizes.get(model.variant).input);
  return PASSES * flopsPerExample * recipe.batch * recipe.steps;
}

/** A constant number of operations per second. */
export function steadyPace(flopsPerSecond: number): Pace {
  return (item) => {
    const flops = trainingFlops(item);
    return flops === undefined ? undefined : flops / flopsPerSecond;
  };
}

/**
 * The median pace of earlier trainings of the same task, or of all where there are none of it. Small models are slowed by what
 * is no product, so that a larger one ends sooner than this says.
 */
export function paceOf(earlier: readonly (readonly RunRecord[])[]): Pace {
  const paces = earlier.flat().flatMap(paceIn);
  const paceFor = (task: string): Pace | undefined => {
    const alike = paces.filter((pace) => pace.task === task);
    const rates = (alike.length > 0 ? alike : paces).map(({ flopsPerSecond }) => flopsPerSecond);
    return rates.length === 0 ? undefined : steadyPace(median(rates));
  };
  const known = new Map<string, Pace | undefined>();
  return (item) => {
    if (!known.has(item.task)) known.set(item.task, paceFor(item.task));
    return known.get(item.task)?.(item);
  };
}

function paceIn(record: RunRecord): { readonly task: string; readonly flopsPerSecond: number }[] {
  if (record.status !== "ok" || record.case.kind !== "training") return [];
  const seconds = record.training?.curve.at(-1)?.elapsedSeconds ?? 0;
  const flops = trainingFlops(record.case);
  return flops === undefined || seconds <= 0 ? [] : [{ task: record.case.task, flopsPerSecond: flops / seconds }];
}
