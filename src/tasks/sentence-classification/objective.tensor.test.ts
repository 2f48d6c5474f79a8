import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DataError } from "#base/errors";
import { createSentenceClassifier, takeOver } from "./head.ts";
import { trainingResultSchema } from "#store/record";
import { caseId, type Recipe, type TrainingCase } from "#case/case";
import { contenders } from "#catalogue/contenders";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import { syntheticSentences } from "#data/sets/synthetic-sentences";
import { encodeSentences, gatherRows } from "./sequences.ts";
import { specialTokens } from "../bidirectional-lm/masking.ts";
import { trainTokeniser } from "#data/text/train-tokeniser";
import { pretrainingCase } from "./objective.ts";
import { train } from "../train.ts";

const RECIPE: Recipe = {
  steps: 20,
  batch: 8,
  learningRate: 1e-2,
  warmupSteps: 3,
  schedule: "cosine",
  weightDecay: 0,
  clipNorm: 1,
  trainExamples: 8,
  testExamples: 16,
  text: { context: 16, tokeniser: "word" },
};

const PRETRAINING: NonNullable<Recipe["pretraining"]> = {
  dataset: "markov-text",
  recipe: {
    steps: 5,
    batch: 4,
    learningRate: 1e-2,
    warmupSteps: 0,
    schedule: "constant",
    weightDecay: 0,
    testExamples: 4,
    text: { context: 16, tokeniser: "byte", masking: { share: 0.25, replacement: "mask" } },
  },
};

function tinyCase(contender: string, recipe: Partial<Recipe> = {}): TrainingCase {
  const mixer = { operator: contenders.get(contender).spec, encoding: "lrpe" as const };
  return {
    kind: "training",
    suite: "test",
    contender,
    engine: "wasm",
    precision: "float32",
    scale: "smoke",
    seed: 7,
    task: "sentence-classification",
    dataset: "synthetic-sentences",
    model: { variant: "test", width: 16, depth: 2, heads: 2, gluWidth: 32, mixer, localMixing: "none" },
    recipe: { ...RECIPE, ...recipe },
  };
}

test("pairs are cut from the longer sentence, set apart, and filled up", () => {
  const tokeniser = trainTokeniser({ kind: "byte" }, "");
  const { pad, start, separator } = specialTokens(tokeniser.vocabulary);
  const data = { first: ["abcdef", "a"], second: ["xyz", "b"], labels: Float32Array.of(1, 0) };
  const sequences = encodeSentences(data, tokeniser, 9);
  const bytes = (text: string) => [...tokeniser.encode(text)];
  expect([...sequences.ids.subarray(0, 9)]).toEqual([start, ...bytes("abc"), separator, ...bytes("xyz"), separator]);
  expect([...sequences.ids.subarray(9)]).toEqual([
    start,
    ...bytes("a"),
    separator,
    ...bytes("b"),
    separator,
    pad,
    pad,
    pad,
    pad,
  ]);
  const { weights, labels } = gatherRows(sequences, Int32Array.of(1));
  expect([...weights]).toEqual([...new Array<number>(5).fill(Math.fround(0.2)), 0, 0, 0, 0]);
  expect(labels).toEqual([0]);
});

test("the stage before is the case that a suite would declare for it", () => {
  const item = tinyCase("softmax-full", { pretraining: PRETRAINING });
  const declared = {
    ...tinyCase("softmax-full"),
    task: "bidirectional-lm",
    dataset: "markov-text",
    recipe: PRETRAINING.recipe,
    mustLearn: true,
  };
  expect(caseId(pretrainingCase(item)!)).toBe(caseId(declared));
  expect(pretrainingCase(tinyCase("softmax-full"))).toBeUndefined();
});

