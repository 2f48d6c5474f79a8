// Efficient Attention on the tensor engine: the additive global strategies on q' = softmax of q over the channels.

import * as tf from "#engine/tf";
import { additiveStrategies } from "../additive/strategies.ts";
import type { OperatorStrategies, Outputs, Strategy } from "../operator.ts";

function onSoftmaxOfQ(strategy: Strategy): Strategy {
  return {
    id: strategy.id,
    unsupported: strategy.unsupported,
    run({ q, k, v, mask }, spec, shape, engine) {
      const run = () => {
        const additive = { q: tf.softmax(q!), g: k!, v: v!, ...(mask === undefined ? {} : { mask }) };
        return strategy.run(additive, spec, shape, engine);
      };
      return tf.tidy(run as unknown as () => tf.TensorContainer) as unknown as Outputs<tf.Tensor>;
    },
  };
}

export const efficientAttentionStrategies: OperatorStrategies = {
  strategies: additiveStrategies.strategies
    .filter(({ id }) => id.startsWith("global") || id === "fused")
    .map(onSoftmaxOfQ),
  choose: additiveStrategies.choose,
};
