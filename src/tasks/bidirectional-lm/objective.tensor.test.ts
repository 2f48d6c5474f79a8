import { describe, expect, test } from "vitest";
import { UsageError } from "#base/errors";
import * as tf from "#engine/tf";
import { createLanguageModel } from "#models/language-model";
import { trainingResultSchema, type TrainingResult } from "#store/record";
import type { Recipe, TrainingCase } from "#case/case";
import { contenders } from "#catalogue/contenders";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import { maskWindow } from "./masking.ts";
import { Random } from "#base/random";
import { hiddenNats } from "./objective.ts";
import { train } from "../train.ts";

const RECIPE: Recipe = {
  steps: 40,
  batch: 8,
  learningRate: 2e-2,
  warmupSteps: 4,
  schedule: "cosine",
  weightDecay: 0,
  clipNorm: 1,
  testExamples: 8,
  text: { context: 16, tokeniser: "char", masking: { share: 0.25, replacement: "mask" } },
};

function modelWith(contender: string): TrainingCase["model"] {
  const mixer = { operator: contenders.get(contender).spec, encoding: "lrpe" as const };
  return { variant: "test", width: 16, depth: 2, heads: 2, gluWidth: 32, mixer, localMixing: "none" };
}

function tinyCase(contender: string, recipe: Partial<Recipe> = {}): TrainingCase {
  return {
    kind: "training",
    suite: "test",
    contender,
    engine: "wasm",
    precision: "float32",
    scale: "smoke",
    seed: 7,
    task: "bidirectional-lm",
    dataset: "markov-text",
    model: modelWith(contender),
    recipe: { ...RECIPE, ...recipe },
  };
}

const timeless = ({ curve, scores, itemScoreSamples }: TrainingResult) => ({
  curve: curve.map(({ step, values }) => ({ step, values })),
  scores,
  itemScoreSamples,
});

