// The conformance kit: small inputs on which every strategy of every operator must agree with the float64 reference,
// outputs, states and gradients. `verify`, the gate before timing and the tests all use this one.

import { Random } from "#base/random";
import type { NamedTensor } from "#base/safetensors";
import type { RunningEngine } from "#engine/engine";
import type * as tf from "#engine/tf";
import type { OperatorSpec, Precision, Shape } from "#case/case";
import { allWithin, evaluate, type Evaluation, type NamedError, type NamedTensors, type Values } from "./compare.ts";
import { conformanceCases, type ConformanceCase } from "./conformance-cases.ts";
import { evaluateHalf, unsupportedAsHalf } from "./half.ts";
import type { InputName, Inputs, OperatorDeclaration, Outputs, Strategy } from "./operator.ts";
import { roundingOf, rowErrorsOf, shapesOf } from "./rows.ts";
import type { TensorMap } from "./with-gradient.ts";

export interface StrategyCheck {
  readonly operator: OperatorDeclaration;
  readonly strategy: Strategy;
  readonly spec: OperatorSpec;
  readonly engine: RunningEngine;
  /** a few small cases only: the gate before timing */
  readonly quick?: boolean;
  readonly seed?: number;
  /** default float32; float16: of outputs, `out` only */
  readonly precision?: Precision;
}

export interface ConformanceResult {
  readonly case: string;
  readonly strategy: string;
  readonly errors: readonly NamedError[];
  /** tensors alive after minus before */
  readonly leaked: number;
  readonly ok: boolean;
  /** why the strategy cannot do this case; it then counts as ok */
  readonly unsupported?: string;
}

/** Checks a strategy on every case that its spec allows. */
export async function checkStrategy({
  operator,
  strategy,
  spec,
  engine,
  quick = false,
  seed = 1,
  precision = "float32",
}: StrategyCheck): Promise<ConformanceResult[]> {
  const results: ConformanceResult[] = [];
  for (const item of conformanceCases(operator, spec, new Random(seed), quick)) {
    results.push(await (precision === "float16" ? checkHalfCase : checkCase)(item, operator, strategy, engine));
  }
  return results;
}

async function checkCase(
  item: ConformanceCase,
  operator: OperatorDeclaration,
  strategy: Strategy,
  engine: RunningEngine,
): Promise<ConformanceResult> {
  const { id, spec, shape, inputs } = item;
  const unsupported = strategy.unsupported(spec, shape, engine, Object.keys(inputs) as InputName[]);
  if (unsupported !== undefined)
    return { case: id, strategy: strategy.id, errors: [], leaked: 0, ok: true, unsupported };
  const { mask, ...differentiable } = inputs;
  const before = engine.memory().tensors;
  const actual = await evaluate({
    run: (tensors) => runAs(strategy, tensors, { spec, shape, engine }),
    inputs: differentiable as Record<string, NamedTensor>,
    ...(mask === undefined ? {} : { fixed: { mask } }),
    cotangent: item.cotangent,
  });
  const leaked = engine.memory().tensors - before;
  const errors = compareWithReference(actual, operator, item, { precision: "float32", kind: engine.device.kind });
  return { case: id, strategy: strategy.id, errors, leaked, ok: allWithin(errors) && leaked === 0 };
}

async function checkHalfCase(
  item: ConformanceCase,
  operator: OperatorDeclaration,
  strategy: Strategy,
  engine: RunningEngine,
): Promise<ConformanceResult> {
  const where = { spec: item.spec, shape: item.shape, engine };
  const common = { case: item.id, strategy: strategy.id };
  const unsupported = unsupportedAsHalf(strategy, where, Object.keys(item.inputs) as InputName[]);
  if (unsupported !== undefined) return { ...common, errors: [], leaked: 0, ok: true, unsupported };
  const before = engine.memory().tensors;
  const { actual, stored } = await evaluateHalf(strategy, where, {
    inputs: item.inputs as Record<string, NamedTensor>,
    cotangent: item.cotangent,
  });
  const leaked = engine.memory().tensors - before;
  const errors = compareWithReference(
    actual,
    operator,
    { ...item, ...stored },
    { precision: "float16", kind: engine.device.kind },
  );
  return { ...common, errors, leaked, ok: allWithin(errors) && leaked === 0 };
}

/** The worst row of each output and gradient. */
export function compareWithReference(
  actual: Evaluation,
  operator: OperatorDeclaration,
  item: Omit<ConformanceCase, "id">,
  how: { readonly precision: Precision; readonly kind: RunningEngine["device"]["kind"] },
): NamedError[] {
  const given = { ...item, inputs: item.inputs as NamedTensors };
  const expected = referenceOf(operator, given);
  const rounding = () =>
    roundingOf(given, new Random(1), {
      exact: expected.outputs,
      outputsOf: (moved) => outputsOf(operator, moved),
    });
  return rowErrorsOf(actual, { ...expected, rounding }, { ...how, shapes: shapesOf(given.inputs, item.shape) });
}

/** Runs a strategy with tensors by name. */
export function runAs(
  strategy: Strategy,
  tensors: TensorMap,
  where: { spec: OperatorSpec; shape: Shape; engine: RunningEngine },
): TensorMap {
  const outputs: Outputs<tf.Tensor> = strategy.run(tensors, where.spec, where.shape, where.engine);
  return Object.fromEntries(Object.entries(outputs).filter(([, tensor]) => tensor !== undefined));
}

type Referred = Pick<ConformanceCase, "spec" | "shape" | "inputs" | "cotangent">;

/** The reference's values for a case. */
export function referenceOf(operator: OperatorDeclaration, item: Referred): Evaluation {
  const { spec, shape, inputs, cotangent } = item;
  const gradients = operator.reference.backward(float64(inputs), spec, shape, Float64Array.from(cotangent.data));
  return { outputs: outputsOf(operator, item), gradients: { ...gradients } };
}

function outputsOf(operator: OperatorDeclaration, { spec, shape, inputs }: Omit<Referred, "cotangent">): Values {
  return { ...operator.reference.forward(float64(inputs), spec, shape) };
}

function float64(inputs: ConformanceCase["inputs"]): Inputs<Float64Array> {
  return Object.fromEntries(Object.entries(inputs).map(([name, { data }]) => [name, Float64Array.from(data)]));
}
