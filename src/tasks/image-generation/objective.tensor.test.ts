import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DataError, UsageError } from "#base/errors";
import { Random } from "#base/random";
import { createDenoiser } from "./head.ts";
import * as tf from "#engine/tf";
import { trainingResultSchema, type TrainingResult } from "#store/record";
import { caseId, withoutSamples, type Recipe, type TrainingCase } from "#case/case";
import { contenders } from "#catalogue/contenders";
import { linearSchedule } from "./schedule.ts";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import { drawnInceptionFile } from "#testing/inception-weights";
import { latentFile } from "#testing/latent-files";
import { AdamW } from "#training/adamw";
import { cleanDataOf } from "./clean-data.ts";
import { drawSamples, predictedNoise } from "./draw-samples.ts";
import { mostNeighbourhoods } from "./feature-extractor.ts";
import { imageGeneration } from "./objective.ts";
import { inceptionScoreNames } from "./inception-features.ts";
import { trainOwnFeatures } from "./own-features.ts";
import type { TrainingProgress } from "#training/train";
import { train } from "../train.ts";

const RECIPE: Recipe = {
  steps: 8,
  batch: 8,
  learningRate: 1e-2,
  warmupSteps: 0,
  schedule: "constant",
  weightDecay: 0,
  clipNorm: 1,
  trainExamples: 64,
  testExamples: 16,
  diffusion: { classDropout: 0.2, sampler: "ddim", samplingSteps: 2, guidance: 1.5, samples: 16, extractorSteps: 4 },
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
    task: "image-generation",
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
const timeless = ({ curve, scores, itemScoreSamples, trivialScores, method }: TrainingResult) => ({
  curve: curve.map(({ step, values }) => ({ step, values })),
  scores,
  itemScoreSamples,
  trivialScores,
  method,
});

let folder = "";
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "generation-"))));
afterEach(() => rmSync(folder, { recursive: true }));

