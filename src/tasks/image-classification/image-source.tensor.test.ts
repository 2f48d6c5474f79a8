import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Random } from "#base/random";
import type { TrainingResult } from "#store/record";
import type { Recipe, TrainingCase } from "#case/case";
import { contenders } from "#catalogue/contenders";
import { imagenette64 } from "#data/sets/imagenette";
import { pixelStatistics, TrainingOrder } from "#data/batches";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import { TrainingImages } from "./image-source.ts";
import { train } from "../train.ts";

const CLASS_FOLDERS = [
  "n01440764",
  "n02102040",
  "n02979186",
  "n03000684",
  "n03028079",
  "n03394916",
  "n03417042",
  "n03425413",
  "n03445777",
  "n03888257",
];
const TRAIN_EACH = 3;

let dataDir = "";
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "photographs-"));
  for (const [label, name] of CLASS_FOLDERS.entries()) {
    for (const [split, count] of [
      ["train", TRAIN_EACH],
      ["val", 1],
    ] as const) {
      const folder = join(dataDir, "imagenette", split, name);
      mkdirSync(folder, { recursive: true });
      for (let i = 0; i < count; i++) {
        const background = { r: 25 * label, g: 255 - 25 * label, b: 60 * i };
        writeFileSync(
          join(folder, `${i}.png`),
          await sharp({ create: { width: 64, height: 64, channels: 3, background } })
            .png()
            .toBuffer(),
        );
      }
    }
  }
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const RECIPE: Recipe = {
  steps: 10,
  batch: 6,
  learningRate: 1e-2,
  warmupSteps: 2,
  schedule: "cosine",
  weightDecay: 0.05,
  clipNorm: 1,
};
const AUGMENT = {
  flip: true,
  shift: 4,
  cropArea: 0.5,
  randAugment: { operations: 2, magnitude: 9, deviation: 0.5 },
  erase: 0.25,
  mixup: 0.8,
  cutmix: 1,
};

/** A model of 16 tokens on the photographs. */
function photoCase(recipe: Partial<Recipe> = {}): TrainingCase {
  return {
    kind: "training",
    suite: "test",
    contender: "additive-global",
    engine: "wasm",
    precision: "float32",
    scale: "smoke",
    seed: 3,
    task: "image-classification",
    dataset: "imagenette-64",
    model: {
      variant: "test",
      width: 16,
      depth: 1,
      heads: 2,
      gluWidth: 32,
      mixer: { operator: contenders.get("additive-global").spec, encoding: "none" },
      localMixing: "none",
      patch: [16, 16],
    },
    recipe: { ...RECIPE, ...recipe },
  };
}

/** What must not depend on the clock. */
const timeless = ({ curve, scores }: TrainingResult) => ({
  curve: curve.map(({ step, values }) => ({ step, values })),
  scores,
});
const finalLoss = ({ curve }: TrainingResult) =>
  curve
    .map(({ values }) => values["loss"])
    .filter((loss) => loss !== undefined)
    .at(-1)!;

