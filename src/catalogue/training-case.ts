// Building blocks for suites: training cases from names in the lists of models, operators and sizes.

import type { ModelSpec, Recipe, TrainingCase } from "#case/case";
import type { SuiteContext } from "#case/suite";
import { contenders } from "./contenders.ts";
import { LIGHTNET_LOCAL, LIGHTNET_PLACES } from "./models.ts";
import { modelOf, modelSizes, namedModel } from "./sizes/model-sizes.ts";

interface Point {
  readonly suite: string;
  readonly task: string;
  readonly dataset: string;
  /** id of a model size */
  readonly size: string;
  readonly recipe: Recipe;
  readonly seed: number;
  /** default true; false where a contender may rightly stay at chance */
  readonly mustLearn?: boolean;
}

export interface TrainingPoint extends Point {
  /** id of a model */
  readonly model: string;
}

/** @throws {UnknownNameError} no such model or size */
export function trainingCase(context: SuiteContext, point: TrainingPoint): TrainingCase {
  return caseOf(context, point, point.model, namedModel(modelSizes.get(point.size), point.model));
}

/** What stands around the operator; default what LightNet has. The rotating encoding has trained angles, rope fixed ones. */
export interface Places {
  readonly encoding?: ModelSpec["mixer"]["encoding"];
  readonly localMixing?: ModelSpec["localMixing"];
}

export interface OperatorTrainingPoint extends Point, Places {
  /** id of an operator in the list of contenders */
  readonly operator: string;
}

/**
 * An operator in LightNet's layer, all else equal: for suites that ask what single elements do.
 *
 * @throws {UnknownNameError} no such contender or size
 */
export function operatorTrainingCase(context: SuiteContext, point: OperatorTrainingPoint): TrainingCase {
  const { operator, size, encoding, localMixing = LIGHTNET_LOCAL.localMixing } = point;
  const places = encoding === undefined || encoding === LIGHTNET_PLACES.encoding ? LIGHTNET_PLACES : { encoding };
  const mixer = { operator: contenders.get(operator).spec, ...places };
  return caseOf(context, point, operator, modelOf(modelSizes.get(size), mixer, localMixing));
}

function caseOf(context: SuiteContext, point: Point, contender: string, model: ModelSpec): TrainingCase {
  const { suite, task, dataset, recipe, seed, mustLearn = true } = point;
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
    model,
    recipe,
    ...(mustLearn ? { mustLearn } : {}),
  };
}

/** Seeds 0, 1, … as many as were asked for, else `otherwise`. */
export function seedsOf({ seeds }: SuiteContext, otherwise: number): number[] {
  return Array.from({ length: seeds ?? otherwise }, (_, seed) => seed);
}