await describeOnEachEngine("training a denoiser", (engine, id) => {
  const all = ["additive-global", "softmax-full", "hgrn2-2scan", "vector-2scan", "linear-global"];
  test.each(id === "cpu" ? all.slice(0, 1) : all)(
    "%s: the error falls from 1, the scores are complete, and nothing leaks",
    async (contender) => {
      await expectNoLeak(engine(), async () => {
        const result = await train(tinyCase(contender, { steps: id === "cpu" ? 12 : 45 }), {
          engine: engine(),
          samplesFolder: join(folder, "samples"),
        });
        expect(trainingResultSchema.parse(result)).toEqual(result);
        const losses = result.curve.flatMap(({ values }) => values["loss"] ?? []);
        expect(losses[0]).toBeGreaterThan(0.9); // of the first steps, which begin at the trivial predictor
        expect(result.trivialScores["mse"]).toBeCloseTo(1, 1);
        // 16 channels carry a quarter of the 64 values of a patch: the error of noise ends near 0.75.
        expect(result.scores["mse"]).toBeLessThan(id === "cpu" ? 0.95 : 0.85);
        expect(Object.keys(result.scores)).toEqual([
          "mse",
          "mse.t0-249",
          "mse.t250-499",
          "mse.t500-749",
          "mse.t750-999",
          "fdOwn",
          "precisionOwn",
          "recallOwn",
          "classAgreement",
          "judgeAccuracy",
        ]);
        expect(result.simpleBaseline).toBe("pixel-denoiser");
        expect(result.simpleScores!["mse"]).toBeLessThan(result.trivialScores["mse"]!);
        expect(Object.keys(result.trivialScores)).toEqual(Object.keys(result.scores));
        expect(result.itemScoreSamples).toHaveLength(16);
        expect(result.method).toMatch(/16 samples, DDIM with 2 steps, guidance 1.5; Fréchet distance \(no FID\)/);
        expect(result.picture).toMatch(/^samples\/[0-9a-f]{16}\.png$/);
        expect([...readFileSync(join(folder, result.picture!)).subarray(1, 4)]).toEqual(
          [..."PNG"].map((letter) => letter.charCodeAt(0)),
        );
      });
    },
  );

  if (id === "cpu") return; // what follows does not depend on the engine

  test("a run stopped at any step goes on to exactly the same curve, scores and samples", async () => {
    const item = tinyCase("additive-global", { emaDecay: 0.9, dropout: 0.1 });
    const samplesFolder = join(folder, "samples");
    const picture = () => readFileSync(join(samplesFolder, `${caseId(item)}.png`));
    const uninterrupted = timeless(await train(item, { engine: engine(), samplesFolder }));
    const drawn = picture();
    for (const stopAfter of [1, 6]) {
      const stop = new AbortController();
      const onProgress = ({ step }: TrainingProgress) => {
        if (step === stopAfter) stop.abort(new Error("stopped"));
      };
      const options = { engine: engine(), checkpointFolder: join(folder, "checkpoints"), samplesFolder };
      await expect(train(item, { ...options, onProgress, signal: stop.signal })).rejects.toThrow("stopped");
      const steps: number[] = [];
      expect(timeless(await train(item, { ...options, onProgress: ({ step }) => void steps.push(step) }))).toEqual(
        uninterrupted,
      );
      expect(steps[0]).toBe(stopAfter + 1);
      expect(picture().equals(drawn)).toBe(true);
      // Finished: only scored again, with no point of the curve twice.
      expect(timeless(await train(item, options))).toEqual(uninterrupted);
      rmSync(join(folder, "checkpoints"), { recursive: true });
    }
  });

  test("a recipe without samples draws none: the error of the noise is all that is scored", async () => {
    const recipe = withoutSamples({ ...RECIPE, steps: 2 });
    const result = await train(tinyCase("additive-global", recipe), {
      engine: engine(),
      samplesFolder: join(folder, "samples"),
    });
    expect(result.scores["mse"]).toBeGreaterThan(0);
    expect(Object.keys(result.scores).filter((name) => !name.startsWith("mse"))).toEqual([]);
    expect(result.picture).toBeUndefined();
    expect(result.method).toBeUndefined();
  });

  test("without a folder for samples no picture is kept", async () => {
    const result = await train(tinyCase("additive-global", { steps: 1 }), { engine: engine() });
    expect(result.picture).toBeUndefined();
    expect(existsSync(join(folder, "samples"))).toBe(false);
  });

  test("the class is heeded from the third step on: the head has to move first, then the modulation", async () => {
    const trained = () => Promise.reject(new Error("no other case is asked for"));
    const prepared = await imageGeneration.prepare(tinyCase("additive-global"), {
      engine: engine(),
      dataDir: undefined,
      trained,
    });
    const { parameters } = prepared;
    const optimiser = new AdamW(parameters, { weightDecay: 0 });
    const heeded: boolean[] = [];
    for (let step = 0; step < 4; step++) {
      const { value, grads } = tf.variableGrads(() => prepared.loss(8 * step, 8, new Random(step)), parameters.list());
      heeded.push(grads[parameters.get("classes").name]!.dataSync<"float32">().some((entry) => entry !== 0));
      const gradient = optimiser.flatten(parameters.list().map((variable) => grads[variable.name]!));
      const norm = optimiser.update(gradient, step, 1e-2);
      tf.dispose([value, norm, gradient, ...Object.values(grads)]);
    }
    expect(heeded).toEqual([false, false, true, true]);
    optimiser.dispose();
    prepared.dispose();
  });

  test("samples are the same for the same weights, differ by class under guidance, and the ancestral ones from DDIM's", async () => {
    const { model } = tinyCase("additive-global");
    const input = { imageShape: [24, 24, 1], classes: 8 };
    const denoiser = await createDenoiser(model, input, { seed: 1, engine: engine() });
    for (const name of ["head.w", "last.w", "block0.modulation.w"]) {
      const weight = denoiser.parameters.get(name);
      const draw = tf.tensor(new Random(2).normals(weight.size, 0.3), weight.shape);
      weight.assign(draw);
      draw.dispose();
    }
    const sampled = { denoiser, ...input, patch: [8, 8], schedule: linearSchedule(), limit: 1 };
    const diffusion = { ...RECIPE.diffusion!, samples: 66, samplingSteps: 3 };
    await expectNoLeak(engine(), async () => {
      const first = await drawSamples(sampled, diffusion);
      expect(first).toHaveLength(66 * 576);
      expect(first.every((value) => Math.abs(value) <= 1)).toBe(true);
      expect(await drawSamples(sampled, diffusion)).toEqual(first);
      expect(await drawSamples(sampled, { ...diffusion, guidance: 3 })).not.toEqual(first);
      expect(await drawSamples(sampled, { ...diffusion, sampler: "ancestral" })).not.toEqual(first);
      const noisy = first.slice(0, 2 * 576);
      const [a, b] = [0, 1].map((label) =>
        predictedNoise(sampled, noisy, { timesteps: [500, 500], classes: [label, 2] }),
      );
      const [x, y] = [await a!, await b!];
      expect(x.subarray(0, 576)).not.toEqual(y.subarray(0, 576));
      expect(x.subarray(576)).toEqual(y.subarray(576));
    });
    denoiser.parameters.dispose();
  });

  test("the extractor of features is the same every time and classifies far above chance", async () => {
    const data = cleanDataOf("synthetic-shapes", undefined, RECIPE);
    await expectNoLeak(engine(), async () => {
      const [first, second] = [
        await trainOwnFeatures(data, { steps: 120 }),
        await trainOwnFeatures(data, { steps: 120 }),
      ];
      expect(second.name).toBe(first.name);
      const share = Number(/([\d.]+) % right/.exec(first.name)![1]);
      expect(share).toBeGreaterThan(60);
      const values = new Float32Array(2 * 576).fill(0.5);
      const features = await first.featuresOf(values, 2);
      expect(features).toMatchObject({ count: 2, width: 64 });
      expect(await second.featuresOf(values, 2)).toEqual(features);
      first.dispose();
      second.dispose();
    });
  });

  test(
    "with Inception weights there are scores on its features beside the others, by another name",
    { timeout: 240_000 },
    async () => {
      const path = join(folder, "inception.safetensors");
      writeFileSync(path, drawnInceptionFile());
      const diffusion = { ...RECIPE.diffusion!, samples: 8 };
      await expectNoLeak(engine(), async () => {
        const item = tinyCase("additive-global", { steps: 1, diffusion });
        const { scores, trivialScores, method } = await train(item, { engine: engine(), inceptionWeights: path });
        expect(Object.keys(scores).slice(-8)).toEqual([
          "fdOwn",
          "precisionOwn",
          "recallOwn",
          "classAgreement",
          "judgeAccuracy",
          "fdInception.samples8",
          "precisionInception.samples8",
          "recallInception.samples8",
        ]);
        expect(Object.keys(trivialScores)).toEqual(Object.keys(scores));
        expect(scores["fdInception.samples8"]).toBeGreaterThan(0);
        expect(scores["fdInception.samples8"]).not.toBe(scores["fdOwn"]);
        expect(method).toMatch(
          /; FD \(Inception, 8 samples\) against 8 training images on 2048 features of Inception-v3 \(pool3; inception.safetensors, sha256 [0-9a-f]{16}\)$/,
        );
        writeFileSync(path, "no weights");
        await expect(train(item, { engine: engine(), inceptionWeights: path })).rejects.toThrow(DataError); // before the first step
      });
    },
  );

  test("precision and recall look at as many vectors as a minute allows", () => {
    expect([mostNeighbourhoods(64), mostNeighbourhoods(2048)]).toEqual([12_500, 2209]);
  });

  test("a distance is an FID-50K on 50 000 images of either kind, and names its samples otherwise", () => {
    expect(inceptionScoreNames(50_000, 50_000).distance).toBe("fid50k");
    expect(inceptionScoreNames(50_000, 49_999).distance).toBe("fdInception.samples50000");
    expect(inceptionScoreNames(10_000, 60_000)).toEqual({
      distance: "fdInception.samples10000",
      precision: "precisionInception.samples10000",
      recall: "recallInception.samples10000",
    });
  });

  test("latents in files are trained on as they are: no limits, no picture, and the same scores", async () => {
    for (const split of ["train", "val"]) {
      mkdirSync(join(folder, "imagenet-latents", split), { recursive: true });
      const latents = new Random(6).normals(24 * 4096);
      const labels = Array.from({ length: 24 }, (_, i) => i);
      writeFileSync(
        join(folder, "imagenet-latents", split, "0.safetensors"),
        latentFile({ latents, labels, shape: [24, 4, 32, 32] }),
      );
    }
    await expectNoLeak(engine(), async () => {
      const item = { ...tinyCase("additive-global", { steps: 2, trainExamples: 20 }), dataset: "imagenet-latents" };
      const inceptionWeights = join(folder, "inception.safetensors");
      writeFileSync(inceptionWeights, drawnInceptionFile());
      const result = await train(item, {
        engine: engine(),
        dataDir: folder,
        samplesFolder: join(folder, "samples"),
        inceptionWeights,
      });
      expect(result.method).toMatch(/; no Inception features: these are no images in grey or colour$/);
      expect(result).toMatchObject({
        dataLabel: "ImageNet-1k latents (24 train, 24 val), first 20 to train",
        synthetic: false,
        trainExamples: 20,
        testExamples: 16,
      });
      expect(result.picture).toBeUndefined();
      expect(result.scores["mse"]).toBeLessThan(result.trivialScores["mse"]!);
      expect(result.scores["fdOwn"]).toBeGreaterThan(0);
      const { train: kept, test: held } = cleanDataOf("imagenet-latents", folder, {
        ...RECIPE,
        trainExamples: 20,
        scoredOn: "validation",
      });
      expect([kept.count, held.count]).toEqual([18, 2]);
      expect(held.values([0])).toEqual(
        cleanDataOf("imagenet-latents", folder, { ...RECIPE, trainExamples: 20 }).train.values([18]),
      );
      expect(() => cleanDataOf("tinyshakespeare", folder, RECIPE)).toThrow(
        /holds text, and images or latents are needed/,
      );
    });
  });

  test("a recipe without diffusion, patches that do not fit and damaged images are refused, and nothing stays behind", async () => {
    await expectNoLeak(engine(), async () => {
      const item = tinyCase("additive-global");
      await expect(train(tinyCase("additive-global", { testExamples: 3 }), { engine: engine() })).rejects.toThrow(
        /3 scored images of synthetic shapes.* are too few/,
      );
      const plain = Object.fromEntries(Object.entries(item.recipe).filter(([name]) => name !== "diffusion"));
      await expect(train({ ...item, recipe: plain as Recipe }, { engine: engine() })).rejects.toThrow(
        /needs a recipe with `diffusion`/,
      );
      await expect(train({ ...item, model: { ...item.model, patch: [7, 7] } }, { engine: engine() })).rejects.toThrow(
        UsageError,
      );
      mkdirSync(join(folder, "mnist"));
      for (const name of [
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
      ]) {
        writeFileSync(join(folder, "mnist", name), "no idx file");
      }
      await expect(train({ ...item, dataset: "mnist" }, { engine: engine(), dataDir: folder })).rejects.toThrow(
        DataError,
      );
    });
  });
});
