/**
 * One training step of the models of the four tasks, ours and those of the programs that the run is given, side by side: forward,
 * backward and optimiser from the same weights, on the same batch. No data are needed.
 *
 * Question  how long does a training step of each model take here, and in the libraries that others use?
 * Command   npx lightnet-bench run train-step --scale small --contender contenders/pytorch
 *           (a run has one engine, so that --engine wasm and --engine tensorflow are two runs)
 * Takes     smoke 20 s, small 20 min on 2 cores; paper needs a GPU
 */
import type { Recipe, Scale } from "#case/case";
import { STEP_TASKS, trainStepCase } from "#catalogue/train-step-case";
import { defineSuite } from "#case/suite";
import { CAUSAL_RECIPES } from "./autoregressive-lm.ts";
import { MASKED_RECIPES } from "./bidirectional-lm.ts";
import { IMAGE_RECIPES } from "./image-classification.ts";
import { GENERATION_RECIPES } from "./image-generation.ts";

const SUITE = "train-step";

interface Point {
  readonly task: string;
  readonly size: string;
  readonly recipe: Recipe;
}

/** Each task at the size and with the batch that it is trained with; of image classification also one of more tokens. */
const POINTS: Readonly<Record<Scale, readonly Point[]>> = {
  smoke: [
    { task: "image-classification", size: "nano", recipe: { ...IMAGE_RECIPES.smoke, batch: 8 } },
    { task: "autoregressive-lm", size: "lm-nano", recipe: { ...CAUSAL_RECIPES.smoke, batch: 8 } },
  ],
  small: [
    { task: "image-classification", size: "mini", recipe: IMAGE_RECIPES.small },
    { task: "image-classification", size: "midi", recipe: { ...IMAGE_RECIPES.small, batch: 8 } },
    { task: "image-generation", size: "DiT-mini", recipe: GENERATION_RECIPES.small },
    { task: "bidirectional-lm", size: "mlm-mini", recipe: MASKED_RECIPES.small },
    { task: "autoregressive-lm", size: "lm-mini", recipe: CAUSAL_RECIPES.small },
  ],
  paper: [
    { task: "image-classification", size: "T", recipe: { ...IMAGE_RECIPES.paper, batch: 64 } },
    { task: "image-generation", size: "DiT-S", recipe: { ...GENERATION_RECIPES.paper, batch: 64 } },
    { task: "bidirectional-lm", size: "mlm-120m", recipe: MASKED_RECIPES.paper },
    { task: "autoregressive-lm", size: "lm-44m", recipe: CAUSAL_RECIPES.paper },
  ],
};

const MODELS = ["lightnet", "lightnet-no-tpe", "softmax-rope", "hgrn2-2scan"];
const CAUSAL = ["lightnet-causal", "lightnet-no-tpe-causal", "softmax-rope-causal", "hgrn2-causal"];

export const trainStep = defineSuite({
  id: SUITE,
  title: "One training step by other implementations",
  question: "How long does a training step of each model take, and in the libraries that others use?",
  kind: "train-step",
  processes: { smoke: 1, small: 8, paper: 8 },
  figures: [
    {
      id: "time",
      title: "Time of a training step",
      x: "contender",
      y: "time",
      headings: ["task", "variant"],
      kind: "bar",
    },
    {
      id: "ratio",
      title: "Time of a training step, relative to LightNet's",
      where: { causal: false },
      x: "contender",
      y: "ratio",
      baseline: "lightnet",
      headings: ["task", "variant"],
      kind: "bar",
    },
  ],
  cases: (context) =>
    POINTS[context.scale].flatMap(({ task, size, recipe }) => {
      const { learningRate, weightDecay, clipNorm, beta2, batch } = recipe;
      const optimiser = {
        learningRate,
        weightDecay,
        ...(clipNorm === undefined ? {} : { clipNorm }),
        ...(beta2 === undefined ? {} : { beta2 }),
      };
      const { causal } = STEP_TASKS.find((one) => one.task === task)!;
      return (causal ? CAUSAL : MODELS).map((model) =>
        trainStepCase(context, { suite: SUITE, task, size, model, batch, optimiser }),
      );
    }),
});
