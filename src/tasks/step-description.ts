// What a program from outside is told of a training step: the model as plain data with every default filled in, its weights by
// name, and the optimiser (docs/contenders.md has the formulas).

import { without } from "#base/without";
import type { TrainStepCase } from "#case/case";
import { BETA1, BETA2 } from "#training/adamw";
import { layerOf } from "#weights/layer";
import { modelWeights } from "#weights/model";
import { ADAM_EPSILON, CLIP_EPSILON } from "./step-check.ts";
import { STEP } from "./step-start.ts";

export function describeStep({ task, model, input, optimiser }: TrainStepCase) {
  const { width, depth, heads, gluWidth, patch, mixer, localMixing } = model;
  const { convolution, ...layer } = without(layerOf(mixer), "keyStart"); // of the start, which is given
  const { learningRate, weightDecay, clipNorm, beta2 = BETA2 } = optimiser;
  return {
    task,
    input,
    model: {
      ...(model.id === undefined ? {} : { id: model.id }),
      ...{ width, depth, heads, gluWidth, localMixing },
      ...(patch === undefined ? {} : { patch }),
      mixer: {
        operator: mixer.operator,
        encoding: mixer.encoding,
        angles: mixer.angles ?? "fixed",
        ...layer,
        ...(convolution === undefined ? {} : { convolution }),
      },
    },
    weights: modelWeights(model, input).map(({ name, shape, decays }) => ({ name, shape, decays })),
    optimiser: {
      ...{ learningRate, weightDecay, beta1: BETA1, beta2, epsilon: ADAM_EPSILON, step: STEP },
      ...(clipNorm === undefined ? {} : { clipNorm, clipEpsilon: CLIP_EPSILON }),
    },
  };
}
export type StepDescription = ReturnType<typeof describeStep>;
