/**
 * Seconds of a training step of every model on every task: what equal seconds means. Run it with nothing else on the
 * machine and one thread; `npm run choose-step-times -- <run>` turns its records into the lines of
 * src/catalogue/step-times.ts, from which the suites of the tasks make their cases at equal seconds.
 *
 * Question  how long a training step of each model takes beside LightNet's
 * Command   TF_NUM_INTRAOP_THREADS=1 npx lightnet-bench run step-times --engine tensorflow --data-dir <folder> --scale small
 * Takes     smoke 10 s, which only shows that it works; small about 10 min of one idle core
 */
import { withoutSamples, type Recipe, type Scale } from "#case/case";
import { defineSuite } from "#case/suite";
import { trainingCase } from "#catalogue/training-case";
import { taskPoints } from "./learning-rates.ts";

const SUITE = "step-times";
const STEPS: Readonly<Record<Scale, number>> = { smoke: 8, small: 24, paper: 24 };

/** The recipe's steps, few of them, and as little as can be around them. */
function timed(recipe: Recipe, steps: number): Recipe {
  return withoutSamples({ ...recipe, steps, warmupSteps: 0, trainExamples: 2000, testExamples: 64 });
}

export const stepTimes = defineSuite({
  id: SUITE,
  title: "Seconds of a training step",
  question: "How many steps of each rival take as long as a step of LightNet?",
  kind: "training",
  processes: { smoke: 1, small: 3, paper: 3 },
  figures: [
    {
      id: "throughput",
      title: "Training throughput",
      x: "contender",
      y: "throughput",
      facets: ["task", "dataset", "variant"],
      kind: "bar",
    },
  ],
  cases: (context) =>
    taskPoints(context).flatMap(({ models, recipe, ...point }) =>
      models.map((model) =>
        trainingCase(context, {
          suite: SUITE,
          ...point,
          model,
          recipe: timed(recipe, STEPS[context.scale]),
          seed: 0,
          mustLearn: false, // nothing is learned in so few steps
        }),
      ),
    ),
});