await describeOnEachEngine("judging sentences", (engine, id) => {
  test.each(id === "cpu" ? ["additive-global"] : ["additive-global", "softmax-full", "hgrn2-2scan"])(
    "%s: learns a few sentences by heart, and leaks nothing",
    async (contender) => {
      await expectNoLeak(engine(), async () => {
        const result = await train(tinyCase(contender), { engine: engine() });
        expect(trainingResultSchema.parse(result)).toEqual(result);
        const losses = result.curve.map(({ values }) => values["loss"]).filter((loss) => loss !== undefined);
        expect(losses[0]).toBeCloseTo(Math.log(2), 5); // the head starts at zero
        expect(losses.at(-1)!).toBeLessThan(0.35);
        expect(result.itemScoreSamples!.reduce((sum, hit) => sum + hit, 0) / 16).toBeCloseTo(
          result.scores["accuracy"]!,
          12,
        );
        expect(result.scores["official"]).toBe(result.scores["accuracy"]);
        expect(result.trivialScores["official"]).toBe(0.5);
        expect([result.simpleBaseline, result.simpleScores!["official"]! > 0]).toEqual(["bag-of-words", true]);
        expect(result.dataLabel).toMatch(/^synthetic opinions, first 8 to train, word\S*, from scratch$/);
      });
    },
  );

  if (id === "cpu") return;

  test("goes on from a masked language model; its checkpoint is kept, and used again", async () => {
    await expectNoLeak(engine(), async () => {
      const folder = mkdtempSync(join(tmpdir(), "sentences-"));
      try {
        const item = tinyCase("additive-global", {
          steps: 4,
          text: { context: 16, tokeniser: "byte" },
          pretraining: PRETRAINING,
        });
        const first = await train(item, { engine: engine(), checkpointFolder: folder });
        expect(readdirSync(folder).sort()).toEqual(
          [item, pretrainingCase(item)!].map((one) => `${caseId(one)}.safetensors`).sort(),
        );
        expect(first.dataLabel).toContain("after 5 steps as masked language model of Markov text");
        expect(first.scores["pretrainingLoss"]).toBeGreaterThan(0);
        rmSync(join(folder, `${caseId(item)}.safetensors`));
        const steps: number[] = [];
        const again = await train(item, {
          engine: engine(),
          checkpointFolder: folder,
          onProgress: ({ step }) => void steps.push(step),
        });
        expect(steps).toEqual([1, 2, 3, 4]); // no step of the stage before
        expect(again.scores).toEqual(first.scores);
        const scratch = await train(
          tinyCase("additive-global", { steps: 4, text: { context: 16, tokeniser: "byte" } }),
          { engine: engine() },
        );
        expect(scratch.scores["loss"]).not.toBe(first.scores["loss"]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  });

  test("where only times of steps are wanted, no step of the stage before is taken", async () => {
    await expectNoLeak(engine(), async () => {
      const item = tinyCase("additive-global", {
        steps: 4,
        text: { context: 16, tokeniser: "byte" },
        pretraining: PRETRAINING,
      });
      const taken: string[] = [];
      const onProgress = ({ step, steps }: { step: number; steps: number }) => void taken.push(`${step} of ${steps}`);
      await train(item, { engine: engine(), isForTimes: true, onProgress });
      expect(taken).toEqual(["1 of 4", "2 of 4", "3 of 4", "4 of 4"]);
    });
  });

  test("weights of another shape are refused by name, and tokenisers must agree", async () => {
    const input = { tokens: 16, vocabulary: 20, outputs: 2 };
    const classifier = await createSentenceClassifier(tinyCase("softmax-full").model, input, {
      seed: 1,
      engine: engine(),
    });
    expect(() => takeOver(classifier.parameters, new Map([["embedding", new Float32Array(3)]]), "a case")).toThrow(
      DataError,
    );
    expect(() => takeOver(classifier.parameters, new Map(), "a case")).toThrow(
      /a case: weight "embedding" must have 320 values, \[20, 16\], found none/,
    );
    classifier.parameters.dispose();
    await expect(train(tinyCase("softmax-full", { pretraining: PRETRAINING }), { engine: engine() })).rejects.toThrow(
      /same tokeniser/,
    );
    await expect(train(tinyCase("softmax-full", { labelSmoothing: 0.1 }), { engine: engine() })).rejects.toThrow(
      /labelSmoothing/,
    );
  });

  test("the synthetic sentences are what the tests take them for", () => {
    expect(syntheticSentences.load(undefined).train.first[0]!.split(" ").length).toBe(10);
  });
});