await describeOnEachEngine("bidirectional language model", (engine, id) => {
  test.each(id === "cpu" ? ["additive-global"] : ["additive-global", "softmax-full", "hgrn2-2scan"])(
    "%s: trains, is scored against counting, and leaks nothing",
    async (contender) => {
      await expectNoLeak(engine(), async () => {
        const result = await train({ ...tinyCase(contender), mustLearn: true }, { engine: engine() });
        expect(trainingResultSchema.parse(result)).toEqual(result);
        const curve = result.curve.map(({ values }) => values["loss"]).filter((loss) => loss !== undefined);
        expect(Math.abs(curve[0]! - Math.log(21))).toBeLessThan(0.4); // 16 letters, perhaps an unknown one, 4 special tokens
        expect(curve.at(-1)!).toBeLessThan(curve[0]!);
        const { loss, perplexity, underUnigram, underNeighbourCounts } = result.scores;
        expect(perplexity).toBeCloseTo(Math.exp(loss!), 6);
        expect(underUnigram).toBeCloseTo(result.trivialScores["loss"]! - loss!, 9);
        // counting neighbours says more of an order-2 source than counting letters
        expect(result.trivialScores["underNeighbourCounts"]).toBeLessThan(-0.3);
        expect(result.simpleBaseline).toBe("neighbour-counts");
        expect(result.simpleScores!["loss"]).toBeCloseTo(
          result.trivialScores["loss"]! + result.trivialScores["underNeighbourCounts"]!,
          9,
        );
        expect(underNeighbourCounts! - underUnigram!).toBeCloseTo(result.trivialScores["underNeighbourCounts"]!, 9);
        expect(result.itemScoreSamples).toHaveLength(8);
        expect(result.floor).toMatchObject({ score: "loss", limit: result.trivialScores["loss"]! - 0.2 });
        expect([result.synthetic, result.dataLabel]).toEqual([true, expect.stringMatching(/^Markov text .*, char/)]);
      });
    },
  );

  if (id === "cpu") return; // what follows is the task's, whatever the engine

  describe("no leakage", () => {
    const ids = Int32Array.from({ length: 12 }, (_, i) => (i * 5 + 2) % 6);
    const draw = () => maskWindow(ids, { share: 0.25, replacement: "mask" }, { tokens: 6, random: new Random(2) });

    test.each(["additive-global", "softmax-full", "hgrn2-2scan"])(
      "%s: nothing the model computes depends on the hidden tokens",
      async (contender) => {
        const { parameters, features } = await createLanguageModel(
          modelWith(contender),
          { tokens: 12, vocabulary: 10 },
          { seed: 1, engine: engine() },
        );
        const window = draw();
        const changed = ids.slice();
        for (const position of window.positions) changed[position] = (changed[position]! + 1) % 6;
        const other = maskWindow(changed, { share: 0.25, replacement: "mask" }, { tokens: 6, random: new Random(2) });
        expect([...other.positions]).toEqual([...window.positions]);
        expect([...other.targets]).not.toEqual([...window.targets]);
        const values = (inputs: Int32Array) =>
          tf.tidy(() => [...features(tf.tensor2d(inputs, [1, 12], "int32")).dataSync()]);
        expect(values(other.inputs)).toEqual(values(window.inputs));
        parameters.dispose();
      },
    );

    test("the embedding of a token that only stands in hidden places learns from the output alone: no gradient through the input", async () => {
      const { parameters, features } = await createLanguageModel(
        modelWith("additive-global"),
        { tokens: 12, vocabulary: 10 },
        { seed: 1, engine: engine() },
      );
      const own = ids.slice();
      const { positions } = draw();
      for (const position of positions) own[position] = 5;
      own.forEach((token, i) => (own[i] = token === 5 && !positions.includes(i) ? 4 : token)); // token 5 is hidden wherever it stands
      const { inputs } = maskWindow(own, { share: 0.25, replacement: "mask" }, { tokens: 6, random: new Random(2) });
      tf.tidy(() => {
        const embedding = parameters.get("embedding");
        const sum = () => tf.sum(tf.square(features(tf.tensor2d(inputs, [1, 12], "int32")))) as tf.Scalar;
        const gradient = tf.variableGrads(
          () =>
            tf.add(
              sum(),
              tf.sum(tf.mul(features(tf.tensor2d(inputs, [1, 12], "int32")), tf.range(0, 16))),
            ) as tf.Scalar,
          [embedding],
        ).grads[embedding.name]!;
        const rows = gradient.arraySync() as number[][];
        expect(rows[5]!.every((value) => value === 0)).toBe(true);
        expect(rows[6]!.some((value) => value !== 0)).toBe(true); // [MASK] itself learns
        expect(rows[4]!.some((value) => value !== 0)).toBe(true);
      });
      parameters.dispose();
    });

    test("the loss is that of the hidden places, each against its own token", async () => {
      const { parameters, forward, ...model } = await createLanguageModel(
        modelWith("softmax-full"),
        { tokens: 12, vocabulary: 10 },
        { seed: 1, engine: engine() },
      );
      const window = draw();
      tf.tidy(() => {
        const nats = hiddenNats({ parameters, forward, ...model }, [window, window]).arraySync();
        const logits = tf
          .logSoftmax(tf.squeeze(forward(tf.tensor2d(window.inputs, [1, 12], "int32")), [0]))
          .arraySync() as number[][];
        nats.forEach((row) =>
          row.forEach((value, i) => expect(value).toBeCloseTo(-logits[window.positions[i]!]![window.targets[i]!]!, 5)),
        );
      });
      parameters.dispose();
    });
  });

  test("learns a tiny text by heart", async () => {
    const { parameters, ...model } = await createLanguageModel(
      modelWith("additive-global"),
      { tokens: 12, vocabulary: 14 },
      { seed: 1, engine: engine() },
    );
    const text = Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 3, 1);
    const windows = Array.from({ length: 16 }, (_, i) =>
      maskWindow(text, { share: 0.25, replacement: "mask" }, { tokens: 10, random: new Random(i) }),
    );
    const optimiser = tf.train.adam(1e-2);
    let last = Infinity;
    for (let step = 0; step < 120; step++) {
      const loss = optimiser.minimize(
        () => tf.mean(hiddenNats({ parameters, ...model }, windows)) as tf.Scalar,
        true,
        parameters.list(),
      )!;
      last = loss.dataSync()[0]!;
      loss.dispose();
    }
    optimiser.dispose();
    parameters.dispose();
    expect(last).toBeLessThan(0.1);
  });

  test("is the same for the same seed; 80-10-10 and dropout too; another seed is another run", async () => {
    const item = tinyCase("additive-global", {
      steps: 6,
      dropout: 0.1,
      labelSmoothing: 0.1,
      text: { ...RECIPE.text!, masking: { share: 0.25, replacement: "80-10-10" } },
    });
    const run = async (one: TrainingCase) => timeless(await train(one, { engine: engine() }));
    const first = await run(item);
    expect(await run(item)).toEqual(first);
    expect(await run({ ...item, seed: 8 })).not.toEqual(first);
  });

  test("recipes that do not fit are refused", async () => {
    const bare = Object.fromEntries(Object.entries(RECIPE).filter(([name]) => name !== "text")) as Recipe;
    await expect(train({ ...tinyCase("softmax-full"), recipe: bare }, { engine: engine() })).rejects.toThrow(
      UsageError,
    );
    await expect(
      train(tinyCase("softmax-full", { text: { context: 16, tokeniser: "char" } }), { engine: engine() }),
    ).rejects.toThrow(/text\.masking/);
    await expect(train(tinyCase("softmax-full", { trainExamples: 5 }), { engine: engine() })).rejects.toThrow(
      /trainExamples/,
    );
    await expect(
      train(tinyCase("softmax-full", { text: { ...RECIPE.text!, context: 30_000 } }), { engine: engine() }),
    ).rejects.toThrow(/fewer than one window of 30000/);
  });
});
