/**
 * A case of each toy.
 *
 * Question  none: it shows that one suffices
 * Command   npx lightnet-bench run toy
 * Takes     seconds
 */
import { shapeOf } from "#case/shape";
import { defineSuite } from "#case/suite";
import { operatorCase } from "#catalogue/operator-case";
import { operatorTrainingCase } from "#catalogue/training-case";

const SUITE = "toy";

export const toy = defineSuite({
  id: SUITE,
  title: "Toys",
  question: "Does a toy of each kind run?",
  kind: "training",
  processes: { smoke: 1, small: 1, paper: 1 },
  figures: [],
  cases: (context) => [
    operatorCase(context, {
      suite: SUITE,
      contender: "toy-product",
      shape: shapeOf({ grid: [64] }),
      pass: "forward+backward",
    }),
    operatorTrainingCase(context, {
      suite: SUITE,
      task: "toy-recall",
      operator: "additive-global",
      dataset: "mqar-any-16",
      size: "recall-nano",
      recipe: { schedule: "cosine", weightDecay: 0.01, steps: 5, batch: 8, learningRate: 4e-3, warmupSteps: 1 },
      seed: 0,
      encoding: "toy-places",
      localMixing: "depthwise",
      mustLearn: false,
    }),
  ],
});
