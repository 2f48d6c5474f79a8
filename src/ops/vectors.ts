// Vector files: inputs, outputs, a cotangent and gradients of one case in safetensors, made by somebody else's
// implementation. This part serves any op; each folder that implements some brings a checker.

import { z } from "zod";
import { DataError, describeError } from "#base/errors";
import type { NamedTensor } from "#base/safetensors";
import { host } from "#host/current";
import { readSafetensors } from "#host/safetensors";
import type { RunningEngine } from "#engine/engine";
import { allWithin, errorsOf, evaluate, type Evaluated, type Evaluation, type NamedError } from "./compare.ts";

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

const NAMES = /^(in\.|grad\.|out\.|out$|cotangent$)/;

/**
 * Reads a vector file.
 *
 * @throws {DataError} not a safetensors file, no `op`, malformed params, no `out` or `cotangent`, or values under a name that means nothing
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
  for (const [name, { data }] of tensors) {
    if (!NAMES.test(name) && data.length > 0)
      throw new DataError(
        path,
        `tensor "${name}" is nothing that is compared: in.NAME, out, out.NAME, cotangent and grad.NAME are`,
      );
  }
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
  return { file: host.files.basename(vector.path), op: vector.op, strategy, errors, ok: allWithin(errors) };
}

/** Reads a file and has it checked; a file that no checker takes, or that cannot be read, is a result that is not ok. */
export async function checkVectorFile(
  path: string,
  engine: RunningEngine,
  checkers: readonly VectorChecker[],
): Promise<VectorResult[]> {
  const failed = (op: string, reason: string): VectorResult[] => [
    { file: host.files.basename(path), op, strategy: "none", errors: [], ok: false, reason },
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
    const results = await checker.check(vector, engine);
    const idle = neverCompared(vector, results);
    return idle.length === 0
      ? results
      : [...results, ...failed(vector.op, `nobody computes ${idle.join(", ")}, so it was compared with nothing`)];
  } catch (error) {
    return failed(vector.op, describeError(error));
  }
}

/** Expected values that neither the reference nor any strategy was compared with. */
function neverCompared(vector: Vector, results: readonly VectorResult[]): string[] {
  const compared = new Set(results.flatMap(({ errors }) => errors.map(({ name }) => name)));
  return Object.keys(vector.outputs)
    .filter((name) => !compared.has(name))
    .map((name) => `\`out.${name}\``);
}
