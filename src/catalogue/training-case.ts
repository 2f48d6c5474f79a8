// Building block for suites: a training case from names in the lists of contenders and model sizes.

import type { ModelSpec, Recipe, TrainingCase } from "#case/case";
import { contenders } from "./contenders.ts";
import { modelOf, modelSizes } from "./sizes/model-sizes.ts";
import type { SuiteContext } from "#case/suite";

export interface TrainingPoint {
  readonly suite: string;
  readonly task: string;
  readonly contender: string;
  readonly dataset: string;
  /** id of a model size */
  readonly size: string;
  readonly recipe: Recipe;
  readonly seed: number;
  /** default md-lrpe, for every contender alike */
  readonly encoding?: ModelSpec["mixer"]["encoding"];
  readonly localMixing?: ModelSpec["localMixing"];
  /** default true; false where a contender may rightly stay at chance */
  readonly mustLearn?: boolean;
}

/** @throws {UnknownNameError} no such contender or size */
export function trainingCase(context: SuiteContext, point: TrainingPoint): TrainingCase {
  const {
    suite,
    task,
    contender,
    dataset,
    size,
    recipe,
    seed,
    encoding = "md-lrpe",
    localMixing = "none",
    mustLearn = true,
  } = point;
  const mixer = { operator: contenders.get(contender).spec, encoding };
  return {
    kind: "training",
    suite,
    contender,
    engine: context.engine,
    precision: "float32",
    scale: context.scale,
    seed,
    task,
    dataset,
    model: modelOf(modelSizes.get(size), mixer, localMixing),
    recipe,
    ...(mustLearn ? { mustLearn } : {}),
  };
}

/** Seeds 0, 1, … as many as were asked for, else `otherwise`. */
export function seedsOf({ seeds }: SuiteContext, otherwise: number): number[] {
  return Array.from({ length: seeds ?? otherwise }, (_, seed) => seed);
}
