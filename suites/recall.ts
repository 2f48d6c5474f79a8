/**
 * Recall: what a mixer finds again in its own sequence, asked key by key, against the size of the state it may carry.
 * Causal on a line, as Zoology measures it; and with pairs and questions anywhere, on a line and on a grid.
 *
 * Question  With a state of equal size, how much does additive decay recall beside multiplicative decays? (none of the
 *           paper's claims: a question of its reviewers, whether additive decay forgets)
 * Chance    one over the number of values. A model that names some value of its sequence, without knowing whose, is right
 *           once in as many questions as there are pairs
 * Command   npx lightnet-bench run recall --scale small
 * Takes     smoke 30 s, small about 2 h on one core
 *
 * Every contender has the same depthwise filter of three taps (causal for causal mixers), which lets a value know its key,
 * as the short convolutions of Mamba and Based do. Recall goes without an encoding, so that nothing but content finds the
 * pair; induction and copying ask for places and have rotating LRPE.
 */
import type { Recipe, Scale, TrainingCase } from "#case/case";
import { taskFigures } from "./task-figures.ts";
import { defineSuite, type SuiteContext } from "#case/suite";
import { operatorTrainingCase, seedsOf } from "#catalogue/training-case";

const SUITE = "recall";

const SEEDS: Readonly<Record<Scale, number>> = { smoke: 1, small: 3, paper: 3 };

const shared = { schedule: "cosine", weightDecay: 0.01, clipNorm: 1 } as const;

const RECIPES: Readonly<Record<Scale, Recipe>> = {
  smoke: { ...shared, steps: 120, batch: 32, learningRate: 4e-3, warmupSteps: 12, testExamples: 256 },
  small: { ...shared, steps: 1000, batch: 32, learningRate: 2e-3, warmupSteps: 50, testExamples: 512 },
  paper: { ...shared, steps: 20_000, batch: 64, learningRate: 1e-3, warmupSteps: 1000, testExamples: 512 },
};

/** One line of the layout: all of these operators on all of these data sets in all of these sizes. */
interface Part {
  readonly datasets: readonly string[];
  readonly sizes: readonly string[];
  readonly operators: readonly string[];
  readonly encoding?: TrainingCase["model"]["mixer"]["encoding"];
}

const CAUSAL = ["additive-causal", "softmax-causal", "tied-causal", "vector-causal", "scalar-causal", "linear-causal"];
const CAUSAL_STATES = ["additive-causal", "tied-causal", "linear-causal"];
const EVERYWHERE = ["additive-global", "softmax-full", "tied-2scan"];

const PARTS: Readonly<Record<Scale, readonly Part[]>> = {
  smoke: [
    {
      datasets: ["mqar-16"],
      sizes: ["recall-nano"],
      operators: ["additive-causal", "softmax-causal", "tied-causal"],
    },
    { datasets: ["mqar-any-16", "mqar-4x4"], sizes: ["recall-nano"], operators: ["additive-global", "softmax-full"] },
  ],
  small: [
    { datasets: ["mqar-64"], sizes: ["recall-d32"], operators: CAUSAL },
    { datasets: ["mqar-64"], sizes: ["recall-d8", "recall-d16", "recall-d64"], operators: CAUSAL_STATES },
    { datasets: ["mqar-any-64", "mqar-8x8"], sizes: ["recall-d32"], operators: EVERYWHERE },
    {
      datasets: ["induction-64", "selective-copy-64"],
      sizes: ["recall-d32"],
      operators: ["additive-causal", "softmax-causal", "tied-causal"],
      encoding: "md-lrpe-rotating",
    },
  ],
  paper: [
    {
      datasets: ["mqar-512"],
      sizes: ["recall-512-d16", "recall-512-d32", "recall-512-d64", "recall-512-d128"],
      operators: CAUSAL.filter((id) => id !== "softmax-causal"),
    },
    { datasets: ["mqar-512"], sizes: ["recall-512-d32"], operators: ["softmax-causal"] },
    {
      datasets: ["mqar-any-512", "mqar-16x32"],
      sizes: ["recall-512-d32", "recall-512-d128"],
      operators: [...EVERYWHERE, "linear-global", "vector-2scan"],
    },
    {
      datasets: ["induction-512", "selective-copy-512"],
      sizes: ["recall-512-d32"],
      operators: CAUSAL,
      encoding: "md-lrpe-rotating",
    },
  ],
};

/** At smoke every contender learns its task; beyond, recall that a state is too small for is a finding and no failure. */
function casesOf(context: SuiteContext): TrainingCase[] {
  const { scale } = context;
  return seedsOf(context, SEEDS[scale]).flatMap((seed) =>
    PARTS[scale].flatMap(({ datasets, sizes, operators, encoding = "none" }) =>
      datasets.flatMap((dataset) =>
        sizes.flatMap((size) =>
          operators.map((operator) =>
            operatorTrainingCase(context, {
              suite: SUITE,
              task: "recall",
              operator,
              dataset,
              size,
              recipe: RECIPES[scale],
              seed,
              encoding,
              localMixing: "depthwise",
              mustLearn: scale === "smoke",
            }),
          ),
        ),
      ),
    ),
  );
}

export const recall = defineSuite({
  id: SUITE,
  title: "Recall of keys and values, in one and two dimensions",
  question: "With a state of equal size, how much does additive decay recall beside multiplicative decays?",
  kind: "training",
  processes: { smoke: 1, small: 1, paper: 1 },
  figures: [
    {
      id: "state",
      title: "Accuracy against the size of the state",
      x: "stateBytes",
      y: "score",
      facets: ["dataset"],
      kind: "line",
    },
    ...taskFigures({ id: "accuracy", title: "Accuracy by contender" }),
  ],
  cases: casesOf,
});
