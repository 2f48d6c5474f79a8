import { describe, expect, test } from "vitest";
import type { ImageSplit } from "#data/sets/dataset";
import { imageBatch, pixelStatistics, TrainingOrder } from "#data/batches";
import { ClassificationScores, trivialScores } from "./metrics.ts";

const split: ImageSplit = {
  count: 2,
  shape: [1, 2, 2],
  pixels: Uint8Array.of(0, 51, 102, 51, 204, 51, 102, 51), // second channel constant
  labels: Uint8Array.of(4, 7),
};

describe("the order of training", () => {
  test("every example comes once an epoch, in another order each time", () => {
    const order = new TrainingOrder(3, 10);
    const epochs = [order.take(0, 10), order.take(10, 10)].map((numbers) => [...numbers]);
    for (const epoch of epochs) expect([...epoch].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(epochs[0]).not.toEqual(epochs[1]);
  });

  test("depends on seed and position alone, across the end of an epoch too", () => {
    const whole = [...new TrainingOrder(5, 7).take(0, 21)];
    const later = new TrainingOrder(5, 7);
    expect([...later.take(12, 4)]).toEqual(whole.slice(12, 16));
    expect([...later.take(5, 4)]).toEqual(whole.slice(5, 9));
    expect([...new TrainingOrder(6, 7).take(0, 21)]).not.toEqual(whole);
  });
});

test("batches are normalised per channel, and a constant channel stays finite", async () => {
  const statistics = await pixelStatistics(split);
  expect(statistics.mean[0]).toBeCloseTo(0.4, 6);
  expect(statistics.mean[1]).toBeCloseTo(0.2, 6);
  // first channel 0, 0.4, 0.8, 0.4: variance 0.08
  expect(statistics.deviation[0]).toBeCloseTo(Math.sqrt(0.08), 6);
  const batch = imageBatch(split, Int32Array.of(1, 0), statistics);
  expect([...batch.labels]).toEqual([7, 4]);
  expect(batch.pixels[0]).toBeCloseTo(0.4 / Math.sqrt(0.08), 5);
  expect([...batch.pixels].every(Number.isFinite)).toBe(true);
});

describe("scores", () => {
  test("top-1, top-5 and nats by hand", () => {
    const scores = new ClassificationScores(6);
    scores.add(Float32Array.of(0, 0, Math.log(5), 0, 0, 0), [2]); // p = 5/10
    scores.add(Float32Array.of(6, 5, 4, 3, 2, 1), [5]); // last of six
    const { top1, top5, loss } = scores.totals();
    expect([top1, top5]).toEqual([0.5, 0.5]);
    const last = Math.log([0, 1, 2, 3, 4, 5].reduce((sum, gap) => sum + Math.exp(gap), 0));
    expect(loss).toBeCloseTo((Math.log(2) + last) / 2, 6);
    expect(scores.top1Items).toEqual([1, 0]);
  });

  test("equal logits and NaN count as wrong", () => {
    const scores = new ClassificationScores(3);
    scores.add(Float32Array.of(1, 1, 0), [0]);
    scores.add(Float32Array.of(Number.NaN, 0, 1), [2]);
    expect(scores.totals()["top1"]).toBe(0);
  });

  test("the trivial predictor names the classes frequent in training", () => {
    const scores = trivialScores([0, 0, 0, 1], [0, 1, 1, 1], 2);
    expect(scores["top1"]).toBe(0.25);
    expect(scores["loss"]).toBeCloseTo(-(Math.log(4 / 6) + 3 * Math.log(2 / 6)) / 4, 9);
    expect(scores).not.toHaveProperty("top5");
  });
});
