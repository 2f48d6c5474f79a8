/**
 * Volumes: three-dimensional data, where multiplicative decays need up to six directional scans and LightNet one.
 * Objects that move around a frame; asked is what moves, and whither.
 *
 * Question  How well does one additive scan classify volumes, beside two or six multiplicative scans and softmax
 *           attention of equal size?
 * Command   npx lightnet-bench run volumes --data-dir <folder> --scale small
 * Takes     smoke 30 s on synthetic volumes, small several hours on one core
 *
 * Models are as their authors build them. Encodings that are even in displacement would not tell a volume from itself played
 * backwards (suite direction-task).
 */
import type { Recipe, Scale } from "#case/case";
import { taskFigures } from "./task-figures.ts";
import { defineSuite, grid } from "#case/suite";
import { operatorTrainingCase, seedsOf, trainingCase } from "#catalogue/training-case";
import { volumesOf } from "./volume-data.ts";

const SUITE = "volumes";

const SEEDS: Readonly<Record<Scale, number>> = { smoke: 1, small: 3, paper: 3 };
const SIZES: Readonly<Record<Scale, string>> = { smoke: "nano-3d", small: "mini-3d", paper: "midi-3d" };

const MODELS: Readonly<Record<Scale, readonly string[]>> = {
  smoke: ["lightnet", "softmax-rope", "hgrn2-2scan"],
  small: ["lightnet", "softmax-rope", "hgrn2-2scan", "hgrn2-2scan-alternate"],
  paper: ["lightnet", "softmax-rope", "hgrn2-2scan", "hgrn2-2scan-alternate", "gla-2scan", "linear-attention"],
};
/** As many scans as three axes ask for, in LightNet's layer: no authors build a model of them. */
const OPERATORS: Readonly<Record<Scale, readonly string[]>> = {
  smoke: [],
  small: ["vector-6scan"],
  paper: ["vector-6scan", "scalar-6scan"],
};

const ASKED: Readonly<Record<Scale, readonly ("class" | "direction")[]>> = {
  smoke: ["class"],
  small: ["class", "direction"],
  paper: ["class", "direction"],
};

const shared = { schedule: "cosine", weightDecay: 0.05, clipNorm: 1 } as const;

const RECIPES: Readonly<Record<Scale, Recipe>> = {
  smoke: { ...shared, steps: 100, batch: 16, learningRate: 4e-3, warmupSteps: 10, testExamples: 256 },
  small: { ...shared, steps: 600, batch: 32, learningRate: 2e-3, warmupSteps: 60, testExamples: 1000 },
  paper: { ...shared, steps: 6250, batch: 128, learningRate: 1e-3, warmupSteps: 300 },
};

export const volumes = defineSuite({
  id: SUITE,
  title: "Volumes: what moves, and whither, with one, two and six scans",
  question:
    "How well does one additive scan classify volumes, beside two or six multiplicative scans and softmax attention of equal size?",
  kind: "training",
  processes: { smoke: 1, small: 1, paper: 1 },
  figures: taskFigures({ id: "accuracy", title: "Test accuracy (top-1)" }),
  cases: (context) => {
    const { scale } = context;
    const points = grid({
      seed: seedsOf(context, SEEDS[scale]),
      dataset: ASKED[scale].flatMap((asked) => volumesOf(context, asked)),
    }).map((point) => ({
      suite: SUITE,
      task: "image-classification",
      size: SIZES[scale],
      recipe: RECIPES[scale],
      ...point,
    }));
    return points.flatMap((point) => [
      ...MODELS[scale].map((model) => trainingCase(context, { ...point, model })),
      ...OPERATORS[scale].map((operator) => operatorTrainingCase(context, { ...point, operator })),
    ]);
  },
});
