import { describe, expect, test } from "vitest";
import { UsageError } from "#base/errors";
import * as tf from "#engine/tf";
import { createLanguageModel } from "#models/language-model";
import { trainingResultSchema } from "#store/record";
import type { ModelSpec, Recipe, TrainingCase } from "#case/case";
import { contenders } from "#catalogue/contenders";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import { train } from "../train.ts";

const RECIPE: Recipe = {
  steps: 4,
  batch: 4,
  learningRate: 1e-2,
  warmupSteps: 1,
  schedule: "cosine",
  weightDecay: 0,
  clipNorm: 1,
  testExamples: 32,
};

function modelOf(contender: string): ModelSpec {
  const mixer = { operator: contenders.get(contender).spec, encoding: "none" } as const;
  return { variant: "test", width: 16, depth: 2, heads: 2, gluWidth: 32, mixer, localMixing: "depthwise" };
}

function recallCase(contender: string, dataset: string, recipe: Partial<Recipe> = {}): TrainingCase {
  return {
    kind: "training",
    suite: "test",
    contender,
    engine: "wasm",
    precision: "float32",
    scale: "smoke",
    seed: 3,
    task: "recall",
    dataset,
    model: modelOf(contender),
    recipe: { ...RECIPE, ...recipe },
    mustLearn: true,
  };
}

await describeOnEachEngine("recall", (engine, id) => {
  test("scores: accuracy, nats, and accuracy by load and distance; chance is exact; nothing leaks", async () => {
    await expectNoLeak(engine(), async () => {
      const result = await train(recallCase("additive-causal", "mqar-16"), { engine: engine() });
      expect(trainingResultSchema.parse(result)).toEqual(result);
      expect(result.trivialScores).toEqual({ accuracy: 1 / 8, loss: Math.log(8) });
      expect(result.floor).toMatchObject({ score: "accuracy", limit: 1 / 8 + 0.1 });
      expect(result.itemScoreSamples).toHaveLength(32 * 2);
      const { accuracy, "accuracy.items2": ofTwo } = result.scores;
      expect(ofTwo).toBe(accuracy);
      expect(accuracy).toBeCloseTo(result.itemScoreSamples!.reduce((sum, hit) => sum + hit, 0) / 64, 12);
      expect(Object.keys(result.scores).filter((name) => name.startsWith("accuracy.distance"))).toEqual([
        "accuracy.distance1",
        "accuracy.distance2-3",
        "accuracy.distance4-7",
        "accuracy.distance8-15",
      ]);
      expect([result.synthetic, result.trainExamples, result.testExamples]).toEqual([true, 16, 32]);
    });
  });

  if (id === "cpu") return; // the rest is the same on every engine, and slow here

  test.each([
    ["additive-causal", "mqar-16"],
    ["additive-global", "mqar-4x4"],
  ])("%s learns a few sequences of %s by heart", async (contender, dataset) => {
    const item = recallCase(contender, dataset, { steps: 60, batch: 8, trainExamples: 8, testExamples: 8 });
    const { curve } = await train(item, { engine: engine() });
    const losses = curve.flatMap(({ values }) => values["loss"] ?? []);
    expect(losses[0]).toBeCloseTo(Math.log(16), 0);
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 4);
  });

  test("a seed has its own sequences, and the same ones every time", async () => {
    const curveOf = async (item: TrainingCase) =>
      (await train(item, { engine: engine() })).curve.map(({ values }) => values);
    const item = recallCase("softmax-causal", "mqar-16");
    const first = await curveOf(item);
    expect(await curveOf(item)).toEqual(first);
    expect(await curveOf({ ...item, seed: 4 })).not.toEqual(first);
  });

  test("validation is another split, named in the label", async () => {
    const scored = await train(recallCase("softmax-causal", "mqar-16", { scoredOn: "validation" }), {
      engine: engine(),
    });
    expect(scored.dataLabel).toMatch(/, scored on validation sequences$/);
    const tested = await train(recallCase("softmax-causal", "mqar-16"), { engine: engine() });
    expect(scored.scores["loss"]).not.toBe(tested.scores["loss"]);
  });

  test("causal models are not asked before the answer was shown", async () => {
    await expectNoLeak(engine(), async () => {
      await expect(train(recallCase("additive-causal", "mqar-any-16"), { engine: engine() })).rejects.toThrow(
        UsageError,
      );
      await expect(
        train({ ...recallCase("additive-causal", "mqar-16"), dataset: "mnist" }, { engine: engine() }),
      ).rejects.toThrow(UsageError);
    });
  });

  describe("the depthwise filter", () => {
    const changedAt = async (contender: string) => {
      const network = await createLanguageModel(
        modelOf(contender),
        { tokens: 8, vocabulary: 16 },
        { seed: 1, engine: engine() },
      );
      const logits = (last: number) =>
        tf.tidy(
          () => network.forward(tf.tensor2d([1, 2, 3, 4, 5, 6, 7, last], [1, 8], "int32")).dataSync() as Float32Array,
        );
      const [one, other] = [logits(8), logits(9)];
      network.parameters.dispose();
      return Array.from({ length: 8 }, (_, token) =>
        one.subarray(token * 16, (token + 1) * 16).some((value, i) => value !== other[token * 16 + i]),
      );
    };

    test.each(["additive-causal", "softmax-causal", "hgrn2-causal"])(
      "of %s shows no token a later one",
      async (contender) => {
        expect(await changedAt(contender)).toEqual([false, false, false, false, false, false, false, true]);
      },
    );

    test("of a global mixer looks to both sides", async () => {
      expect((await changedAt("additive-global"))[6]).toBe(true);
    });
  });
});
