// What the simple baselines of the tasks can do, and what they cannot: each sees its data, and no more than it says.

import { describe, expect, test } from "vitest";
import { Random } from "#base/random";
import { pixelStatistics } from "#data/batches";
import { onDemandSplit, type ImageSplit } from "#data/sets/dataset";
import { markovText } from "#data/sets/markov-text";
import { trainTokeniser } from "#data/text/train-tokeniser";
import { ngramNats } from "./autoregressive-lm/baseline.ts";
import { linearOnPixels } from "./image-classification/baseline.ts";
import { pixelDenoiser } from "./image-generation/baseline.ts";
import type { CleanSplit } from "./image-generation/clean-data.ts";
import { linearSchedule } from "./image-generation/schedule.ts";
import { trainLinearModel } from "./linear-model.ts";

test("a linear model finds log-odds that are linear, and values that are", () => {
  const random = new Random(2);
  const points = Array.from({ length: 2000 }, () => [random.normal(), random.normal()] as const);
  const data = {
    count: 2000,
    features: 2,
    example: (item: number) => ({ places: [0, 1], values: points[item]! }),
    epochs: 10,
  };
  const sides = points.map(([x, y]) => (x > 2 * y ? 1 : 0));
  const classify = trainLinearModel({ ...data, labels: sides, classes: 2 });
  const right = points.filter((point, i) => {
    const [no, yes] = classify({ places: [0, 1], values: point });
    return yes! > no! === (sides[i] === 1);
  });
  expect(right.length / 2000).toBeGreaterThan(0.98);
  const predict = trainLinearModel({ ...data, labels: points.map(([x, y]) => 3 + x - 2 * y), classes: undefined });
  expect(predict({ places: [0, 1], values: [1, 1] })[0]).toBeCloseTo(2, 1);
});

describe("softmax regression on pixels", () => {
  /** Two classes by which half is brighter; the third is told from them by no single pixel. */
  const split = (seed: number, count: number): ImageSplit => {
    const random = new Random(seed);
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 2);
    const pixels = Uint8Array.from({ length: count * 16 }, (_, i) => {
      const isLeft = i % 4 < 2;
      return 100 + 40 * random.uniform() + (isLeft === (labels[Math.floor(i / 16)] === 0) ? 30 : 0);
    });
    return { count, shape: [4, 4, 1], pixels, labels };
  };
  const [train, held] = [split(1, 400), split(2, 200)];

  test("tells what single pixels tell, decoded on demand or not", async () => {
    const data = { train, test: held, classes: 2, statistics: await pixelStatistics(train) };
    const scores = await linearOnPixels(data);
    expect(scores!["top1"]).toBeGreaterThan(0.95);
    const decode = (numbers: ArrayLike<number>) =>
      Promise.resolve(
        Uint8Array.from(Array.from(numbers, (n) => [...train.pixels.subarray(n * 16, n * 16 + 16)]).flat()),
      );
    const { count, shape, labels } = train;
    expect(await linearOnPixels({ ...data, train: onDemandSplit({ count, shape, labels, decode }) })).toEqual(scores);
  });

  test("is left out where the decoded images would fill the memory", async () => {
    const decode = () => Promise.reject(new Error("must not be asked"));
    const huge = onDemandSplit({ count: 1e6, shape: [224, 224, 3], labels: new Uint16Array(1e6), decode });
    const statistics = { mean: [0, 0, 0], deviation: [1, 1, 1] };
    expect(await linearOnPixels({ train: huge, test: huge, classes: 1000, statistics })).toBeUndefined();
  });
});

describe("n-gram counts", () => {
  test("come near the entropy of a source of order two, and far below token frequencies", () => {
    const { train, test: held, entropyNatsPerCharacter } = markovText.load(undefined);
    const tokeniser = trainTokeniser({ kind: "char" }, train);
    const [ids, scored] = [tokeniser.encode(train), tokeniser.encode(held)];
    const count = scored.length - 1;
    const nats = ngramNats(ids, scored, { vocabulary: tokeniser.vocabulary, count }) / count;
    expect(nats).toBeGreaterThan(entropyNatsPerCharacter! - 0.02);
    expect(nats).toBeLessThan(entropyNatsPerCharacter! + 0.03);
  });

  test("work with a vocabulary that leaves room for two tokens of context", () => {
    const ids = Int32Array.from({ length: 4000 }, (_, i) => [7, 49_999, 123, 20_000][i % 4]!);
    const nats = ngramNats(ids, ids.subarray(0, 101), { vocabulary: 50_000, count: 100 }) / 100;
    expect(nats).toBeLessThan(0.1);
  });
});

test("the pixel denoiser takes each value for normal: the noise is found where a value never changes", () => {
  const schedule = linearSchedule();
  // value 0 is always 0.5, value 1 is −1 or 1
  const train: CleanSplit = {
    count: 200,
    labels: new Uint8Array(200),
    values: (numbers) => Float32Array.from(Array.from(numbers, (n) => [0.5, n % 2 === 0 ? -1 : 1]).flat()),
  };
  const predict = pixelDenoiser(train, 2, 1, schedule);
  const left = schedule.alphaBar[300]!;
  const [signal, spread] = [Math.sqrt(left), Math.sqrt(1 - left)];
  const noisy = Float32Array.of(signal * 0.5 + spread * 1.3, signal + spread * 0.2);
  const found = predict({ noisy, timesteps: Int32Array.of(300), classes: Int32Array.of(0) });
  expect(found[0]).toBeCloseTo(1.3, 5);
  // variance 1: x_t has variance 1, and the best guess of the noise is √(1 − ᾱ) x_t
  expect(found[1]).toBeCloseTo(spread * (signal + spread * 0.2), 5);
});
