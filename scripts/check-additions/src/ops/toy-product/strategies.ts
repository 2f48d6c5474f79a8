// The toy product on the tensor engine.

import * as tf from "#engine/tf";
import type { OperatorStrategies, Strategy } from "../operator.ts";

const matrix: Strategy = {
  id: "matrix",
  unsupported: (_spec, _shape, _engine, inputs) =>
    inputs.includes("mask") ? "the toy product has no mask" : undefined,
  run: ({ q, k, v }) => ({
    out: tf.tidy(() => tf.matMul(q!, tf.matMul(k!, v!, true, false))), // [B, H, N, E]
  }),
};

export const toyProductStrategies: OperatorStrategies = { strategies: [matrix], choose: () => matrix.id };
