// Building blocks for suites: cases of operators and of decoding, from names in the list of contenders.

import type { Case, DecodeCase, Level, OperatorCase, Pass, Precision, Shape } from "#case/case";
import { contenders } from "./contenders.ts";
import { models } from "./models.ts";
import type { SuiteContext } from "#case/suite";

export interface OperatorPoint {
  readonly suite: string;
  readonly contender: string;
  readonly shape: Shape;
  readonly pass: Pass;
  readonly level?: Level;
  readonly quantity?: OperatorCase["quantity"];
  /** default float32 */
  readonly precision?: Precision;
}

/** @throws {UnknownNameError} no such contender */
export function operatorCase(context: SuiteContext, point: OperatorPoint): OperatorCase {
  const { spec, strategy } = contenders.get(point.contender);
  const { suite, contender, shape, pass, level = "operator", quantity = "time", precision = "float32" } = point;
  return {
    kind: "operator",
    ...commonOf(context, suite, contender),
    precision,
    spec,
    strategy,
    level,
    ...(level === "mixer" ? { encoding: "none" as const } : {}),
    pass,
    quantity,
    shape,
  };
}

/**
 * The layer of a model, at level mixer.
 *
 * @throws {UnknownNameError} no such model
 */
export function layerCase(
  context: SuiteContext,
  point: Omit<OperatorPoint, "contender" | "level"> & { readonly model: string },
): OperatorCase {
  const { suite, model, shape, pass, quantity = "time", precision = "float32" } = point;
  const { mixer } = models.get(model);
  return {
    kind: "operator",
    ...commonOf(context, suite, model),
    precision,
    spec: mixer.operator,
    strategy: "default",
    level: "mixer",
    mixer,
    model,
    pass,
    quantity,
    shape,
  };
}

/** @throws {UnknownNameError} no such contender */
export function decodeCase(
  context: SuiteContext,
  point: Pick<OperatorPoint, "suite" | "contender" | "shape">,
): DecodeCase {
  const { suite, contender, shape } = point;
  return {
    kind: "decode",
    ...commonOf(context, suite, contender),
    precision: "float32",
    spec: contenders.get(contender).spec,
    shape,
  };
}

function commonOf(
  context: SuiteContext,
  suite: string,
  contender: string,
): Pick<Case, "suite" | "contender" | "engine" | "scale" | "seed"> {
  return { suite, contender, engine: context.engine, scale: context.scale, seed: 0 };
}
