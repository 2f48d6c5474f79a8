/**
 * Volumes: three-dimensional data, where multiplicative decays need up to six directional scans and LightNet one.
 * Objects that move around a frame; asked is what moves, and whither.
 *
 * Claim     one additive scan classifies volumes no worse than two or six multiplicative scans or softmax attention
 * Command   npx lightnet-bench run volumes --data-dir <folder> --scale small
 * Takes     smoke 30 s on synthetic volumes, small several hours on one core
 *
 * Every contender has MD-LRPE and, where directions are asked, the same MD-TPE: cosine encodings alone do not tell a
 * volume from itself played backwards (suite direction-task). Smoke asks for shapes alone and goes without it.
 */
import type { Recipe, Scale } from "#case/case";
import { defineSuite, grid } from "#case/suite";
import { seedsOf, trainingCase } from "#catalogue/training-case";
import { volumesOf } from "./volume-data.ts";

const SUITE = "volumes";

const SEEDS: Readonly<Record<Scale, number>> = { smoke: 1, small: 3, paper: 3 };
const SIZES: Readonly<Record<Scale, string>> = { smoke: "nano-3d", small: "mini-3d", paper: "midi-3d" };

const CONTENDERS: Readonly<Record<Scale, readonly string[]>> = {
  smoke: ["additive-global", "softmax-full", "hgrn2-2scan"],
  small: ["additive-global", "softmax-full", "hgrn2-2scan", "vector-6scan"],
  paper: [
    "additive-global",
    "softmax-full",
    "hgrn2-2scan",
    "vector-2scan",
    "vector-6scan",
    "scalar-6scan",
    "linear-global",
  ],
};

const ASKED: Readonly<Record<Scale, readonly ("class" | "direction")[]>> = {
  smoke: ["class"],
  small: ["class", "direction"],
  paper: ["class", "direction"],
};

const LOCAL_MIXING = { smoke: "none", small: "md-tpe", paper: "md-tpe" } as const;

const shared = { schedule: "cosine", weightDecay: 0.05, clipNorm: 1 } as const;

const RECIPES: Readonly<Record<Scale, Recipe>> = {
  smoke: { ...shared, steps: 100, batch: 16, learningRate: 4e-3, warmupSteps: 10, testExamples: 256 },
  small: { ...shared, steps: 600, batch: 32, learningRate: 2e-3, warmupSteps: 60, testExamples: 1000 },
  paper: { ...shared, steps: 6250, batch: 128, learningRate: 1e-3, warmupSteps: 300 },
};

export const volumes = defineSuite({
  id: SUITE,
  title: "Volumes: what moves, and whither, with one, two and six scans",
  claim:
    "One additive scan classifies volumes no worse than two or six multiplicative scans or softmax attention of equal size.",
  kind: "training",
  processes: { smoke: 1, small: 1, paper: 1 },
  figures: [
    { id: "loss", title: "Training loss", x: "step", y: "loss", facets: ["dataset", "variant"], kind: "line" },
    {
      id: "accuracy",
      title: "Test accuracy (top-1)",
      x: "contender",
      y: "score",
      facets: ["dataset", "variant"],
      kind: "bar",
    },
    {
      id: "throughput",
      title: "Training throughput",
      x: "contender",
      y: "throughput",
      facets: ["dataset", "variant"],
      kind: "bar",
    },
  ],
  cases: (context) =>
    grid({
      seed: seedsOf(context, SEEDS[context.scale]),
      dataset: ASKED[context.scale].flatMap((asked) => volumesOf(context, asked)),
      contender: CONTENDERS[context.scale],
    }).map((point) =>
      trainingCase(context, {
        suite: SUITE,
        task: "image-classification",
        size: SIZES[context.scale],
        recipe: RECIPES[context.scale],
        localMixing: LOCAL_MIXING[context.scale],
        ...point,
      }),
    ),
});
