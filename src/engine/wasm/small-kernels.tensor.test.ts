import { beforeAll, describe, expect, test } from "vitest";
import { Random } from "#base/random";
import { startEngine } from "../registry.ts";
import { toleranceOf } from "../tolerance.ts";
import * as tf from "../tf.ts";
import { useKernels } from "./registration.ts";

const { output: TOLERANCE } = toleranceOf("float32", "cpu");

describe.each(["simd", "relaxed"] as const)("small kernels of the %s build", (build) => {
  beforeAll(async () => {
    await startEngine("wasm");
    useKernels(build);
  });

  test.each([
    [[7], [0]],
    [[5, 33], [1]],
    [[5, 33], [0]],
    [[2, 130, 6], [1]],
    [
      [2, 3, 5, 7],
      [1, 2],
    ],
    [
      [2, 3, 5, 7],
      [0, 2],
    ],
    [
      [2, 3, 5],
      [0, 1, 2],
    ],
  ])("sum, mean and max of %j over %j", (shape, axes) => {
    const x = tf.tensor(new Random(1).normals(shape.reduce((a, b) => a * b, 1)), shape);
    // By hand: move the reduced axes to the end and add up on the host.
    const kept = shape.map((_, i) => i).filter((i) => !axes.includes(i));
    const count = axes.reduce((product, axis) => product * shape[axis]!, 1);
    const rows = tf.transpose(x, [...kept, ...axes]).dataSync();
    const groups = Array.from({ length: rows.length / count }, (_, g) => [...rows.slice(g * count, (g + 1) * count)]);
    const values = (tensor: tf.Tensor) => [...tensor.dataSync()];
    const near = (actual: number[], expected: number[]) => {
      expect(actual.length).toBe(expected.length);
      actual.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(TOLERANCE * count));
    };
    near(
      values(tf.sum(x, axes)),
      groups.map((group) => group.reduce((a, b) => a + b)),
    );
    near(
      values(tf.mean(x, axes, true)),
      groups.map((group) => group.reduce((a, b) => a + b) / count),
    );
    expect(values(tf.max(x, axes))).toEqual(groups.map((group) => Math.max(...group)));
    expect(tf.sum(x, axes, true).shape).toEqual(shape.map((size, i) => (axes.includes(i) ? 1 : size)));
  });

  test("e^x − 1 has its digits near 0 and its limits far away", () => {
    const x = [0, 1e-7, -1e-7, 3e-4, -0.02, 0.3, -0.4, 1, -1, 5, -17, -100, -1e4, 80, -Infinity, NaN, 0.5, -0.7, 2];
    const got = tf.expm1(tf.tensor1d(x)).dataSync();
    x.forEach((value, i) => {
      const expected = Math.expm1(Math.fround(value));
      if (Number.isNaN(value)) expect(got[i]).toBeNaN();
      else expect(Math.abs(got[i]! - expected)).toBeLessThanOrEqual(3e-7 * Math.abs(expected));
    });
  });

  test("exp at ordinary, extreme and missing values", () => {
    const x = [0, 1, -1, 10, -30, 80, -80, -100, -Infinity, 0.5, Number.NaN];
    const got = tf.exp(tf.tensor1d(x)).dataSync();
    x.forEach((value, i) => {
      const expected = value < -87.3 ? 0 : Math.exp(Math.fround(value));
      if (Number.isNaN(value)) expect(got[i]).toBeNaN();
      else expect(Math.abs(got[i]! - expected)).toBeLessThanOrEqual(TOLERANCE * expected);
    });
  });

  test("split along each axis", () => {
    const x = tf.tensor2d(
      Array.from({ length: 12 }, (_, i) => i),
      [3, 4],
    );
    expect(tf.split(x, [1, 2], 0).map((part) => [...part.dataSync()])).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7, 8, 9, 10, 11],
    ]);
    expect(tf.split(x, [3, 1], 1).map((part) => [...part.dataSync()])).toEqual([
      [0, 1, 2, 4, 5, 6, 8, 9, 10],
      [3, 7, 11],
    ]);
  });

  test("gather has a gradient: rows taken twice count twice", () => {
    const table = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
    const [gradient] = [
      tf.grad((t: tf.Tensor) =>
        tf.sum(tf.mul(tf.gather(t, tf.tensor1d([2, 0, 2], "int32")), tf.tensor2d([[1], [10], [100]]))),
      )(table),
    ];
    expect([...gradient.dataSync()]).toEqual([10, 10, 0, 0, 101, 101]);
  });

  test("a clone shares its data and outlives the original", () => {
    const before = tf.memory().numTensors;
    const x = tf.tensor1d([1, 2, 3]);
    const y = x.clone();
    x.dispose();
    expect([...y.dataSync()]).toEqual([1, 2, 3]);
    y.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("a tensor of another backend is moved here or refused, never misread", () => {
    const engine = useKernels(build)!;
    expect(() => engine.address({ dataId: {}, shape: [2], dtype: "float32" }, "test", "x")).toThrow(
      /not in the memory of the wasm engine/,
    );
  });

  test("more memory than there is fails as such, and leaves the engine usable", () => {
    const heap = useKernels(build)!;
    expect(() => heap.output([2 ** 30])).toThrow(/has no room for 4096\.0 MiB.*for a tensor \[1073741824\]/);
    expect(() => heap.backend.makeOutput([2 ** 30], "float32"), "as tfjs allocates").toThrow(/has no room/);
    expect([...tf.matMul(tf.ones([1, 2]), tf.ones([2, 1])).dataSync()]).toEqual([2]);
  });
});
