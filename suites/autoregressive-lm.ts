/**
 * Autoregressive language models: LightNet's causal additive decay against softmax attention and multiplicative decays, on
 * one scaffold with text in the same order, the same initial weights and (within 2 %) parameters.
 *
 * Question  How well does causal additive decay predict text, beside softmax attention and multiplicative decay of
 *           equal size? (claim C3)
 * Command   npx lightnet-bench run autoregressive-lm --data-dir <folder> --scale small
 * Takes     smoke 20 s on procedural text; small 75 min of one core (tinyshakespeare, 12 trainings of 6 min); paper on a GPU
 *
 * Gate      softmax attention in nanoGPT's configuration, trained positions and all, must first reach the validation loss
 *           that nanoGPT publishes, 1.88 ± 0.05 (src/catalogue/calibration.ts). What differs from nanoGPT: a SiLU GLU of the same
 *           size in place of the GELU MLP, weights that start at 1/√inputs in place of 0.02, LayerNorms with bias, one more
 *           token (unknown), and all windows of the last tenth scored side by side in place of random ones
 * Smoke     a Markov source whose entropy is known: the loss above it is what is left to learn
 * Paper     WikiText-103 in byte pairs, HGRN2's recipe (arXiv 2404.07904) at its 44M class; perplexity a word counts the
 *           official tokens, windows of 512 every 256
 */
import type { Recipe, Scale } from "#case/case";
import { withChosenLearningRate } from "#catalogue/learning-rates";
import { withEqualSeconds } from "#catalogue/step-times";
import { CAUSAL_MODELS } from "./task-models.ts";
import { defineSuite, grid, type SuiteContext } from "#case/suite";
import { taskFigures } from "./task-figures.ts";
import { seedsOf, trainingCase } from "#catalogue/training-case";

const SUITE = "autoregressive-lm";

export const CAUSAL_SIZES: Readonly<Record<Scale, string>> = { smoke: "lm-nano", small: "lm-mini", paper: "lm-44m" };

const SEEDS: Readonly<Record<Scale, number>> = { smoke: 1, small: 3, paper: 3 };

export const CAUSAL_RECIPES: Readonly<Record<Scale, Recipe>> = {
  smoke: {
    steps: 150,
    batch: 16,
    learningRate: 6e-3,
    warmupSteps: 15,
    schedule: "cosine",
    weightDecay: 0.1,
    clipNorm: 1,
    testExamples: 128,
    text: { context: 32, tokeniser: "char" },
  },
  // nanoGPT's for a CPU (its README and config/train_shakespeare_char.py): 12 windows of 64 characters, 2000 steps.
  small: {
    steps: 2000,
    batch: 12,
    learningRate: 1e-3,
    minLearningRate: 1e-4,
    warmupSteps: 100,
    schedule: "cosine",
    weightDecay: 0.1,
    clipNorm: 1,
    beta2: 0.99,
    text: { context: 64, tokeniser: "char" },
  },
  // HGRN2's on WikiText-103: 128 windows of 512 tokens an update, as eight micro-batches.
  paper: {
    steps: 50_000,
    batch: 16,
    accumulate: 8,
    learningRate: 5e-4,
    warmupSteps: 4000,
    schedule: "inverse-sqrt",
    weightDecay: 0.1,
    clipNorm: 1,
    beta2: 0.98,
    dropout: 0.1,
    text: { context: 512, tokeniser: "bpe", vocabulary: 50_265, stride: 256 },
  },
};

const PROCEDURAL = "markov-text";
const SHAKESPEARE = "tinyshakespeare";

/** The text of a scale: real where it is here. */
export function textFor({ scale, datasets }: SuiteContext): string {
  if (scale === "paper") return "wikitext-103";
  return scale === "small" && datasets.includes(SHAKESPEARE) ? SHAKESPEARE : PROCEDURAL;
}

export const autoregressiveLm = defineSuite({
  id: SUITE,
  title: "Autoregressive language models with one scaffold and different token mixers",
  question:
    "How well does causal additive decay predict text, beside softmax attention and multiplicative decay of equal size?",
  kind: "training",
  processes: { smoke: 1, small: 1, paper: 1 },
  figures: taskFigures({ id: "nats", title: "Test loss, nats per token" }),
  cases: (context) => {
    const { scale } = context;
    const dataset = textFor(context);
    const seeds = seedsOf(context, SEEDS[scale]);
    const points = grid({ seed: seeds, model: CAUSAL_MODELS[scale] }).map(({ seed, model }) => {
      const point = { task: SUITE, dataset, contender: model };
      return { seed, model, recipe: withChosenLearningRate(context, CAUSAL_RECIPES[scale], point) };
    });
    // nanoGPT adds trained positions to the embedding: the run whose loss is published, at the published rate.
    const isCalibrated = scale === "small" && dataset === SHAKESPEARE;
    const calibration = isCalibrated
      ? seeds.map((seed) => ({ seed, model: "softmax-learned-causal", recipe: CAUSAL_RECIPES.small }))
      : [];
    return withEqualSeconds(
      [...calibration, ...points].map((point) =>
        trainingCase(context, { ...point, suite: SUITE, task: SUITE, dataset, size: CAUSAL_SIZES[scale] }),
      ),
    );
  },
});
