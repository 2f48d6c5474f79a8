// Checks of vector files for the Toeplitz encodings: the filter of MD-TPE by itself, and the whole form with an encoding for each axis.

import { z } from "zod";
import { DataError } from "#base/errors";
import { shapeSchema } from "#case/case";
import type { RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import { errorsOf, type Evaluation } from "#ops/compare";
import { checkLayout, checkSize, gridOfTokens, parseParams, sizesOf } from "#ops/vector-layout";
import { checkRun, expectedOf, resultOf, type Vector, type VectorChecker, type VectorResult } from "#ops/vectors";
import { mdTpePerAxis, type AxisTpeWeights } from "./md-tpe-per-axis.ts";
import { axisTpeReference, type AxisTpeArrays, type AxisTpeLayout } from "./md-tpe-per-axis-reference.ts";
import { toeplitzReference, type ToeplitzLayout } from "./toeplitz-reference.ts";
import { toeplitzFilter } from "./toeplitz.ts";

type Tensors = Readonly<Record<string, tf.Tensor>>;

const { grid: gridSchema, prefix: prefixSchema } = shapeSchema.shape;
const filterSchema = z.strictObject({ shape: gridSchema, heads: z.int().positive() });
const wholeSchema = filterSchema.extend({ prefix: prefixSchema.default(0) });

export const toeplitzVectors: VectorChecker = {
  ops: ["md-tpe", "md-tpe-per-axis"],
  check: (vector, engine) => (vector.op === "md-tpe" ? checkFilter(vector, engine) : checkWhole(vector, engine)),
};

async function checkFilter(vector: Vector, engine: RunningEngine): Promise<VectorResult[]> {
  const layout = filterLayout(vector);
  const { x, q, k, log_decay: logDecay } = float64(vector);
  const arrays = { x: x!, q: q!, k: k!, logDecay: logDecay! };
  const gradients = toeplitzReference.backward(arrays, layout, Float64Array.from(vector.cotangent.data));
  const actual = {
    outputs: { out: toeplitzReference.forward(arrays, layout) },
    gradients: { x: gradients.x, q: gradients.q, k: gradients.k, log_decay: gradients.logDecay },
  };
  const run = (inputs: Tensors) => ({
    out: toeplitzFilter(inputs["x"]!, { q: inputs["q"]!, k: inputs["k"]!, logDecay: inputs["log_decay"]! }),
  });
  return [referenceResult(vector, actual), await checkRun(vector, engine, "tensors", run)];
}

function filterLayout(vector: Vector): ToeplitzLayout {
  const { shape: grid, heads } = parseParams(vector, filterSchema);
  const sizes = sizesOf(vector, "in.x", ["B", ...grid.map((_, axis) => `n${axis + 1}`), "C"]);
  const [B, C] = [sizes[0]!, sizes.at(-1)!];
  checkHeads(vector, heads, C);
  const [axes, x] = [grid.length, [B, ...grid, C]];
  checkLayout(vector, { inputs: { x, q: [axes, C], k: [axes, C], log_decay: [axes, heads] }, out: x });
  return { B, grid, C, heads };
}

function checkHeads({ path }: Vector, heads: number, C: number): void {
  if (C % heads !== 0) throw new DataError(path, `its ${heads} heads do not divide the ${C} channels`);
}

async function checkWhole(vector: Vector, engine: RunningEngine): Promise<VectorResult[]> {
  const layout = wholeLayout(vector);
  const { x, q, k, decay, gain, projection } = float64(vector);
  const logDecay = decay!.map((logit) => -Math.log1p(Math.exp(-logit)));
  const arrays: AxisTpeArrays = { x: x!, q: q!, k: k!, gain: gain!, projection: projection!, logDecay };
  const { logDecay: dLogDecay, ...gradients } = axisTpeReference.backward(
    arrays,
    layout,
    Float64Array.from(vector.cotangent.data),
  );
  const actual = {
    outputs: { out: axisTpeReference.forward(arrays, layout) },
    gradients: { ...gradients, decay: dLogDecay.map((value, i) => value * -Math.expm1(logDecay[i]!)) },
  };
  const run = ({ x: tokens, ...weights }: Tensors) => ({
    out: mdTpePerAxis(tokens as tf.Tensor3D, axesOf(weights, layout), layout),
  });
  return [referenceResult(vector, actual), await checkRun(vector, engine, "tensors", run)];
}

/** Weights [axes, …] → those of each axis. */
function axesOf(weights: Tensors, { place: { grid } }: AxisTpeLayout): AxisTpeWeights[] {
  return grid.map((_, axis) => {
    const ofAxis = Object.entries(weights).map(([name, tensor]) => [name, tf.squeeze(tf.slice(tensor, axis, 1), [0])]);
    return Object.fromEntries(ofAxis) as unknown as AxisTpeWeights;
  });
}

function wholeLayout(vector: Vector): AxisTpeLayout {
  const { shape, heads, prefix } = parseParams(vector, wholeSchema);
  const [B, N, C] = sizesOf(vector, "in.x", ["B", "N", "C"]) as [number, number, number];
  checkHeads(vector, heads, C);
  checkSize(vector, { N, D: C, E: 1 });
  const grid = gridOfTokens(vector, N, { shape, prefix });
  const axes = grid.length;
  checkLayout(vector, {
    inputs: {
      ...{ x: [B, N, C], q: [axes, C], k: [axes, C], decay: [axes, heads] },
      ...{ gain: [axes, C], projection: [axes, C, C] },
    },
    out: [B, N, C],
  });
  return { B, C, heads, place: { grid, prefix } };
}

/** Inputs, whose layout has been checked. */
function float64({ inputs }: Vector): Record<string, Float64Array> {
  return Object.fromEntries(Object.entries(inputs).map(([name, { data }]) => [name, Float64Array.from(data)]));
}

function referenceResult(vector: Vector, actual: Evaluation): VectorResult {
  return resultOf(vector, "reference", errorsOf(actual, expectedOf(vector), "float64", "cpu"));
}