describe("training batches decoded on demand", () => {
  test("are those of the order, prepared or begun ahead, and normalised", async () => {
    const { train: split } = imagenette64.load(dataDir);
    const statistics = await pixelStatistics(split);
    const images = new TrainingImages(split, { order: new TrainingOrder(5, split.count), statistics });
    for (const position of [0, 6, 12]) {
      await images.prepare(position, 6);
      const { labels, pixels } = images.take(position, 6);
      const numbers = new TrainingOrder(5, split.count).take(position, 6);
      expect([...labels]).toEqual([...numbers].map((number) => split.labels[number]));
      const bytes = await split.decode!(numbers);
      const red = (bytes[0]! / 255 - statistics.mean[0]!) / statistics.deviation[0]!;
      expect(pixels[0]).toBeCloseTo(red, 5);
    }
    expect(statistics.mean[0]).toBeCloseTo((25 * 4.5) / 255, 2);
  });

  test("crops are cut out of the whole photograph, the same whenever a position comes", async () => {
    // Every photograph is red but for its middle square, which is all that an uncropped batch shows of it.
    const bytes = Buffer.from(
      Array.from({ length: 64 * 256 }, (_, i) => (i % 256 < 96 || i % 256 >= 160 ? [255, 0, 0] : [0, 0, 255])).flat(),
    );
    const photo = await sharp(bytes, { raw: { width: 256, height: 64, channels: 3 } })
      .png()
      .toBuffer();
    for (const name of CLASS_FOLDERS)
      for (let i = 0; i < TRAIN_EACH; i++) writeFileSync(join(dataDir, "imagenette", "train", name, `${i}.png`), photo);
    const { train: split } = imagenette64.load(dataDir);
    const images = (area?: number) =>
      new TrainingImages(split, {
        order: new TrainingOrder(5, split.count),
        statistics: { mean: [0, 0, 0], deviation: [1, 1, 1] },
        crops: area === undefined ? undefined : { area, random: new Random(7) },
      });
    const batchAt = async (source: TrainingImages, position: number, count: number) => {
      await source.prepare(position, count);
      return source.take(position, count).pixels;
    };
    const redShare = (pixels: Float32Array) =>
      pixels.filter((_, i) => i % 3 === 0).reduce((sum, value) => sum + value, 0) / (pixels.length / 3);
    expect(redShare(await batchAt(images(), 0, 30))).toBe(0);
    const cropped = await batchAt(images(0.05), 0, 30);
    expect(redShare(cropped)).toBeGreaterThan(0.5); // three quarters of a photograph are red
    expect(redShare(cropped)).toBeLessThan(1);
    const size = cropped.length / 30;
    expect(await batchAt(images(0.05), 10, 5)).toEqual(cropped.subarray(10 * size, 15 * size));
  });

  test("a damaged image is named when its batch comes, not before", async () => {
    const { train: split } = imagenette64.load(dataDir);
    const images = new TrainingImages(split, {
      order: new TrainingOrder(5, split.count),
      statistics: { mean: [0, 0, 0], deviation: [1, 1, 1] },
    });
    for (const name of CLASS_FOLDERS) writeFileSync(join(dataDir, "imagenette", "train", name, "0.png"), "damaged");
    const prepareAll = async () => {
      for (let position = 0; position < split.count; position += 6) await images.prepare(position, 6);
    };
    await expect(prepareAll()).rejects.toThrow(/0\.png: is neither a JPEG nor a PNG/);
  });
});

await describeOnEachEngine("training on photographs", (engine, id) => {
  test("learns colours, leaks nothing, and names its data", async () => {
    await expectNoLeak(engine(), async () => {
      const result = await train(photoCase({ steps: id === "cpu" ? 10 : 60 }), { engine: engine(), dataDir });
      expect(result.dataLabel).toBe("Imagenette at 64×64 (train 30 of 9469, val 10 of 3925)");
      expect([result.trainExamples, result.testExamples, result.synthetic]).toEqual([30, 10, false]);
      if (id !== "cpu") expect(finalLoss(result)).toBeLessThan(Math.log(10) - 0.5);
    });
  });

  test.skipIf(id === "cpu")(
    "augmented, it is the same for a seed, another for another, and the same when resumed",
    async () => {
      const folder = join(dataDir, "checkpoints");
      const augmented = photoCase({ augment: AUGMENT, accumulate: 2, labelSmoothing: 0.1 });
      const whole = await train(augmented, { engine: engine(), dataDir });
      expect(
        timeless(await train(photoCase({ accumulate: 2, labelSmoothing: 0.1 }), { engine: engine(), dataDir })),
      ).not.toEqual(timeless(whole));
      const stop = new AbortController();
      const interrupted = train(augmented, {
        engine: engine(),
        dataDir,
        checkpointFolder: folder,
        signal: stop.signal,
        onProgress: ({ step }) => {
          if (step === 4) stop.abort(new Error("stopped"));
        },
      });
      await expect(interrupted).rejects.toThrow("stopped");
      expect(timeless(await train(augmented, { engine: engine(), dataDir, checkpointFolder: folder }))).toEqual(
        timeless(whole),
      );
    },
  );
});
