// Checks of vector files for the encodings.

import { z } from "zod";
import { DataError } from "#base/errors";
import { shapeSchema } from "#case/case";
import type { RunningEngine } from "#engine/engine";
import type * as tf from "#engine/tf";
import { errorsOf, type Evaluation } from "#ops/compare";
import { checkLayout, checkSize, gridOfTokens, parseParams, sizesOf } from "#ops/vector-layout";
import { checkRun, expectedOf, resultOf, type Vector, type VectorChecker, type VectorResult } from "#ops/vectors";
import { cosineReference, rotaryReference } from "./angles-reference.ts";
import { encodeCosine, rotate, tablesOf } from "./angles.ts";
import { anglesPerAxis, type AngleLayout } from "./place.ts";
import { toeplitzReference, type ToeplitzLayout } from "./toeplitz-reference.ts";
import { toeplitzFilter } from "./toeplitz.ts";

const { grid: gridSchema, prefix: prefixSchema } = shapeSchema.shape;
const anglesSchema = z.strictObject({
  shape: gridSchema,
  offset: z.number().default(0),
  prefix: prefixSchema.default(0),
});
const toeplitzSchema = z.strictObject({ shape: gridSchema, heads: z.int().positive() });

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
  const { shape, offset, prefix } = parseParams(vector, anglesSchema);
  const [B, heads, N, D] = sizesOf(vector, "in.x", ["B", "H", "N", "D"]) as [number, number, number, number];
  const grid = gridOfTokens(vector, N, { shape, prefix });
  const width = cosine ? D : D / 2;
  if (!Number.isInteger(width))
    throw new DataError(vector.path, `\`in.x\` must have an even width to be rotated, got ${D}`);
  const [, row] = sizesOf(vector, "in.theta", ["H", "angles"]) as [number, number];
  if (row !== width && row !== anglesPerAxis(width, grid.length))
    throw new DataError(
      vector.path,
      `\`in.theta\` must be [H, ${anglesPerAxis(width, grid.length)}] (shared by the axes) or [H, ${width}], got ${row} a head`,
    );
  checkLayout(vector, {
    inputs: { x: [B, heads, N, D], theta: [heads, row] },
    out: [B, heads, N, cosine ? 2 * D : D],
  });
  return { heads, width, place: { grid, offset, prefix } };
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
  const { shape: grid, heads } = parseParams(vector, toeplitzSchema);
  const flat = grid.length === 1 ? ["N"] : grid.map((_, axis) => `n${axis + 1}`);
  const sizes = sizesOf(vector, "in.x", ["B", ...flat, "C"]);
  const [B, C] = [sizes[0]!, sizes.at(-1)!];
  if (C % heads !== 0) throw new DataError(vector.path, `its ${heads} heads do not divide the ${C} channels`);
  const [axes, x] = [grid.length, [B, ...grid, C]];
  checkSize(vector, { N: Math.max(...grid), D: 1, E: 1 });
  checkLayout(vector, { inputs: { x, q: [axes, C], k: [axes, C], log_decay: [axes, heads] }, out: x });
  return { B, grid, C, heads };
}

/** Inputs that the layout has been checked for. */
function float64({ inputs }: Vector, names: readonly string[]): Record<string, Float64Array> {
  return Object.fromEntries(names.map((name) => [name, Float64Array.from(inputs[name]!.data)]));
}

function referenceResult(vector: Vector, actual: Evaluation): VectorResult {
  return resultOf(vector, "reference", errorsOf(actual, expectedOf(vector), "float64", "cpu"));
}
