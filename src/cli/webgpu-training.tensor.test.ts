// A smoke training on webgpu of the model of every task that a suite trains, and of the classifier with every kind of mixer that a
// contender has: narrow, a few steps on a few examples, and its loss falls.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allSuites } from "../../suites/index.ts";
import type { RunningEngine } from "#engine/engine";
import { engineAvailability, startEngine } from "#engine/registry";
import { contenders } from "#catalogue/contenders";
import type { OperatorSpec, TrainingCase } from "#case/case";
import { traitsOf } from "#case/operator-spec";
import { findDatasets } from "#data/sets/registry";
import { train } from "#tasks/train";

const availability = await engineAvailability("webgpu");
const required = (process.env["REQUIRE_ENGINES"] ?? "").split(",").includes("webgpu");
const title = availability.available ? "smoke training on webgpu" : `smoke training on webgpu: ${availability.reason}`;

/** What a mixer's layer and kernels depend on; more scans of the same kind train nothing else. */
const kindOf = ({ op, decay, tiedKey, causal }: OperatorSpec) =>
  [op, decay, tiedKey === true ? "tied" : undefined, causal ? "causal" : undefined]
    .filter((part) => part !== undefined)
    .join(" ");

/** One case of each task, as the suites declare them at scale smoke; the classifier with every kind of mixer. */
function casesOfEachKind(): [string, TrainingCase][] {
  const datasets = findDatasets(undefined)
    .filter(({ available }) => available)
    .map(({ id }) => id);
  const declared = allSuites
    .flatMap((suite) => suite.cases({ scale: "smoke", engine: "webgpu", datasets }))
    .filter((item) => item.kind === "training");
  const classifier = declared.find(({ task }) => task === "image-classification")!;
  const others = contenders
    .all()
    .filter(({ spec }) => traitsOf(spec).isMixer && !spec.causal && (spec.scans ?? 1) <= 2)
    .map(({ id, spec }): TrainingCase => ({
      ...classifier,
      contender: id,
      model: { ...classifier.model, mixer: { ...classifier.model.mixer, operator: spec } },
    }));
  const cases = new Map<string, TrainingCase>();
  for (const item of [...declared, ...others]) {
    const name = item.task === classifier.task ? `${item.task}: ${kindOf(item.model.mixer.operator)}` : item.task;
    if (!cases.has(name)) cases.set(name, narrowed(item));
  }
  return [...cases];
}

const oneStage = ({ pretraining: _, ...stage }: TrainingCase["recipe"]) => stage;

function narrowed({ mustLearn: _, ...item }: TrainingCase): TrainingCase {
  const { model } = item;
  const recipe = oneStage(item.recipe);
  return {
    ...item,
    model: {
      ...model,
      width: 16,
      depth: 1,
      heads: 2,
      gluWidth: 16,
      ...(model.patch === undefined ? {} : { patch: model.patch.map((edge) => 2 * edge) }),
    },
    recipe: {
      ...recipe,
      steps: 8,
      batch: 8,
      ...(recipe.text === undefined ? { trainExamples: 8 } : {}),
      testExamples: 8,
      learningRate: 2e-2,
      warmupSteps: 0,
      schedule: "constant",
      ...(recipe.diffusion === undefined
        ? {}
        : { diffusion: { ...recipe.diffusion, samplingSteps: 1, samples: 8, extractorSteps: 1 } }),
      ...(recipe.text === undefined ? {} : { text: { ...recipe.text, context: 16 } }),
    },
  };
}

describe.skipIf(!availability.available && !required)(title, () => {
  let engine: RunningEngine;
  beforeAll(async () => void (engine = await startEngine("webgpu")));
  afterAll(() => engine.stop());

  test.each(casesOfEachKind())("%s", { timeout: 300_000 }, async (_name, item) => {
    const { curve } = await train(item, { engine });
    const losses = curve.flatMap(({ values }) => (values["loss"] === undefined ? [] : [values["loss"]]));
    expect(losses).toHaveLength(8);
    const mean = (list: readonly number[]) => list.reduce((sum, loss) => sum + loss, 0) / list.length;
    expect(mean(losses.slice(-3))).toBeLessThan(mean(losses.slice(0, 3)));
    expect(losses.every(Number.isFinite)).toBe(true);
  });
});
