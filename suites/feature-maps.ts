/**
 * Plain linear attention beside LightNet, all else equal, as the model grows: the softmax of the keys over the tokens is
 * replaced by a feature map φ(k), alone or with the usual denominator.
 *
 * Question  does the softmax of the keys over the tokens do what a plain φ(k) does not, and how does that, time and
 *           operations grow with the size of the model
 * Command   npx lightnet-bench run feature-maps --data-dir <folder> --scale small
 * Takes     smoke 25 s, small about 4 h on 2 cores
 */
import type { Scale } from "#case/case";
import { defineSuite, grid } from "#case/suite";
import { seedsOf } from "#catalogue/training-case";
import { mustLearn, REVIEWER_SEEDS, reviewerOperatorCase } from "./reviewer-images.ts";

const SUITE = "feature-maps";

const ALL = [
  "additive-global",
  "linear-elu-global",
  "linear-relu-global",
  "linear-exp-global",
  "linear-identity-global",
  "linear-elu-normalised-global",
  "linear-relu-normalised-global",
  "linear-exp-normalised-global",
];

const OPERATORS: Readonly<Record<Scale, readonly string[]>> = {
  smoke: ["additive-global", "linear-elu-global", "linear-exp-normalised-global"],
  small: ALL,
  paper: ALL,
};

const SIZES: Readonly<Record<Scale, readonly string[]>> = {
  smoke: ["pico", "nano"],
  small: ["pico", "nano", "micro"],
  paper: ["T", "S", "B"],
};

export const featureMaps = defineSuite({
  id: SUITE,
  title: "Softmax of the keys over the tokens against plain feature maps, over model size",
  question:
    "Does the softmax of the keys over the tokens do better than a plain feature map φ(k) of equal size, and how do score, time and operations grow with the model?",
  kind: "training",
  processes: { smoke: 1, small: 1, paper: 1 },
  figures: [
    { id: "score", title: "Test accuracy against model width", x: "C", y: "score", facets: ["dataset"], kind: "line" },
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
    {
      id: "curve",
      title: "Test accuracy against training time",
      x: "seconds",
      y: "score",
      score: "top1",
      facets: ["dataset", "variant"],
      kind: "line",
    },
  ],
  cases: (context) =>
    grid({
      seed: seedsOf(context, REVIEWER_SEEDS[context.scale]),
      size: SIZES[context.scale],
      operator: OPERATORS[context.scale],
    }).map(({ seed, size, operator }) =>
      reviewerOperatorCase(context, {
        suite: SUITE,
        operator,
        size,
        seed,
        mustLearn: mustLearn(context) && operator === "additive-global", // a poor feature map is a result
      }),
    ),
});
