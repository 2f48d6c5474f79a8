/**
 * Language models of growing size: does the distance between the causal additive decay and its rivals grow, stay or close?
 * The reviewers asked for larger language models than the paper shows; what one machine can give is the trend over sizes.
 *
 * Question  how the test loss of each mixer falls as the model grows, at equal parameters and equal training
 * Command   npx lightnet-bench run language-model-growth --data-dir <folder> --scale small
 * Takes     smoke 10 s, which only shows that it works; small about 1 h of one core; paper on GPUs
 */
import type { Recipe, Scale } from "#case/case";
import { defineSuite, grid } from "#case/suite";
import { seedsOf, trainingCase } from "#catalogue/training-case";
import { CAUSAL_RECIPES, textFor } from "./autoregressive-lm.ts";
import { mustLearn, REVIEWER_SEEDS } from "./reviewer-images.ts";

const SUITE = "language-model-growth";

const RIVALS = ["lightnet-causal", "softmax-rope-causal", "hgrn2-causal"];
const MODELS: Readonly<Record<Scale, readonly string[]>> = {
  smoke: ["lightnet-causal"],
  small: RIVALS,
  paper: RIVALS,
};

const SIZES: Readonly<Record<Scale, readonly string[]>> = {
  smoke: ["lm-pico", "lm-nano"],
  small: ["lm-nano", "lm-micro", "lm-mini"],
  paper: ["lm-44m", "lm-120m", "lm-350m"],
};

/** One recipe for all sizes of a scale; small is half of nanoGPT's. */
const RECIPES: Readonly<Record<Scale, Recipe>> = {
  smoke: { ...CAUSAL_RECIPES.smoke, steps: 40, warmupSteps: 5 },
  small: { ...CAUSAL_RECIPES.small, steps: 1000, warmupSteps: 50 },
  paper: CAUSAL_RECIPES.paper,
};

export const languageModelGrowth = defineSuite({
  id: SUITE,
  title: "Autoregressive language models of growing size",
  question:
    "How does the test loss of each mixer fall as the language model grows, at equal parameters and equal training?",
  kind: "training",
  processes: { smoke: 1, small: 1, paper: 1 },
  figures: [
    { id: "loss", title: "Test loss against model width", x: "C", y: "loss", facets: ["dataset"], kind: "line" },
    {
      id: "step",
      title: "Time per training step against model width",
      x: "C",
      y: "time",
      facets: ["dataset"],
      kind: "line",
    },
    {
      id: "operations",
      title: "Operations of one forward pass against model width",
      x: "C",
      y: "operations",
      facets: ["dataset"],
      kind: "line",
    },
  ],
  cases: (context) => {
    const { scale } = context;
    const points = grid({
      seed: seedsOf(context, REVIEWER_SEEDS[scale]),
      size: SIZES[scale],
      model: MODELS[scale],
    });
    return points.map((point) =>
      trainingCase(context, {
        suite: SUITE,
        task: "autoregressive-lm",
        dataset: textFor(context),
        recipe: RECIPES[scale],
        mustLearn: mustLearn(context),
        ...point,
      }),
    );
  },
});
