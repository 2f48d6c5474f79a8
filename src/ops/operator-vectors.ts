// Vector files of the operators: the float64 reference and every strategy against them.

import { z } from "zod";
import { DataError } from "#base/errors";
import type { RunningEngine } from "#engine/engine";
import { DECAYS, isResumable, shapeSchema, traitsOf, type OperatorSpec, type Shape } from "#case/case";
import { host } from "#host/current";
import { errorsOf } from "./compare.ts";
import { referenceOf, runAs } from "./conformance.ts";
import type { InputName, OperatorDeclaration, Strategy } from "./operator.ts";
import { optionalShapes } from "./random-inputs.ts";
import { operators } from "./registry.ts";
import { checkLayout, checkSize, gridOfTokens, parseParams, sizesOf, type Dims } from "./vector-layout.ts";
import { checkRun, expectedOf, resultOf, type Vector, type VectorChecker, type VectorResult } from "./vectors.ts";

const INPUT_OF_FILE: Readonly<Record<string, InputName>> = {
  log_decay: "logDecay",
  initial_state: "initialState",
  initial_lse: "initialLse",
};

const common = {
  causal: z.boolean().optional(),
  shape: shapeSchema.shape.grid.optional(),
  prefix: shapeSchema.shape.prefix.optional(),
};

/** Params by op; a field of another op is a mistake, not a wish. */
const PARAMS = {
  additive: z.strictObject(common),
  softmax: z.strictObject({ ...common, scale: z.number().positive().optional() }),
  "efficient-attention": z.strictObject(common),
  multiplicative: z.strictObject({
    ...common,
    decay: z.enum(DECAYS).optional(),
    scans: z.int().positive().optional(),
    tied_key: z.boolean().optional(),
  }),
};

/** Spec and shape of an operator's vector. @throws {DataError} params or tensors that do not describe one */
export function specOfVector(vector: Vector): { spec: OperatorSpec; shape: Shape } {
  const params = parseParams(vector, PARAMS[vector.op as keyof typeof PARAMS]);
  const [B, H, N, D] = sizesOf(vector, "in.q", ["B", "H", "N", "D"]) as [number, number, number, number];
  const [, , , E] = sizesOf(vector, "out", ["B", "H", "N", "E"]) as [number, number, number, number];
  checkSize(vector, { N, D, E });
  const shape = { B, H, N, D, E, grid: gridOfTokens(vector, N, params), prefix: params.prefix ?? 0 };
  return { spec: specOf(vector, params), shape };
}

function specOf({ op, inputs }: Vector, params: z.infer<(typeof PARAMS)["multiplicative" | "softmax"]>): OperatorSpec {
  const { causal } = params;
  if (op === "multiplicative") {
    const { decay = "none", scans = 1, tied_key: tiedKey } = params as z.infer<(typeof PARAMS)["multiplicative"]>;
    const isCausal = causal ?? scans === 1;
    return { op, causal: isCausal, decay, ...(isCausal ? {} : { scans }), ...(tiedKey === true ? { tiedKey } : {}) };
  }
  const { scale } = params as z.infer<(typeof PARAMS)["softmax"]>;
  return {
    op: op as OperatorSpec["op"],
    causal: causal ?? false,
    ...(op === "additive" && inputs["k"] !== undefined ? { explicitKey: true } : {}),
    ...(scale === undefined ? {} : { scoreScale: scale }),
  };
}

/** @throws {DataError} an impossible case, or tensors that do not fit it */
function checkOperatorLayout(vector: Vector, spec: OperatorSpec, shape: Shape): void {
  const operator = operators.get(spec.op);
  const rule = operator.impossible(spec, shape);
  if (rule !== undefined) throw new DataError(vector.path, `describes an impossible case: ${rule}`);
  const { initialState, initialLse } = optionalShapes(shape);
  const resumable = isResumable(spec);
  const { hasNormaliser } = traitsOf(spec);
  checkLayout(vector, {
    inputs: namesOfFile(operator.inputShapes(spec, shape)),
    optionalInputs: namesOfFile({
      ...(resumable ? { initialState } : {}),
      ...(resumable && hasNormaliser ? { initialLse } : {}),
    }),
    out: [shape.B, shape.H, shape.N, shape.E],
    otherOutputs: { state: initialState, ...(hasNormaliser ? { lse: initialLse } : {}) },
  });
}

function namesOfFile(dims: { readonly [Name in InputName]?: Dims }): Record<string, Dims> {
  const ofInput = new Map(Object.entries(INPUT_OF_FILE).map(([file, input]) => [input as string, file]));
  return Object.fromEntries(Object.entries(dims).map(([name, axes]) => [ofInput.get(name) ?? name, axes]));
}

/** The vector with the names of the operators' inputs. */
function renamed(vector: Vector): Vector {
  const rename = (tensors: Vector["inputs"]) =>
    Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [INPUT_OF_FILE[name] ?? name, tensor]));
  return { ...vector, inputs: rename(vector.inputs), gradients: rename(vector.gradients) };
}

/** Compares the float64 reference with a vector, to the rounding of the file. */
export function checkReference(given: Vector): VectorResult {
  const { spec, shape } = specOfVector(given);
  const vector = renamed(given);
  const actual = referenceOf(operators.get(vector.op), {
    spec,
    shape,
    inputs: vector.inputs,
    cotangent: vector.cotangent,
  });
  return resultOf(vector, "reference", errorsOf(actual, expectedOf(vector), "float64", "cpu"));
}

/** Compares one strategy with a vector. A strategy that cannot do it is ok, with the reason. */
export async function checkVector(given: Vector, strategy: Strategy, engine: RunningEngine): Promise<VectorResult> {
  const { spec, shape } = specOfVector(given);
  const vector = renamed(given);
  const reason = strategy.unsupported(spec, shape, engine, Object.keys(vector.inputs) as InputName[]);
  if (reason !== undefined)
    return {
      file: host.files.basename(vector.path),
      op: vector.op,
      strategy: strategy.id,
      errors: [],
      ok: true,
      reason,
    };
  return checkRun(vector, engine, strategy.id, (tensors) => runAs(strategy, tensors, { spec, shape, engine }));
}

/** Checks the reference and every strategy of an operator. */
export const operatorVectors: VectorChecker = {
  ops: operators.ids(),
  async check(vector, engine) {
    const operator: OperatorDeclaration = operators.get(vector.op);
    const { spec, shape } = specOfVector(vector);
    checkOperatorLayout(vector, spec, shape);
    const results = [checkReference(vector)];
    for (const strategy of (await operator.load()).strategies)
      results.push(await checkVector(vector, strategy, engine));
    return results;
  },
};
