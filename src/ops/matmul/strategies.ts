// The product of matrices on the tensor engine: its own kernel, or ours where the engine has taken it over.

import * as tf from "#engine/tf";
import type { OperatorStrategies } from "../operator.ts";

export const matmulStrategies: OperatorStrategies = {
  strategies: [
    {
      id: "engine",
      unsupported: (_spec, _shape, _engine, inputs) =>
        inputs.includes("mask") ? "a product of matrices has no padding" : undefined,
      run: ({ a, b }) => ({ out: tf.matMul(a!, b!) }),
    },
  ],
  choose: () => "engine",
};
