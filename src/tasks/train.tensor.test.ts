import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DataError, UsageError } from "#base/errors";
import type { Clock } from "#base/clock";
import { trainingResultSchema, type TrainingResult } from "#store/record";
import { caseId, type Recipe, type TrainingCase } from "#case/case";
import { contenders } from "#catalogue/contenders";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import { checkpointPath } from "#training/checkpoint";
import type { TrainingProgress } from "#training/train";
import { train } from "./train.ts";

const RECIPE: Recipe = {
  steps: 12,
  batch: 8,
  learningRate: 1e-2,
  warmupSteps: 2,
  schedule: "cosine",
  weightDecay: 0.05,
  clipNorm: 1,
  trainExamples: 32,
  testExamples: 16,
};

/** A model of 9 tokens and two layers on synthetic shapes. */
function tinyCase(contender: string, recipe: Partial<Recipe> = {}): TrainingCase {
  return {
    kind: "training",
    suite: "test",
    contender,
    engine: "wasm",
    precision: "float32",
    scale: "smoke",
    seed: 7,
    task: "image-classification",
    dataset: "synthetic-shapes",
    model: {
      variant: "test",
      width: 16,
      depth: 2,
      heads: 2,
      gluWidth: 32,
      mixer: { operator: contenders.get(contender).spec, encoding: "md-lrpe" },
      localMixing: "none",
      patch: [8, 8],
    },
    recipe: { ...RECIPE, ...recipe },
  };
}

/** What must not depend on the clock. */
const timeless = ({ curve, scores, itemScoreSamples }: TrainingResult) => ({
  curve: curve.map(({ step, values }) => ({ step, values })),
  scores,
  itemScoreSamples,
});
const losses = ({ curve }: TrainingResult) =>
  curve.map(({ values }) => values["loss"]).filter((loss) => loss !== undefined);

let folder = "";
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "training-"))));
afterEach(() => rmSync(folder, { recursive: true }));

