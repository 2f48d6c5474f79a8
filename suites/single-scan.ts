/**
 * Every rival restricted to what LightNet pays, one scan a layer, on the same scaffold: what the second scan buys them.
 *
 * Question  how good are multiplicative rivals with a single scan, beside one additive scan and beside their own two
 * Command   npx lightnet-bench run single-scan --data-dir <folder> --scale small
 * Takes     smoke 10 s, small about 3 h on 2 cores
 */
import type { Scale } from "#case/case";
import { defineSuite, grid } from "#case/suite";
import { seedsOf } from "#catalogue/training-case";
import { REVIEWER_SEEDS, reviewerCase } from "./reviewer-images.ts";

const SUITE = "single-scan";

const ALL = [
  "lightnet",
  "lightnet-causal",
  "hgrn2-causal",
  ...["hgrn2", "gla", "retnet", "mamba2"].flatMap((rival) => [
    `${rival}-2scan-alternate`,
    `${rival}-2scan-head-split`,
    `${rival}-2scan`,
  ]),
];
const MODELS: Readonly<Record<Scale, readonly string[]>> = {
  smoke: ["lightnet", "retnet-2scan-alternate", "gla-2scan-alternate"],
  small: ALL,
  paper: ALL,
};

export const singleScan = defineSuite({
  id: SUITE,
  title: "Rivals restricted to a single scan",
  question: "With one scan per layer for all, how do the rivals compare with one additive scan and with their own two?",
  kind: "training",
  processes: { smoke: 1, small: 1, paper: 1 },
  figures: [
    {
      id: "score",
      title: "Test accuracy with one scan per layer, and with two",
      x: "contender",
      y: "score",
      facets: ["dataset"],
      kind: "bar",
    },
    { id: "step", title: "Time per training step", x: "contender", y: "time", facets: ["dataset"], kind: "bar" },
    {
      id: "curve",
      title: "Test accuracy against training time",
      x: "seconds",
      y: "score",
      score: "top1",
      facets: ["dataset"],
      kind: "line",
    },
  ],
  cases: (context) =>
    grid({ seed: seedsOf(context, REVIEWER_SEEDS[context.scale]), model: MODELS[context.scale] }).map(
      ({ seed, model }) =>
        reviewerCase(context, {
          suite: SUITE,
          model,
          seed,
        }),
    ),
});
