// Vector files: inputs, outputs, a cotangent and gradients of one case in safetensors, made by somebody else's
// implementation. The generic part serves any op; `operatorVectors` checks those of the four operators.

import { basename } from "node:path";
import { z } from "zod";
import { DataError, describeError } from "#base/errors";
import { readSafetensors, type NamedTensor } from "#base/safetensors";
import type { RunningEngine } from "#engine/engine";
import type { OperatorSpec, Shape } from "#case/case";
import { allWithin, errorsOf, evaluate, type Evaluated, type Evaluation, type NamedError } from "./compare.ts";
import { referenceOf, runAs } from "./conformance.ts";
import type { InputName, OperatorDeclaration, Strategy } from "./operator.ts";
import { operators } from "./registry.ts";

export interface Vector {
  readonly path: string;
  readonly op: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** by the names of the files, `log_decay` for instance */
  readonly inputs: Readonly<Record<string, NamedTensor>>;
  /** `out`, and `state` and `lse` where there are */
  readonly outputs: Readonly<Record<string, NamedTensor>>;
  readonly cotangent: NamedTensor;
  readonly gradients: Readonly<Record<string, NamedTensor>>;
}

export interface VectorResult {
  readonly file: string;
  readonly op: string;
  /** a strategy's id, or `reference` */
  readonly strategy: string;
  readonly errors: readonly NamedError[];
  readonly ok: boolean;
  /** why nothing was checked: a strategy that cannot do this is ok, a file that cannot be checked is not */
  readonly reason?: string;
}

/** Checks the vectors of some ops; each folder that implements an op brings one. */
export interface VectorChecker {
  readonly ops: readonly string[];
  check(vector: Vector, engine: RunningEngine): Promise<VectorResult[]>;
}

/**
 * Reads a vector file.
 *
 * @throws {DataError} not a safetensors file, no `op`, malformed params, or no `out` or `cotangent`
 */
export function readVector(path: string): Vector {
  const { metadata, tensors } = readSafetensors(path);
  const op = metadata["op"];
  if (op === undefined) throw new DataError(path, "not a vector file: its metadata names no `op`");
  const under = (prefix: string) =>
    Object.fromEntries(
      [...tensors]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
    );
  const out = tensors.get("out");
  const cotangent = tensors.get("cotangent");
  if (out === undefined || cotangent === undefined)
    throw new DataError(path, "not a vector file: `out` or `cotangent` is missing");
  return {
    path,
    op,
    params: parseParams(path, metadata["params"] ?? "{}"),
    inputs: under("in."),
    outputs: { out, ...under("out.") },
    cotangent,
    gradients: under("grad."),
  };
}

function parseParams(path: string, text: string): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  } catch (error) {
    throw new DataError(path, `its params are not a JSON object (${describeError(error)})`, {}, { cause: error });
  }
}

/** Expected values of a vector. */
export function expectedOf({ outputs, gradients }: Vector): Evaluation {
  const values = (tensors: Readonly<Record<string, NamedTensor>>) =>
    Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data]));
  return { outputs: values(outputs), gradients: values(gradients) };
}

/** Checks anything differentiable, under the names of the file: `run` takes the inputs, and gives `out` and perhaps more. */
export async function checkRun(
  vector: Vector,
  engine: RunningEngine,
  strategy: string,
  run: Evaluated["run"],
): Promise<VectorResult> {
  const { inputs, cotangent } = vector;
  return resultOf(
    vector,
    strategy,
    errorsOf(await evaluate({ run, inputs, cotangent }), expectedOf(vector), "float32", engine.device.kind),
  );
}

/** A result of compared errors. */
export function resultOf(vector: Vector, strategy: string, errors: readonly NamedError[]): VectorResult {
  return { file: basename(vector.path), op: vector.op, strategy, errors, ok: allWithin(errors) };
}

