/**
 * How asymmetric the causal additive form is beside the global one: the same images, handed over row by row, in reverse
 * and column by column. The global form sees all tokens whatever their order, so its scores differ by rounding alone; what
 * the causal form's scores differ by is its dependence on the direction. Both go with cosine LRPE, which is even, and without
 * MD-TPE, whose filters run one way: else the order would come in beside the operator.
 *
 * Question  how much of the causal form's accuracy hangs on the order in which an image is read
 * Command   npx lightnet-bench run direction-asymmetry --data-dir <folder> --scale small
 * Takes     smoke 15 s, small about 4 h on 2 cores
 */
import type { Recipe, Scale } from "#case/case";
import { defineSuite, grid } from "#case/suite";
import { seedsOf } from "#catalogue/training-case";
import { REVIEWER_RECIPES, REVIEWER_SEEDS, reviewerOperatorCase } from "./reviewer-images.ts";

const SUITE = "direction-asymmetry";

const ALL = ["additive-causal", "additive-global", "tied-causal", "tied-2scan"];
const OPERATORS: Readonly<Record<Scale, readonly string[]>> = {
  smoke: ["additive-causal", "additive-global"],
  small: ALL,
  paper: ALL,
};

const PLACES = { encoding: "md-lrpe", localMixing: "none" } as const;

type Order = NonNullable<Recipe["tokenOrder"]>;
const WHOLE: readonly Order[] = ["row-major", "reversed", "transposed"];
const ORDERS: Readonly<Record<Scale, readonly Order[]>> = {
  smoke: ["row-major", "reversed"],
  small: WHOLE,
  paper: WHOLE,
};

export const directionAsymmetry = defineSuite({
  id: SUITE,
  title: "Order of the tokens: the causal additive form against the global one",
  question:
    "How much does the causal additive form depend on the order in which the tokens of an image come, beside the global form?",
  kind: "training",
  processes: { smoke: 1, small: 1, paper: 1 },
  figures: [
    {
      id: "score",
      title: "Test accuracy by order of the tokens",
      x: "tokenOrder",
      y: "score",
      facets: ["dataset"],
      kind: "bar",
    },
  ],
  cases: (context) =>
    grid({
      seed: seedsOf(context, REVIEWER_SEEDS[context.scale]),
      operator: OPERATORS[context.scale],
      tokenOrder: ORDERS[context.scale],
    }).map(({ seed, operator, tokenOrder }) =>
      reviewerOperatorCase(context, {
        suite: SUITE,
        operator,
        ...PLACES,
        recipe: { ...REVIEWER_RECIPES[context.scale], tokenOrder },
        seed,
      }),
    ),
});
