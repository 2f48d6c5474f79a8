// Feature maps on tensors: extreme values, equalities with other operators, gradients against differences.

import { expect, test } from "vitest";
import { Random } from "#base/random";
import * as tf from "#engine/tf";
import { largestRelativeError, toleranceOf } from "#engine/tolerance";
import { FEATURE_MAPS, type FeatureMap, type OperatorSpec } from "#case/case";
import { shapeOf } from "#case/shape";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import { additiveReference } from "../additive/reference.ts";
import { multiplicative } from "./declaration.ts";
import { featuresOf } from "./features.ts";
import { reference } from "./reference.ts";
import { strategies } from "./strategies.ts";

const { output: CLOSE } = toleranceOf("float32", "cpu");
const shape = shapeOf({ grid: [40], B: 2, H: 2, D: 5, E: 3 });
const sizes = { q: 2 * 2 * 40 * 5, k: 2 * 2 * 40 * 5, v: 2 * 2 * 40 * 3 };

function draw(scale: number): { q: Float64Array; k: Float64Array; v: Float64Array } {
  const random = new Random(3);
  // Multiples of 1/4, which float32 holds exactly however large.
  const values = (name: "q" | "k" | "v", factor: number) =>
    Float64Array.from(random.fork(name).normals(sizes[name]), (value) => (factor * Math.round(4 * value)) / 4);
  return { q: values("q", scale), k: values("k", scale), v: values("v", 1) };
}

const spec = (feature: FeatureMap, normalised: boolean): OperatorSpec => ({
  op: "multiplicative",
  causal: false,
  decay: "none",
  feature,
  ...(normalised ? { normalised } : {}),
});

await describeOnEachEngine("feature maps", (engine) => {
  function run(arrays: ReturnType<typeof draw>, chosen: OperatorSpec): Float32Array {
    const strategy = strategies.strategies.find(({ id }) => id === "global")!;
    const { B, H, N, D, E } = shape;
    return tf.tidy(() => {
      const inputs = {
        q: tf.tensor(Float32Array.from(arrays.q), [B, H, N, D]),
        k: tf.tensor(Float32Array.from(arrays.k), [B, H, N, D]),
        v: tf.tensor(Float32Array.from(arrays.v), [B, H, N, E]),
      };
      return strategy.run(inputs, chosen, shape, engine()).out.dataSync<"float32">().slice();
    });
  }

  test.each(FEATURE_MAPS)("%s has its values and slopes at −3, −0.5, 0.5, 3, and leaves no tensor", async (feature) => {
    const expected = {
      identity: [
        [-3, -0.5, 0.5, 3],
        [1, 1, 1, 1],
      ],
      relu: [
        [0, 0, 0.5, 3],
        [0, 0, 1, 1],
      ],
      "elu+1": [
        [0.049787068, 0.60653066, 1.5, 4],
        [0.049787068, 0.60653066, 1, 1],
      ],
      exp: [
        [0.049787068, 0.60653066, 1.6487213, 20.085537],
        [0.049787068, 0.60653066, 1.6487213, 20.085537],
      ],
    }[feature];
    await expectNoLeak(engine(), () => {
      tf.tidy(() => {
        const x = tf.tensor1d([-3, -0.5, 0.5, 3]);
        const { value, grad } = tf.valueAndGrad((y) => tf.sum(featuresOf(y, feature)))(x);
        expect(value.dataSync()[0]).toBeCloseTo(
          expected[0]!.reduce((a, b) => a + b),
          4,
        );
        expect(largestRelativeError(featuresOf(x, feature).dataSync(), expected[0]!)).toBeLessThan(CLOSE);
        expect(largestRelativeError(grad.dataSync(), expected[1]!)).toBeLessThan(CLOSE);
      });
    });
  });

  test.each([
    ["exp", 100],
    ["elu+1", 100],
    ["relu", 100],
    ["exp", 1],
  ] as const)("%s with a denominator agrees with float64 on values of ±%d times a normal", (feature, scale) => {
    const arrays = draw(scale);
    const chosen = spec(feature, true);
    const expected = reference.forward(arrays, chosen, shape).out;
    expect(expected.every(Number.isFinite)).toBe(true);
    expect(largestRelativeError(run(arrays, chosen), expected)).toBeLessThan(CLOSE);
  });

  test("values in the hundreds below 0 keep their proportions, where e^x alone is 0 in float32", () => {
    const arrays = draw(1);
    const low = { ...arrays, q: arrays.q.map((x) => x - 300), k: arrays.k.map((x) => x - 300) };
    for (const feature of ["exp", "elu+1"] as const) {
      const expected = reference.forward(low, spec(feature, true), shape).out;
      expect(largestRelativeError(run(low, spec(feature, true)), expected)).toBeLessThan(CLOSE);
      expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(0.1);
    }
  });

  test("weights with a denominator sum to 1: constant values come back", () => {
    const arrays = { ...draw(2), v: new Float64Array(sizes.v).fill(0.75) };
    for (const feature of ["exp", "elu+1"] as const)
      expect(largestRelativeError(run(arrays, spec(feature, true)), new Float64Array(sizes.v).fill(0.75))).toBeLessThan(
        CLOSE,
      );
  });

  test("a ReLU token without any key that answers gives 0", () => {
    const arrays = { ...draw(1), k: new Float64Array(sizes.k).fill(-1) };
    expect(run(arrays, spec("relu", true)).every((value) => value === 0)).toBe(true);
  });

  test("exp(k) over its own sum in each channel is LightNet's softmax over the tokens", () => {
    const arrays = draw(1);
    const { H, N, D } = shape;
    const sums = new Float64Array(2 * H * D);
    const cell = (i: number) => Math.floor(i / (N * D)) * D + (i % D);
    arrays.k.forEach((value, i) => (sums[cell(i)]! += Math.exp(value)));
    const shifted = { ...arrays, k: arrays.k.map((value, i) => value - Math.log(sums[cell(i)]!)) };
    const expected = additiveReference.forward(
      { q: arrays.q, g: arrays.k, v: arrays.v },
      { op: "additive", causal: false },
      shape,
    ).out;
    expect(largestRelativeError(run(shifted, spec("exp", false)), expected)).toBeLessThan(CLOSE);
  });
});