await describeOnEachEngine("training", (engine, id) => {
  const all = [
    "additive-global",
    "softmax-full",
    "hgrn2-2scan",
    "vector-2scan",
    "scalar-2scan",
    "constant-2scan",
    "linear-global",
    "efficient-attention",
  ];
  // The plain JavaScript engine is right for correctness only: one mixer of each end of the scale is enough there.
  test.each(id === "cpu" ? all.slice(0, 1) : all)(
    "%s: learns a few examples by heart, and leaks nothing",
    async (contender) => {
      await expectNoLeak(engine(), async () => {
        const result = await train(tinyCase(contender, { steps: 60, trainExamples: 8 }), { engine: engine() });
        expect(trainingResultSchema.parse(result)).toEqual(result);
        const curve = losses(result);
        expect(curve[0]).toBeCloseTo(Math.log(8), 1); // the head starts at zero
        expect(curve.at(-1)!).toBeLessThan(curve[0]! / 2);
        expect(result.itemScoreSamples).toHaveLength(16);
        expect(result.synthetic).toBe(true);
        expect(result.dataLabel).toBe("synthetic shapes, first 8 to train");
      });
    },
  );

  if (id === "cpu") return; // what follows is the loop's, whatever the engine

  describe("the loop", () => {
    test("is the same for the same seed, and another for another", async () => {
      const run = async (item: TrainingCase) => timeless(await train(item, { engine: engine() }));
      const item = tinyCase("additive-global", { dropout: 0.1, dropPath: 0.1, labelSmoothing: 0.1, emaDecay: 0.9 });
      const first = await run(item);
      expect(await run(item)).toEqual(first);
      expect(await run({ ...item, seed: 8 })).not.toEqual(first);
    });

    test("two micro-batches make the step of one batch of both", async () => {
      const whole = losses(await train(tinyCase("additive-global"), { engine: engine() }));
      const halves = losses(
        await train(tinyCase("additive-global", { batch: 4, accumulate: 2 }), { engine: engine() }),
      );
      halves.forEach((loss, i) => expect(loss).toBeCloseTo(whole[i]!, 4));
    });

    test("evaluates along the way: test scores stand on the curve, the last ones are the result", async () => {
      const result = await train(tinyCase("softmax-full"), { engine: engine() });
      const tested = result.curve.filter(({ values }) => "test.top1" in values);
      expect(tested.map(({ step }) => step)).toEqual([3, 6, 9, 12]);
      expect(tested.at(-1)!.values["test.loss"]).toBe(result.scores["loss"]);
      expect(result.stepSecondsSamples).toHaveLength(12);
      expect(result.evaluationSeconds).toBeGreaterThan(0);
    });

    test("a budget ends training and evaluates the model as it stands", async () => {
      let now = 0;
      const clock: Clock = { now: () => now++, timestamp: () => "" }; // every look at the clock takes a second
      const result = await train(tinyCase("additive-global"), { engine: engine(), clock, trainBudgetSeconds: 5 });
      const last = Math.max(...result.curve.map(({ step }) => step));
      expect(last).toBe(5);
      expect(result.scores["loss"]).toBeGreaterThan(0);
    });

    test("divergence names the step and the batch", async () => {
      const item = tinyCase("linear-global", { learningRate: 1e30, warmupSteps: 0, schedule: "constant" });
      const failure = {
        code: "E_DIVERGED",
        message: expect.stringMatching(/diverged: loss .* at step \d+ \(batch seed 7, examples \d+ to \d+/) as string,
      };
      await expect(train(item, { engine: engine() })).rejects.toMatchObject(failure);
    });

    test("wrong data and sizes are refused before training, and nothing stays behind", async () => {
      await expectNoLeak(engine(), async () => {
        const item = tinyCase("additive-global");
        await expect(train({ ...item, dataset: "mnist" }, { engine: engine(), dataDir: folder })).rejects.toThrow(
          DataError,
        );
        await expect(train({ ...item, model: { ...item.model, patch: [7, 7] } }, { engine: engine() })).rejects.toThrow(
          UsageError,
        );
      });
    });
  });

  describe("checkpoints", () => {
    const item = tinyCase("hgrn2-2scan", { dropout: 0.1, emaDecay: 0.9 });

    test("a run stopped at any step goes on to exactly the same curve", async () => {
      const uninterrupted = timeless(await train(item, { engine: engine() }));
      for (const stopAfter of [1, 5, 11]) {
        const stop = new AbortController();
        const onProgress = ({ step }: TrainingProgress) => {
          if (step === stopAfter) stop.abort(new Error("stopped"));
        };
        const options = { engine: engine(), checkpointFolder: folder };
        await expectNoLeak(engine(), async () => {
          await expect(train(item, { ...options, onProgress, signal: stop.signal })).rejects.toThrow("stopped");
        });
        const steps: number[] = [];
        const resumed = await train(item, { ...options, onProgress: ({ step }) => void steps.push(step) });
        expect(steps[0]).toBe(stopAfter + 1);
        expect(timeless(resumed)).toEqual(uninterrupted);
        rmSync(checkpointPath(folder, caseId(item)));
      }
    });

    test("a run killed after a checkpoint goes on from it to exactly the same curve", async () => {
      const uninterrupted = timeless(await train(item, { engine: engine() }));
      let kept: Buffer | undefined;
      const path = checkpointPath(folder, caseId(item));
      const onProgress = ({ step }: TrainingProgress) => {
        if (step === 9) kept = readFileSync(path); // as it stood after step 8
      };
      await train(item, { engine: engine(), checkpointFolder: folder, checkpointEverySteps: 4, onProgress });
      writeFileSync(path, kept!);
      const steps: number[] = [];
      const resumed = await train(item, {
        engine: engine(),
        checkpointFolder: folder,
        onProgress: ({ step }) => void steps.push(step),
      });
      expect(steps).toEqual([9, 10, 11, 12]);
      expect(timeless(resumed)).toEqual(uninterrupted);
    });

    test("a finished run is only scored again", async () => {
      const options = { engine: engine(), checkpointFolder: folder };
      const first = await train(item, options);
      const steps: number[] = [];
      const second = await train(item, { ...options, onProgress: ({ step }) => void steps.push(step) });
      expect(steps).toEqual([]);
      expect(timeless(second)).toEqual(timeless(first));
    });

    test("a damaged checkpoint, or another case's, is refused by name", async () => {
      const options = { engine: engine(), checkpointFolder: folder };
      await train(item, options);
      const path = checkpointPath(folder, caseId(item));
      const whole = readFileSync(path);
      const other = tinyCase("softmax-full");
      writeFileSync(checkpointPath(folder, caseId(other)), whole);
      await expectNoLeak(engine(), async () => {
        await expect(train(other, options)).rejects.toThrow(/is the checkpoint of case/);
        truncateSync(path, whole.length - 100);
        await expect(train(item, options)).rejects.toThrow(DataError);
      });
    });
  });
});
