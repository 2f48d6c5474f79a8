/**
 * How much the encodings do: every encoding, with and without MD-TPE, on LightNet and on plain linear attention.
 *
 * Question  what no encoding, rotary, LRPE, MD-LRPE, sinusoidal and learned positions give, for either mixer
 * Command   npx lightnet-bench run encodings --data-dir <folder> --scale small
 * Takes     smoke 15 s, small about 3 h on 2 cores
 */
import type { ModelSpec, Scale } from "#case/case";
import { defineSuite, grid } from "#case/suite";
import { seedsOf } from "#catalogue/training-case";
import { mustLearn, REVIEWER_SEEDS, reviewerCase } from "./reviewer-images.ts";

const SUITE = "encodings";

type Encoding = ModelSpec["mixer"]["encoding"];
interface Grid {
  readonly contender: readonly string[];
  readonly encoding: readonly Encoding[];
  readonly localMixing: readonly ModelSpec["localMixing"][];
}

const WHOLE: Grid = {
  contender: ["additive-global", "linear-elu-global"],
  encoding: ["none", "md-lrpe", "lrpe", "rope", "sinusoidal", "learned"],
  localMixing: ["none", "md-tpe"],
};
const GRIDS: Readonly<Record<Scale, Grid>> = {
  smoke: { contender: ["additive-global"], encoding: ["none", "md-lrpe", "rope"], localMixing: ["none"] },
  small: WHOLE,
  paper: WHOLE,
};

export const encodings = defineSuite({
  id: SUITE,
  title: "Positional encodings with LightNet and with linear attention",
  claim:
    "What each positional encoding adds, with and without MD-TPE, for LightNet and for plain linear attention alike.",
  kind: "training",
  processes: { smoke: 1, small: 1, paper: 1 },
  figures: [
    {
      id: "score",
      title: "Test accuracy by encoding",
      x: "encoding",
      y: "score",
      facets: ["dataset", "localMixing"],
      kind: "bar",
    },
    {
      id: "step",
      title: "Time per training step by encoding",
      x: "encoding",
      y: "time",
      facets: ["dataset", "localMixing"],
      kind: "bar",
    },
  ],
  cases: (context) =>
    grid({ seed: seedsOf(context, REVIEWER_SEEDS[context.scale]), ...GRIDS[context.scale] }).map(
      ({ seed, contender, encoding, localMixing }) =>
        reviewerCase(context, {
          suite: SUITE,
          contender,
          seed,
          encoding,
          localMixing,
          mustLearn: mustLearn(context) && encoding === "md-lrpe", // a model that is told nothing of places may rightly fail
        }),
    ),
});
