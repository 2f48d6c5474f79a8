// Cases of contenders from files: at every point of a suite that they fit, without being named there.

import { groupBy } from "#base/group";
import { without } from "#base/without";
import { hashJson } from "#base/json";
import type { Case, ModelSpec, OperatorCase, TrainingCase } from "#case/case";
import { modelSizes } from "#catalogue/sizes/model-sizes";
import { matchGluWidth, parametersOf } from "#weights/model";
import { suits, type ModuleContender } from "./module-contenders.ts";

/** A case for each contender and each point where it suits one of `cases`. */
export function casesOfModules(cases: readonly Case[], contenders: readonly ModuleContender[]): Case[] {
  return contenders.flatMap((contender) => {
    const suitable = cases.filter((item) => suits(contender, item));
    return [...groupBy(suitable, pointKey).values()].map(([first]) =>
      first!.kind === "training"
        ? trainedBy(contender, first! as TrainingCase)
        : computedBy(contender, first! as OperatorCase),
    );
  });
}

/** All that contenders at a point share; the first of them in the suite stands for it. */
function pointKey(item: Case): string {
  if (item.kind !== "training") return hashJson({ ...item, contender: "", strategy: "" });
  const recipe = without(item.recipe, "learningRate"); // chosen for the model
  const { variant, patch = [], mixer } = item.model;
  const { suite, scale, seed, task, dataset } = item;
  return hashJson({ suite, scale, seed, task, dataset, recipe, variant, patch, causal: mixer.operator.causal });
}

function computedBy({ id, definition }: ModuleContender, item: OperatorCase): OperatorCase {
  return { ...item, contender: `${definition.name}/${item.contender}`, strategy: id };
}

/** The model of a case with the mixer in the place of its own, its GLU so wide that it has as many parameters. */
function trainedBy({ id, definition }: ModuleContender, item: TrainingCase): TrainingCase {
  const {
    positions = "none",
    localMixing = "none",
    causal,
  } = definition as Extract<ModuleContender, { kind: "mixer" }>["definition"];
  const { variant, width, depth, heads, patch } = item.model;
  const stack: ModelSpec = {
    variant,
    width,
    depth,
    heads,
    gluWidth: item.model.gluWidth,
    ...(patch === undefined ? {} : { patch }),
    mixer: { operator: { op: "module", module: id, causal }, encoding: positions },
    localMixing,
  };
  const { input } = modelSizes.get(variant);
  const gluWidth = matchGluWidth(stack, input, parametersOf(item.model, input));
  return { ...without(item, "mustLearn", "equalSeconds"), contender: definition.name, model: { ...stack, gluWidth } };
}
