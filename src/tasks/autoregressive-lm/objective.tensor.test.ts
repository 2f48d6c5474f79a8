import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Recipe, TextRecipe, TrainingCase } from "#case/case";
import { contenders } from "#catalogue/contenders";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import { train } from "../train.ts";

const RECIPE: Recipe = {
  steps: 30,
  batch: 8,
  learningRate: 1e-2,
  warmupSteps: 2,
  schedule: "cosine",
  weightDecay: 0.1,
  clipNorm: 1,
  testExamples: 6,
};

interface TinyPoint {
  readonly contender?: string;
  readonly dataset?: string;
  readonly recipe?: Partial<Recipe>;
  readonly text?: Partial<TextRecipe>;
}

function tinyCase({ contender = "additive-causal", dataset = "markov-text", recipe, text }: TinyPoint): TrainingCase {
  return {
    kind: "training",
    suite: "test",
    contender,
    engine: "wasm",
    precision: "float32",
    scale: "smoke",
    seed: 7,
    task: "autoregressive-lm",
    dataset,
    model: {
      variant: "test",
      width: 16,
      depth: 2,
      heads: 2,
      gluWidth: 32,
      mixer: { operator: contenders.get(contender).spec, encoding: "lrpe" },
      localMixing: "none",
    },
    recipe: { ...RECIPE, ...recipe, text: { context: 16, tokeniser: "char", ...text } },
    mustLearn: true,
  };
}

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "autoregressive-"));
  mkdirSync(join(folder, "wikitext-103"));
  const words = Array.from({ length: 600 }, (_, i) =>
    i % 17 === 16 ? "\n" : ["the", "cat", "sat", "on", "a", "mat"][(i * i) % 6]!,
  ).join(" ");
  for (const name of ["wiki.valid.tokens", "wiki.test.tokens"])
    writeFileSync(join(folder, "wikitext-103", name), ` ${words} \n`);
});
afterEach(() => rmSync(folder, { recursive: true }));

await describeOnEachEngine("training an autoregressive language model", (engine) => {
  test.each(["additive-causal", "softmax-causal", "hgrn2-causal"])(
    "%s learns the Markov text, and nothing leaks",
    async (contender) => {
      await expectNoLeak(engine(), async () => {
        const result = await train(tinyCase({ contender }), { engine: engine() });
        expect(result.dataLabel).toBe(
          "Markov text (order 2, 16 letters), char (17 tokens), context 16, stride 16, first 6 windows scored",
        );
        expect(result.synthetic).toBe(true);
        const { loss, natsAboveOptimum, perplexity } = result.scores as Record<string, number>;
        expect(loss).toBeLessThan(result.trivialScores["loss"]! - 0.1);
        expect(natsAboveOptimum).toBeGreaterThan(0.05); // no model of this size knows the source after 30 steps
        expect(perplexity).toBeCloseTo(Math.exp(loss!), 8);
        const items = result.itemScoreSamples ?? [];
        expect(items).toHaveLength(6);
        expect(items.reduce((sum, item) => sum + item, 0) / 6).toBeCloseTo(loss!, 5);
        expect(result.floor).toMatchObject({ score: "loss" });
      });
    },
  );

  test("words of WikiText: perplexity a word is that a token, and the label names the split to train", async () => {
    const result = await train(tinyCase({ dataset: "wikitext-103", text: { tokeniser: "word", vocabulary: 6 } }), {
      engine: engine(),
      dataDir: folder,
    });
    expect(result.dataLabel).toBe(
      "WikiText-103 (valid to train, valid 601 of 217646 tokens, test 601 of 245569 tokens), word (6 tokens), context 16, stride 16, first 6 windows scored",
    );
    expect(result.scores["wordPerplexity"]).toBeCloseTo(result.scores["perplexity"]!, 8);
    expect(result.scores["bitsPerByte"]).toBeUndefined();
  });

  test("a stride scores the same text, each token after more of what precedes it", async () => {
    const point = (stride: number): TrainingCase =>
      tinyCase({ recipe: { steps: 5, testExamples: 1 + 64 / stride, trainExamples: 500 }, text: { stride } });
    const [side, strided] = [await train(point(16), { engine: engine() }), await train(point(4), { engine: engine() })];
    expect(strided.dataLabel).toContain("context 16, stride 4, first 500 windows to train, first 17 windows scored");
    expect(strided.trivialScores["loss"]).toBe(side.trivialScores["loss"]);
    expect(Object.keys(strided.scores)).toContain("loss.tokens0-15");
    expect(strided.scores["loss"]).not.toBe(side.scores["loss"]);
  });

  test("scored on validation text where the recipe says so", async () => {
    const result = await train(
      tinyCase({
        dataset: "wikitext-103",
        recipe: { steps: 1, testExamples: 2, scoredOn: "validation" },
        text: { tokeniser: "byte" },
      }),
      { engine: engine(), dataDir: folder },
    );
    expect(result.dataLabel).toContain("scored on validation text");
    expect(result.scores["bitsPerByte"]).toBeCloseTo(result.scores["loss"]! / Math.LN2, 8);
    expect(result.scores["wordPerplexity"]).toBeGreaterThan(result.scores["perplexity"]!);
  });

  test("what cannot be is refused before training", async () => {
    const refused = (item: TrainingCase) => expect(train(item, { engine: engine(), dataDir: folder })).rejects;
    await refused({ ...tinyCase({}), recipe: RECIPE }).toThrow("needs `text`");
    await refused(tinyCase({ contender: "additive-global" })).toThrow("must not see the token it predicts");
    await refused(tinyCase({ text: { stride: 17 } })).toThrow("skips some between windows");
    await refused(tinyCase({ dataset: "synthetic-shapes" })).toThrow("holds images, and text are needed");
    await refused(tinyCase({ dataset: "wikitext-103", text: { tokeniser: "word", context: 2000 } })).toThrow(
      "a window of 2000",
    );
  });
});
