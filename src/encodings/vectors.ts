// Checks of vector files for the encodings.

import { z } from "zod";
import { DataError } from "#base/errors";
import type { RunningEngine } from "#engine/engine";
import type * as tf from "#engine/tf";
import { errorsOf, type Evaluation } from "#ops/compare";
import { checkRun, expectedOf, resultOf, type Vector, type VectorChecker, type VectorResult } from "#ops/vectors";
import { cosineReference, rotaryReference } from "./angles-reference.ts";
import { encodeCosine, rotate, tablesOf } from "./angles.ts";
import type { AngleLayout } from "./place.ts";
import { toeplitzReference, type ToeplitzLayout } from "./toeplitz-reference.ts";
import { toeplitzFilter } from "./toeplitz.ts";

const paramsSchema = z.looseObject({
  shape: z.array(z.int().positive()).min(1),
  offset: z.number().default(0),
  prefix: z.int().nonnegative().default(0),
  heads: z.int().positive().optional(),
});

/** Checks `lrpe-cosine` (one or more dimensions), `rope` and `md-tpe`: the float64 reference, and the tensors' way. */
export const encodingVectors: VectorChecker = {
  ops: ["lrpe-cosine", "rope", "md-tpe"],
  check: (vector, engine) => (vector.op === "md-tpe" ? checkToeplitz(vector, engine) : checkAngles(vector, engine)),
};

async function checkAngles(vector: Vector, engine: RunningEngine): Promise<VectorResult[]> {
  const cosine = vector.op === "lrpe-cosine";
  const layout = angleLayout(vector, cosine);
  const reference = cosine ? cosineReference : rotaryReference;
  const { x, theta } = float64(vector, ["x", "theta"]);
  const cotangent = Float64Array.from(vector.cotangent.data);
  const gradients = reference.backward({ x: x!, theta: theta! }, layout, cotangent);
  const actual = { outputs: { out: reference.forward(x!, theta!, layout) }, gradients: { ...gradients } };
  const encode = cosine ? encodeCosine : rotate;
  return [
    referenceResult(vector, actual),
    await checkRun(vector, engine, "tensors", (inputs) => ({
      out: encode(inputs["x"]!, tablesOf(inputs["theta"]!, layout)),
    })),
  ];
}

function angleLayout(vector: Vector, cosine: boolean): AngleLayout {
  const { shape: grid, offset, prefix } = parse(vector);
  const [, heads, , D] = vector.inputs["x"]?.shape ?? [];
  if (heads === undefined || D === undefined) throw new DataError(vector.path, "its `in.x` is not [B,H,N,D]");
  return { heads, width: cosine ? D : D / 2, place: { grid, offset, prefix } };
}

async function checkToeplitz(vector: Vector, engine: RunningEngine): Promise<VectorResult[]> {
  const layout = toeplitzLayout(vector);
  const { x, q, k, log_decay: logDecay } = float64(vector, ["x", "q", "k", "log_decay"]);
  const arrays = { x: x!, q: q!, k: k!, logDecay: logDecay! };
  const gradients = toeplitzReference.backward(arrays, layout, Float64Array.from(vector.cotangent.data));
  const actual = {
    outputs: { out: toeplitzReference.forward(arrays, layout) },
    gradients: { x: gradients.x, q: gradients.q, k: gradients.k, log_decay: gradients.logDecay },
  };
  const run = (inputs: Readonly<Record<string, tf.Tensor>>) => ({
    out: toeplitzFilter(inputs["x"]!, { q: inputs["q"]!, k: inputs["k"]!, logDecay: inputs["log_decay"]! }),
  });
  return [referenceResult(vector, actual), await checkRun(vector, engine, "tensors", run)];
}

function toeplitzLayout(vector: Vector): ToeplitzLayout {
  const { shape: grid, heads } = parse(vector);
  const shape = vector.inputs["x"]?.shape;
  if (heads === undefined || shape?.length !== grid.length + 2)
    throw new DataError(vector.path, "its `in.x` is not [B, …grid, C], or its params name no heads");
  return { B: shape[0]!, grid, C: shape.at(-1)!, heads };
}

function parse({ path, params }: Vector) {
  const parsed = paramsSchema.safeParse(params);
  if (!parsed.success)
    throw new DataError(path, `its params are not those of an encoding: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** @throws {DataError} an input is missing */
function float64({ path, inputs }: Vector, names: readonly string[]): Record<string, Float64Array> {
  return Object.fromEntries(
    names.map((name) => {
      const tensor = inputs[name];
      if (tensor === undefined) throw new DataError(path, `\`in.${name}\` is missing`);
      return [name, Float64Array.from(tensor.data)];
    }),
  );
}

function referenceResult(vector: Vector, actual: Evaluation): VectorResult {
  return resultOf(vector, "reference", errorsOf(actual, expectedOf(vector), "float64", "cpu"));
}
