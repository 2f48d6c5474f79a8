// Checks of vector files for the encodings by angle: the float64 reference, and the tensors' way.

import { z } from "zod";
import { DataError } from "#base/errors";
import { shapeSchema } from "#case/case";
import type { RunningEngine } from "#engine/engine";
import { errorsOf } from "#ops/compare";
import { checkLayout, gridOfTokens, parseParams, sizesOf } from "#ops/vector-layout";
import { checkRun, expectedOf, resultOf, type Vector, type VectorChecker, type VectorResult } from "#ops/vectors";
import { COSINE, HALF_COSINE, ROTATING } from "#weights/angle-forms";
import { cosineReference, halfCosineReference, rotaryReference } from "./angles-reference.ts";
import { encodeCosine, encodeHalfCosine, rotate, tablesOf } from "./angles.ts";
import { type AngleLayout } from "./place.ts";
import { anglesPerAxis } from "#weights/angle-forms";
import { toeplitzVectors } from "./toeplitz-vectors.ts";

/** One list: what a file calls a form of angles, and who computes it. */
const FORMS = {
  "lrpe-cosine": { form: COSINE, reference: cosineReference, encode: encodeCosine },
  "lrpe-half": { form: HALF_COSINE, reference: halfCosineReference, encode: encodeHalfCosine },
  "lrpe-rotating": { form: ROTATING, reference: rotaryReference, encode: rotate },
  rope: { form: ROTATING, reference: rotaryReference, encode: rotate },
};
type FormId = keyof typeof FORMS;

const { grid: gridSchema, prefix: prefixSchema } = shapeSchema.shape;
const paramsSchema = z.strictObject({
  shape: gridSchema,
  offset: z.number().default(0),
  prefix: prefixSchema.default(0),
});

export const encodingVectors: VectorChecker = {
  ops: [...Object.keys(FORMS), ...toeplitzVectors.ops],
  check: (vector, engine) =>
    toeplitzVectors.ops.includes(vector.op) ? toeplitzVectors.check(vector, engine) : checkAngles(vector, engine),
};

async function checkAngles(vector: Vector, engine: RunningEngine): Promise<VectorResult[]> {
  const { reference, encode } = FORMS[vector.op as FormId];
  const layout = layoutOf(vector);
  const arrays = {
    x: Float64Array.from(vector.inputs["x"]!.data),
    theta: Float64Array.from(vector.inputs["theta"]!.data),
  };
  const gradients = reference.backward(arrays, layout, Float64Array.from(vector.cotangent.data));
  const actual = {
    outputs: { out: reference.forward(arrays.x, arrays.theta, layout) },
    gradients: { ...gradients },
  };
  return [
    resultOf(vector, "reference", errorsOf(actual, expectedOf(vector), "float64", "cpu")),
    await checkRun(vector, engine, "tensors", (inputs) => ({
      out: encode(inputs["x"]!, tablesOf(inputs["theta"]!, layout)),
    })),
  ];
}

function layoutOf(vector: Vector): AngleLayout {
  const { form } = FORMS[vector.op as FormId];
  const { shape, offset, prefix } = parseParams(vector, paramsSchema);
  const [B, heads, N, D] = sizesOf(vector, "in.x", ["B", "H", "N", "D"]) as [number, number, number, number];
  const grid = gridOfTokens(vector, N, { shape, prefix });
  const width = form.width(D);
  if (!Number.isInteger(width))
    throw new DataError(vector.path, `\`in.x\` must have an even width for op ${vector.op}, got ${D}`);
  const [, row] = sizesOf(vector, "in.theta", ["H", "angles"]) as [number, number];
  const shared = anglesPerAxis(width, grid.length);
  if (row !== width && row !== shared)
    throw new DataError(
      vector.path,
      `\`in.theta\` must be [H, ${shared}] (shared by the axes) or [H, ${width}], got ${row} a head`,
    );
  checkLayout(vector, {
    inputs: { x: [B, heads, N, D], theta: [heads, row] },
    out: [B, heads, N, form.widening * D],
  });
  return { heads, width, place: { grid, offset, prefix } };
}
