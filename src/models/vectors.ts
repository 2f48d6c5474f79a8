// Checks of vector files for whole layers.

import { z } from "zod";
import { shapeSchema } from "#case/case";
import { encodeCosine, tablesOf } from "#encodings/angles";
import { DataError } from "#base/errors";
import type { RunningEngine } from "#engine/engine";
import type * as tf from "#engine/tf";
import { errorsOf } from "#ops/compare";
import { checkLayout, checkSize, gridOfTokens, parseParams, sizesOf } from "#ops/vector-layout";
import { checkRun, expectedOf, resultOf, type Vector, type VectorChecker } from "#ops/vectors";
import { lightNetAttention } from "./light-net-attention.ts";
import { lightNetReference, type LightNetArrays } from "./light-net-reference.ts";
import type { LayerPlace } from "./place.ts";
import type { RelativeEncoding } from "./positions.ts";

const paramsSchema = z.strictObject({
  causal: z.boolean(),
  heads: z.int().positive(),
  shape: shapeSchema.shape.grid,
  lrpe: z.boolean().default(false),
  prefix: shapeSchema.shape.prefix.default(0),
  norm: z.enum(["layer", "rms"]).default("layer"),
});

/** Checks `lightnet-layer`: the float64 reference, and the layer that models are built of. */
export const layerVectors: VectorChecker = {
  ops: ["lightnet-layer"],
  async check(vector, engine) {
    const { layer, arrays, encodingOf } = describe(vector);
    const { out, gradients } = lightNetReference(arrays, layer, Float64Array.from(vector.cotangent.data));
    const reference = resultOf(
      vector,
      "reference",
      errorsOf({ outputs: { out }, gradients }, expectedOf(vector), "float64", "cpu"),
    );
    return [reference, await checkRun(vector, engine, "layer", await layerRun(vector, engine, encodingOf))];
  },
};

type EncodingOf = (theta: tf.Tensor | undefined) => RelativeEncoding;

function describe(vector: Vector) {
  const { causal, heads, shape, norm, lrpe, prefix } = parseParams(vector, paramsSchema);
  const [B, N, C] = sizesOf(vector, "in.x", ["B", "N", "C"]) as [number, number, number];
  if (C % heads !== 0) throw new DataError(vector.path, `its ${heads} heads do not divide the ${C} channels`);
  checkSize(vector, { N, D: C / heads, E: C / heads });
  const grid = gridOfTokens(vector, N, { shape, prefix });
  const [whole, rank] = [[C, C], C / heads];
  checkLayout(vector, {
    inputs: {
      x: [B, N, C],
      ...{ wq: whole, wk: whole, wv: whole, wu1: [C, rank], wu2: [rank, C], wo: whole },
      ...(lrpe ? { theta: [heads, Math.ceil(C / heads / grid.length)] } : {}),
    },
    out: [B, N, C],
  });
  const place = { grid, prefix };
  const arrays = Object.fromEntries(
    Object.entries(vector.inputs).map(([name, { data }]) => [name, Float64Array.from(data)]),
  ) as unknown as LightNetArrays;
  const encodingOf: EncodingOf = (theta) => {
    if (theta === undefined) return { widening: 1, isIdentity: true, encode: (x) => x };
    const tables = tablesOf(theta, { heads, width: C / heads, place });
    return { widening: 2, isIdentity: false, encode: (x) => encodeCosine(x, tables) };
  };
  return { layer: { causal, norm, heads, place, B, C }, arrays, encodingOf };
}

/** θ is an input like any other here, so the encoding is looked up at each run; only its kind shapes the layer. */
async function layerRun(vector: Vector, engine: RunningEngine, encodingOf: EncodingOf) {
  const { causal, heads, shape: grid, norm, lrpe, prefix } = parseParams(vector, paramsSchema);
  const place: LayerPlace = { width: vector.inputs["x"]!.shape[2]!, heads, grid, prefix, layer: 0, depth: 1 };
  let current: RelativeEncoding | undefined;
  const relative: RelativeEncoding = { widening: lrpe ? 2 : 1, isIdentity: !lrpe, encode: (x) => current!.encode(x) };
  const layer = await lightNetAttention(
    { spec: { operator: { op: "additive", causal }, encoding: "none", norm }, place, relative },
    engine,
  );
  return (tensors: Readonly<Record<string, tf.Tensor>>) => {
    const { x, theta, ...weights } = tensors;
    current = encodingOf(theta);
    return { out: layer(x!, (name) => weights[name]!) };
  };
}
