// Kernels that stand in for tfjs's, against plain loops; lengths follow each other in one process, since tfjs keeps programs.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningEngine } from "../engine.ts";
import * as tf from "../tf.ts";
import { webgpuEngine } from "./engine.ts";

const availability = await webgpuEngine.availability({});
const required = (process.env["REQUIRE_ENGINES"] ?? "").split(",").includes("webgpu");
const name = availability.available
  ? "kernels of webgpu in the place of tfjs's"
  : `kernels of webgpu in the place of tfjs's: ${availability.reason}`;

/** Values that are not alike and sum without rounding. */
const values = (size: number) => Float32Array.from({ length: size }, (_, i) => ((i * 37) % 101) - 50);
const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

describe.skipIf(!availability.available && !required)(name, () => {
  let engine: RunningEngine;
  beforeAll(async () => void (engine = await webgpuEngine.start({})));
  afterAll(() => engine.stop());

  async function read(run: () => tf.Tensor): Promise<{ shape: number[]; data: number[] }> {
    const before = engine.memory().tensors;
    const tensor = tf.tidy(run);
    const data = [...(await tensor.data())];
    tensor.dispose();
    expect(engine.memory().tensors, "tensors alive after minus before").toBe(before);
    return { shape: tensor.shape, data };
  }

  const cumulative = [
    { shape: [4, 64, 1], axis: 1 },
    { shape: [4, 70, 1], axis: 1 },
    { shape: [3, 16, 5], axis: 1 },
    { shape: [2, 1000, 3], axis: 1 },
    { shape: [300], axis: 0 },
    { shape: [2, 3, 7], axis: -1 },
    { shape: [5, 1], axis: 1 },
  ];
  const directions = [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ] as const;
  test.each(cumulative.flatMap((item) => directions.map(([exclusive, reverse]) => ({ ...item, exclusive, reverse }))))(
    "sums up $shape along axis $axis, exclusive $exclusive, reverse $reverse",
    async ({ shape, axis, exclusive, reverse }) => {
      const x = values(sizeOf(shape));
      const own = axis < 0 ? axis + shape.length : axis;
      const [length, after] = [shape[own]!, sizeOf(shape.slice(own + 1))];
      const expected = x.map((_, at) => {
        const place = Math.floor(at / after) % length;
        let sum = 0;
        for (let i = 0; i < length; i++) {
          const counts = i === place ? !exclusive : reverse ? i > place : i < place;
          if (counts) sum += x[at + (i - place) * after]!;
        }
        return sum;
      });
      expect(await read(() => tf.cumsum(tf.tensor(x, shape), axis, exclusive, reverse))).toEqual({
        shape,
        data: [...expected],
      });
    },
  );

  test.each([
    { shape: [6, 5], axes: [1], keepDims: false, result: [6] },
    { shape: [3, 7, 4], axes: [1], keepDims: true, result: [3, 1, 4] },
    { shape: [2, 3, 4, 5], axes: [1, 2], keepDims: false, result: [2, 5] },
    { shape: [2, 3, 4], axes: [0, 2], keepDims: false, result: [3] },
    { shape: [2, 300], axes: [-1], keepDims: true, result: [2, 1] },
    { shape: [9], axes: [0], keepDims: false, result: [] },
  ])("sum and mean of $shape over $axes", async ({ shape, axes, keepDims, result }) => {
    const x = values(sizeOf(shape));
    const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
    const summed = new Set(axes.map((axis) => (axis < 0 ? axis + shape.length : axis)));
    const sums = new Map<string, number>();
    x.forEach((value, at) => {
      const place = shape
        .map((length, axis) => (summed.has(axis) ? 0 : Math.floor(at / strides[axis]!) % length))
        .join();
      sums.set(place, (sums.get(place) ?? 0) + value);
    });
    const count = sizeOf([...summed].map((axis) => shape[axis]!));
    expect(await read(() => tf.sum(tf.tensor(x, shape), axes, keepDims))).toEqual({
      shape: result,
      data: [...sums.values()],
    });
    const { data } = await read(() => tf.mean(tf.tensor(x, shape), axes, keepDims));
    [...sums.values()].forEach((sum, i) => expect(data[i]).toBeCloseTo(sum / count, 4));
  });

  test("a sum of whole numbers or of truths is left to tfjs", async () => {
    expect(await read(() => tf.sum(tf.tensor1d([1, 2, 3], "int32")))).toEqual({ shape: [], data: [6] });
    expect(await read(() => tf.sum(tf.greater(tf.tensor1d([1, 2, 3]), 1)))).toEqual({ shape: [], data: [2] });
  });

  const products = [
    { a: [1, 7], b: [7, 5] },
    { a: [6, 7], b: [7, 1] },
    { a: [6, 1], b: [1, 5] },
    { a: [3, 1, 7], b: [3, 7, 5] },
    { a: [2, 3, 4, 7], b: [2, 3, 7, 1] },
    { a: [1, 1, 7], b: [4, 7, 5] },
    { a: [3, 4], b: [4, 5] },
    { a: [1, 300], b: [300, 2] },
  ];
  const transposed = [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ] as const;
  test.each(
    products.flatMap((item) => transposed.map(([transposeA, transposeB]) => ({ ...item, transposeA, transposeB }))),
  )("multiplies $a by $b, transposed $transposeA $transposeB", async ({ a, b, transposeA, transposeB }) => {
    const [M, K] = a.slice(-2) as [number, number];
    const N = b.at(-1)!;
    const [batchA, batchB] = [sizeOf(a.slice(0, -2)), sizeOf(b.slice(0, -2))];
    const batch = Math.max(batchA, batchB);
    const [x, y] = [values(sizeOf(a)), values(sizeOf(b)).reverse()];
    const turned = (shape: readonly number[]) => [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!];
    const given = (data: Float32Array, shape: number[], isTransposed: boolean) => {
      const tensor = tf.tensor(data, shape);
      return isTransposed
        ? tf.reshape(
            tf.transpose(
              tensor,
              [...shape.keys()].map((axis) => (axis < shape.length - 2 ? axis : 2 * shape.length - 3 - axis)),
            ),
            turned(shape),
          )
        : tensor;
    };
    const expected = Array.from({ length: batch * M * N }, (_, at) => {
      const [n, m, g] = [at % N, Math.floor(at / N) % M, Math.floor(at / (M * N))];
      let sum = 0;
      for (let k = 0; k < K; k++) sum += x[((g % batchA) * M + m) * K + k]! * y[((g % batchB) * K + k) * N + n]!;
      return sum;
    });
    const { shape, data } = await read(() =>
      tf.matMul(given(x, a, transposeA), given(y, b, transposeB), transposeA, transposeB),
    );
    expect(shape).toEqual([...(batchA >= batchB ? a : b).slice(0, -2), M, N]);
    expect(data).toEqual(expected);
  });
});
