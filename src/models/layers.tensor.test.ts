import { expect, test } from "vitest";
import * as tf from "#engine/tf";
import { Random } from "#base/random";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import { dot, finiteDifferences } from "#testing/finite-differences";
import { dense, dropout, mergeHeads, normalise, silu, splitHeads } from "./layers.ts";
import { patchify } from "./patches.ts";

const random = new Random(4);
const x = random.normals(3 * 5);
const cotangent = random.normals(3 * 5);

const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));
const rows = (values: Float64Array, map: (row: Float64Array) => Float64Array) =>
  Float64Array.from([0, 1, 2].flatMap((row) => [...map(values.slice(row * 5, row * 5 + 5))]));
const mean = (values: Float64Array) => values.reduce((a, b) => a + b, 0) / values.length;
const scaled = (row: Float64Array) => row.map((value) => value / Math.sqrt(mean(row.map((v) => v * v)) + 1e-6));

const CASES: readonly (readonly [string, (x: tf.Tensor) => tf.Tensor, (x: Float64Array) => Float64Array])[] = [
  ["silu", silu, (values) => values.map((value) => value * sigmoid(value))],
  [
    "layer norm",
    (t) => normalise(t, "layer"),
    (values) => rows(values, (row) => scaled(row.map((value) => value - mean(row)))),
  ],
  ["rms norm", (t) => normalise(t, "rms"), (values) => rows(values, scaled)],
];

await describeOnEachEngine("layers", (engine) => {
  test.each(CASES)("%s and its gradient agree with the formula and its differences", async (_, layer, formula) => {
    await expectNoLeak(engine(), () => {
      const [value, gradient] = tf.tidy(() => {
        const input = tf.tensor2d(x, [3, 5]);
        const run = tf.valueAndGrad(layer)(input, tf.tensor2d(cotangent, [3, 5]));
        return [run.value.dataSync(), run.grad.dataSync()];
      });
      const exact = formula(Float64Array.from(x));
      const expected = finiteDifferences((point) => dot(formula(point), cotangent), Float64Array.from(x));
      value.forEach((found, i) => expect(found).toBeCloseTo(exact[i]!, 5));
      gradient.forEach((found, i) => expect(found).toBeCloseTo(expected[i]!, 4));
    });
  });

  test("dense multiplies the last axis of any tensor; heads split and merge back", () => {
    tf.tidy(() => {
      const tokens = tf.tensor3d([1, 2, 3, 4, 5, 6, 7, 8], [2, 1, 4]);
      const weight = tf.tensor2d([1, 0, 0, 1, 1, 1, 0, 2], [4, 2]);
      expect([...dense(tokens, weight, tf.tensor1d([10, 20])).dataSync()]).toEqual([14, 33, 22, 49]);
      expect([...mergeHeads(splitHeads(tokens, 2)).dataSync()]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      expect(splitHeads(tokens, 2).shape).toEqual([2, 2, 1, 2]);
    });
  });

  test("dropout keeps the mean and repeats for the same stream", () => {
    tf.tidy(() => {
      const ones = tf.ones([1, 50, 40]);
      const drop = () => [...dropout(ones, 0.25, new Random(7)).dataSync()];
      const values = drop();
      expect(new Set(values.map((value) => value.toFixed(4)))).toEqual(new Set(["0.0000", (4 / 3).toFixed(4)]));
      expect(values.reduce((a, b) => a + b, 0) / values.length).toBeGreaterThan(0.95);
      expect(drop()).toEqual(values);
    });
  });
});

test("patches are cut in row-major order, channels last", () => {
  // a 2×4 image of two channels; patches of 2×2
  const image = Float32Array.from({ length: 16 }, (_, i) => i);
  expect([...patchify(image, [2, 4, 2], [2, 2])]).toEqual([0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15]);
});
