/**
 * Does the additive decay saturate? With Δ_t = Σ e^{g_s}, token t enters the state with the share 1 − λ_t = e^{g_t}/Δ_t. A plain
 * running average has 1 − λ_t = 1/t, slope −1 against log t, and forgets nothing and notices nothing new; a multiplicative decay
 * has slope 0. The slopes of trained layers stand beside the loss by position, where saturation would cost something.
 *
 * Question  Does the learned additive decay keep more than a plain running average on long sequences, and what does it
 *           lose late in them against a multiplicative decay? (claim C5)
 * Command   npx lightnet-bench run saturation --data-dir <folder> --scale small
 * Takes     smoke 10 s, small about 40 min on 2 cores; a verdict takes --seeds 7
 */
import type { Recipe, Scale } from "#case/case";
import { defineSuite, grid } from "#case/suite";
import { seedsOf, trainingCase } from "#catalogue/training-case";
import { textFor } from "./autoregressive-lm.ts";
import { mustLearn, REVIEWER_SEEDS } from "./reviewer-images.ts";

const SUITE = "saturation";

const ALL = ["lightnet-causal", "hgrn2-causal", "retnet-causal", "linear-attention-causal", "softmax-rope-causal"];
const MODELS: Readonly<Record<Scale, readonly string[]>> = {
  smoke: ["lightnet-causal", "hgrn2-causal"],
  small: ["lightnet-causal", "hgrn2-causal", "retnet-causal"],
  paper: ALL,
};

const SIZES: Readonly<Record<Scale, string>> = { smoke: "lm-nano", small: "lm-mini", paper: "lm-44m" };

/** Windows longer than those of the language suite: saturation is a matter of length. */
const RECIPES: Readonly<Record<Scale, Recipe>> = {
  smoke: {
    steps: 40,
    batch: 8,
    learningRate: 6e-3,
    warmupSteps: 5,
    schedule: "cosine",
    weightDecay: 0.1,
    clipNorm: 1,
    testExamples: 32,
    text: { context: 128, tokeniser: "char" },
  },
  small: {
    steps: 1000,
    batch: 4,
    learningRate: 1e-3,
    warmupSteps: 100,
    schedule: "cosine",
    weightDecay: 0.1,
    clipNorm: 1,
    beta2: 0.99,
    testExamples: 200,
    text: { context: 512, tokeniser: "char" },
  },
  paper: {
    steps: 50_000,
    batch: 8,
    accumulate: 4,
    learningRate: 5e-4,
    warmupSteps: 4000,
    schedule: "inverse-sqrt",
    weightDecay: 0.1,
    clipNorm: 1,
    beta2: 0.98,
    dropout: 0.1,
    text: { context: 2048, tokeniser: "bpe", vocabulary: 50_265 },
  },
};

export const saturation = defineSuite({
  id: SUITE,
  title: "Saturation of the causal additive decay, and the loss by position",
  question:
    "Does the learned additive decay keep more than a plain running average on long sequences, and what does it lose late in them against a multiplicative decay?",
  kind: "training",
  processes: { smoke: 1, small: 1, paper: 1 },
  figures: [
    {
      id: "slope",
      title: "Slope of log(1 − λ) against log t (−1: a running average)",
      x: "contender",
      y: "score",
      score: "saturationSlope",
      facets: ["dataset", "variant"],
      kind: "bar",
    },
    {
      id: "position",
      title: "Test loss by position in the window",
      x: "position",
      y: "loss",
      facets: ["dataset", "variant"],
      kind: "line",
    },
    { id: "loss", title: "Training loss", x: "step", y: "loss", facets: ["dataset", "variant"], kind: "line" },
  ],
  cases: (context) => {
    const { scale } = context;
    const dataset = textFor(context);
    return grid({ seed: seedsOf(context, REVIEWER_SEEDS[scale]), model: MODELS[scale] }).map(({ seed, model }) =>
      trainingCase(context, {
        suite: SUITE,
        task: "autoregressive-lm",
        model,
        dataset,
        size: SIZES[scale],
        recipe: RECIPES[scale],
        seed,
        mustLearn: mustLearn(context),
      }),
    );
  },
});
