/**
 * Mixer × local mixing, a two-way layout: does LightNet's gain come from its decay or from MD-TPE, which any mixer may have?
 *
 * Question  Does LightNet lead plain linear attention without local mixing too, or does its gain come from MD-TPE?
 *           (claim C4)
 * Command   npx lightnet-bench run local-mixing --data-dir <folder> --scale small
 * Takes     smoke 15 s, small about 4 h on 2 cores; a verdict takes --seeds 7
 */
import type { ModelSpec, Scale } from "#case/case";
import { defineSuite, grid } from "#case/suite";
import { seedsOf } from "#catalogue/training-case";
import { REVIEWER_SEEDS, reviewerOperatorCase } from "./reviewer-images.ts";

const SUITE = "local-mixing";

const MIXERS = ["additive-global", "linear-global", "softmax-full", "tied-2scan"];
const OPERATORS: Readonly<Record<Scale, readonly string[]>> = {
  smoke: ["additive-global", "linear-global"],
  small: MIXERS,
  paper: MIXERS,
};

const MIXINGS = ["none", "md-tpe-per-axis", "depthwise"] as const;
const LOCAL_MIXINGS: Readonly<Record<Scale, readonly ModelSpec["localMixing"][]>> = {
  smoke: ["none", "md-tpe-per-axis"],
  small: MIXINGS,
  paper: MIXINGS,
};

export const localMixing = defineSuite({
  id: SUITE,
  title: "Every mixer without local mixing, with MD-TPE and with a depthwise convolution",
  question: "Does LightNet lead plain linear attention without local mixing too, or does its gain come from MD-TPE?",
  kind: "training",
  processes: { smoke: 1, small: 1, paper: 1 },
  figures: [
    {
      id: "score",
      title: "Test accuracy by mixer",
      x: "contender",
      y: "score",
      facets: ["dataset", "localMixing"],
      kind: "bar",
    },
    {
      id: "curve",
      title: "Test accuracy against training time",
      x: "seconds",
      y: "score",
      score: "top1",
      facets: ["dataset", "localMixing"],
      kind: "line",
    },
  ],
  cases: (context) =>
    grid({
      seed: seedsOf(context, REVIEWER_SEEDS[context.scale]),
      localMixing: LOCAL_MIXINGS[context.scale],
      operator: OPERATORS[context.scale],
    }).map(({ seed, localMixing: mixing, operator }) =>
      reviewerOperatorCase(context, {
        suite: SUITE,
        operator,
        seed,
        localMixing: mixing,
      }),
    ),
});
