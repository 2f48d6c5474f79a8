/**
 * What the directions of a multiplicative scan share. The paper ablates a "parameter sharing" that no public source
 * explains; this is the harness's own reading of it: two directions of GLA-like decay have all weights in common, or each its
 * own decay, its own keys and decay, or its own q, k, v and decay. LightNet, which has one direction, has nothing to share.
 *
 * Question  what weights of its own are worth to a direction, when the hidden width of the GLU pays for them
 * Command   npx lightnet-bench run sharing --data-dir <folder> --scale small
 * Takes     smoke 10 s, small about 2 h on 2 cores
 *
 * Directions are summed; one contender takes their mean. A norm follows the operator and takes up the factor, so that mean
 * and sum should agree: what they differ by shows how much two equal models do.
 */
import type { Scale } from "#case/case";
import { defineSuite, grid } from "#case/suite";
import { seedsOf } from "#catalogue/training-case";
import { mustLearn, REVIEWER_SEEDS, reviewerOperatorCase } from "./reviewer-images.ts";

const SUITE = "sharing";

const SUBJECT = "additive-global";
const SHARED = "vector-2scan";

const ALL = [
  SUBJECT,
  SHARED,
  "vector-2scan-mean",
  "vector-2scan-own-decay",
  "vector-2scan-own-k-decay",
  "vector-2scan-own-all",
];
const OPERATORS: Readonly<Record<Scale, readonly string[]>> = {
  smoke: [SHARED, "vector-2scan-own-all"],
  small: ALL,
  paper: ALL,
};

export const sharing = defineSuite({
  id: SUITE,
  title: "What the directions of a multiplicative scan share, at equal parameters",
  question: "What are weights of its own worth to each of two directions, when a narrower GLU pays for them?",
  kind: "training",
  processes: { smoke: 1, small: 1, paper: 1 },
  figures: [
    {
      id: "score",
      title: "Test accuracy by what two directions share",
      x: "contender",
      y: "score",
      facets: ["dataset"],
      kind: "bar",
    },
    {
      id: "step",
      title: "Time per training step by what two directions share",
      x: "contender",
      y: "time",
      facets: ["dataset"],
      kind: "bar",
    },
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
    grid({ seed: seedsOf(context, REVIEWER_SEEDS[context.scale]), operator: OPERATORS[context.scale] }).map(
      ({ seed, operator }) =>
        reviewerOperatorCase(context, { suite: SUITE, operator, seed, mustLearn: mustLearn(context) }),
    ),
});
