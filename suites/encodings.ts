/**
 * How much the encodings do: every encoding, without MD-TPE and with either form of it, on LightNet and on plain linear
 * attention; on text LightNet alone.
 *
 * Question  what no encoding, cosine LRPE on all or half of the channels, rotation with trained and with fixed angles,
 *           sinusoidal and learned positions give, for either mixer
 * Command   npx lightnet-bench run encodings --data-dir <folder> --scale small
 * Takes     smoke 15 s, small about 5 h on 2 cores
 */
import type { ModelSpec, Scale } from "#case/case";
import { defineSuite, grid } from "#case/suite";
import { operatorTrainingCase, seedsOf } from "#catalogue/training-case";
import { CAUSAL_RECIPES, CAUSAL_SIZES, textFor } from "./autoregressive-lm.ts";
import { mustLearn, REVIEWER_SEEDS, reviewerOperatorCase } from "./reviewer-images.ts";

const SUITE = "encodings";

interface Grid {
  readonly operator: readonly string[];
  readonly encoding: readonly ModelSpec["mixer"]["encoding"][];
  readonly localMixing: readonly ModelSpec["localMixing"][];
}

const LOCAL_MIXINGS = ["none", "md-tpe", "md-tpe-per-axis"] as const;

const WHOLE: Grid = {
  operator: ["additive-global", "linear-elu-global"],
  encoding: ["none", "md-lrpe", "md-lrpe-half", "md-lrpe-rotating", "rope", "sinusoidal", "learned"],
  localMixing: LOCAL_MIXINGS,
};
const IMAGES: Readonly<Record<Scale, Grid>> = {
  smoke: { operator: ["additive-global"], encoding: ["none", "md-lrpe", "md-lrpe-rotating"], localMixing: ["none"] },
  small: WHOLE,
  paper: WHOLE,
};

/** On text, LightNet alone, and what its authors have beside what it was given here before. */
const TEXT: Grid = {
  operator: ["additive-causal"],
  encoding: ["md-lrpe", "md-lrpe-rotating", "rope"],
  localMixing: LOCAL_MIXINGS,
};

export const encodings = defineSuite({
  id: SUITE,
  title: "Positional encodings with LightNet and with linear attention",
  question:
    "What does each positional encoding add, with and without MD-TPE, for LightNet and for plain linear attention alike?",
  kind: "training",
  processes: { smoke: 1, small: 1, paper: 1 },
  figures: [
    {
      id: "score",
      title: "Test accuracy by encoding",
      x: "encoding",
      y: "score",
      facets: ["task", "dataset", "localMixing"],
      kind: "bar",
    },
    {
      id: "step",
      title: "Time per training step by encoding",
      x: "encoding",
      y: "time",
      facets: ["task", "dataset", "localMixing"],
      kind: "bar",
    },
  ],
  cases: (context) => {
    const { scale } = context;
    const seed = seedsOf(context, REVIEWER_SEEDS[scale]);
    const images = grid({ seed, ...IMAGES[scale] }).map((point) =>
      reviewerOperatorCase(context, {
        suite: SUITE,
        ...point,
        mustLearn: mustLearn(context) && point.encoding === "md-lrpe", // a model that is told nothing of places may rightly fail
      }),
    );
    if (scale === "smoke") return images;
    const text = { task: "autoregressive-lm", dataset: textFor(context), size: CAUSAL_SIZES[scale] } as const;
    const lines = grid({ seed, ...TEXT }).map((point) =>
      operatorTrainingCase(context, { suite: SUITE, ...text, recipe: CAUSAL_RECIPES[scale], ...point }),
    );
    return [...images, ...lines];
  },
});