test("the rules of feature maps", () => {
  const rule = (change: Partial<OperatorSpec>) =>
    multiplicative.impossible({ op: "multiplicative", causal: false, decay: "none", ...change }, shape);
  expect(rule({ feature: "relu", normalised: true })).toBeUndefined();
  expect(rule({ feature: "identity", normalised: true })).toContain("never negative");
  expect(rule({ normalised: true })).toContain("never negative");
  expect(rule({ feature: "exp", decay: "vector" })).toContain("without decay");
  expect(rule({ feature: "exp", normalised: true, causal: true })).toContain("sees all tokens");
});

test("reference gradients of φ with a denominator agree with central differences", () => {
  const small = shapeOf({ grid: [6], B: 1, H: 1, D: 3, E: 2 });
  const random = new Random(8);
  const inputs = {
    q: Float64Array.from(random.fork("q").normals(18)),
    k: Float64Array.from(random.fork("k").normals(18)),
    v: Float64Array.from(random.fork("v").normals(12)),
  };
  const cotangent = Float64Array.from(random.fork("c").normals(12));
  for (const feature of ["relu", "elu+1", "exp"] as const) {
    const chosen = spec(feature, true);
    const value = (given: typeof inputs) =>
      reference.forward(given, chosen, small).out.reduce((sum, out, i) => sum + out * cotangent[i]!, 0);
    const gradients = reference.backward(inputs, chosen, small, cotangent);
    for (const name of ["q", "k", "v"] as const) {
      const differences = inputs[name].map((x, i) => {
        const moved = (by: number) => value({ ...inputs, [name]: inputs[name].with(i, x + by) });
        return (moved(1e-6) - moved(-1e-6)) / 2e-6;
      });
      expect(largestRelativeError(gradients[name]!, differences, 1), `${feature} ${name}`).toBeLessThan(1e-6);
    }
  }
});
