// The axes of a case: flat names and values for filters, CSV columns and chart series.

import type { Case, ModelSpec, OperatorSpec, TrainingCase, TrainStepCase } from "#case/case";
import { stateBytes } from "./state-size.ts";

export type AxisValue = string | number | boolean;
export type Axes = Readonly<Record<string, AxisValue>>;

/** All axes of a case, flat. `dims` is the number of grid dimensions, `scans` is 1 for single-pass forms. */
export function axesOf(item: Case): Axes {
  const { kind, suite, contender, engine, precision, scale, seed, threads } = item;
  const shared = {
    suite,
    kind,
    contender,
    engine,
    precision,
    scale,
    seed,
    ...(threads === undefined ? {} : { threads }),
  };
  if (item.kind === "training") {
    const { dataset, model, recipe } = item;
    return {
      ...shared,
      ...specAxes(model.mixer.operator),
      dataset,
      ...modelAxes(item),
      steps: recipe.steps,
      batch: recipe.batch,
      learningRate: recipe.learningRate,
      ...stateAxis(model),
      ...(recipe.tokenOrder === undefined ? {} : { tokenOrder: recipe.tokenOrder }),
      ...(item.equalSeconds === undefined ? {} : { secondsAs: item.equalSeconds.as }),
    };
  }
  const { B, H, N, D, E, grid, prefix } = item.shape;
  if (item.kind === "train-step") return { ...shared, ...specAxes(item.spec), ...modelAxes(item), B, N };
  const shape = { B, H, N, D, E, grid: grid.join("x"), dims: grid.length, prefix };
  if (item.kind === "decode") return { ...shared, ...specAxes(item.spec), ...shape };
  const { strategy, level, pass, quantity } = item;
  const encoding = item.mixer?.encoding ?? item.encoding ?? "none";
  return { ...shared, ...specAxes(item.spec), strategy, level, pass, quantity, encoding, ...shape };
}

function modelAxes({ task, model }: TrainingCase | TrainStepCase): Axes {
  const { variant, width, depth, heads, mixer, localMixing } = model;
  return { task, variant, C: width, depth, H: heads, encoding: mixer.encoding, localMixing };
}

function specAxes(spec: OperatorSpec): Axes {
  return {
    op: spec.op,
    causal: spec.causal,
    decay: spec.decay ?? (spec.op === "additive" ? "additive" : "none"),
    scans: spec.scans ?? 1,
    layout: spec.layout ?? "parallel",
    ...(spec.op === "multiplicative" ? { tiedKey: spec.tiedKey === true } : {}),
    ...(spec.sharing === undefined ? {} : { sharing: spec.sharing }),
    ...(spec.merge === undefined ? {} : { merge: spec.merge }),
  };
}

/** Bytes that a layer carries from token to token, where they are known. */
function stateAxis(model: ModelSpec): Axes {
  const bytes = stateBytes(model);
  return bytes === undefined ? {} : { stateBytes: bytes };
}