/** Reads a file and has it checked; a file that no checker takes, or that cannot be read, is a result that is not ok. */
export async function checkVectorFile(
  path: string,
  engine: RunningEngine,
  checkers: readonly VectorChecker[],
): Promise<VectorResult[]> {
  const failed = (op: string, reason: string): VectorResult[] => [
    { file: basename(path), op, strategy: "none", errors: [], ok: false, reason },
  ];
  let vector: Vector;
  try {
    vector = readVector(path);
  } catch (error) {
    return failed("unknown", describeError(error));
  }
  const checker = checkers.find(({ ops }) => ops.includes(vector.op));
  if (checker === undefined)
    return failed(vector.op, `no check for op "${vector.op}"; known: ${checkers.flatMap(({ ops }) => ops).join(", ")}`);
  try {
    return await checker.check(vector, engine);
  } catch (error) {
    return failed(vector.op, describeError(error));
  }
}

const INPUT_OF_FILE: Readonly<Record<string, InputName>> = {
  log_decay: "logDecay",
  initial_state: "initialState",
  initial_lse: "initialLse",
};

const paramsSchema = z.looseObject({
  causal: z.boolean().optional(),
  scale: z.number().positive().optional(),
  decay: z.enum(["none", "constant", "scalar", "vector"]).optional(),
  scans: z.int().positive().optional(),
  shape: z.array(z.int().positive()).min(1).optional(),
  tied_key: z.boolean().optional(),
  prefix: z.int().nonnegative().optional(),
});

/** Spec and shape of an operator's vector. @throws {DataError} params or tensors that do not describe one */
export function specOfVector({ path, op, params, inputs, outputs }: Vector): { spec: OperatorSpec; shape: Shape } {
  const parsed = paramsSchema.safeParse(params);
  if (!parsed.success)
    throw new DataError(path, `its params are not those of an operator: ${z.prettifyError(parsed.error)}`);
  const { causal, scale, decay, scans, shape: grid, tied_key: tiedKey, prefix = 0 } = parsed.data;
  const [B, H, N, D] = inputs["q"]?.shape ?? [];
  const E = outputs["out"]!.shape[3];
  if (B === undefined || H === undefined || N === undefined || D === undefined || E === undefined)
    throw new DataError(path, "its `in.q` and `out` are not [B,H,N,·]");
  const shape = { B, H, N, D, E, grid: grid ?? [N - prefix], prefix };
  if (op !== "multiplicative") {
    const explicitKey = op === "additive" && inputs["k"] !== undefined ? { explicitKey: true } : {};
    return {
      spec: {
        op: op as OperatorSpec["op"],
        causal: causal ?? false,
        ...explicitKey,
        ...(scale === undefined ? {} : { scoreScale: scale }),
      },
      shape,
    };
  }
  const isCausal = causal ?? (scans ?? 1) === 1;
  return {
    spec: {
      op,
      causal: isCausal,
      decay: decay ?? "none",
      ...(isCausal ? {} : { scans: scans ?? 1 }),
      ...(tiedKey === true ? { tiedKey } : {}),
    },
    shape,
  };
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
    return { file: basename(vector.path), op: vector.op, strategy: strategy.id, errors: [], ok: true, reason };
  return checkRun(vector, engine, strategy.id, (tensors) => runAs(strategy, tensors, { spec, shape, engine }));
}

/** Checks the reference and every strategy of an operator. */
export const operatorVectors: VectorChecker = {
  ops: operators.ids(),
  async check(vector, engine) {
    const operator: OperatorDeclaration = operators.get(vector.op);
    const { spec, shape } = specOfVector(vector);
    const rule = operator.impossible(spec, shape);
    if (rule !== undefined) throw new DataError(vector.path, `describes an impossible case: ${rule}`);
    const results = [checkReference(vector)];
    for (const strategy of (await operator.load()).strategies)
      results.push(await checkVector(vector, strategy, engine));
    return results;
  },
};
