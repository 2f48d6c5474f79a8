// The parts of our own kernels that the operators' conformance kit does not reach: rows, shares of threads, refused inputs.

import { expect, test } from "vitest";
import { Random } from "#base/random";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import type { FusedKernels } from "../kernels.ts";
import * as tf from "../tf.ts";

process.env["LIGHTNET_TEST_ENGINES"] = "tensorflow";

const random = new Random(3);
/** widths below, beside and above whole vectors; the last is shared by threads */
const SHAPES = [
  [1, 1],
  [3, 7],
  [2, 5, 16],
  [4, 37],
  [2, 3, 64],
  [1100, 130],
] as const;

const normals = (shape: readonly number[]) =>
  tf.tensor(random.normals(shape.reduce((size, axis) => size * axis, 1)), [...shape]);
const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The rows of a tensor as float64. */
function rowsOf(x: tf.Tensor): number[][] {
  const width = x.shape.at(-1)!;
  const values = [...x.dataSync()];
  return Array.from({ length: values.length / width }, (_, i) => values.slice(i * width, (i + 1) * width));
}

function expectNear(actual: tf.Tensor, expected: readonly (readonly number[])[], tolerance: number): void {
  const found = rowsOf(actual);
  expect(found.length).toBe(expected.length);
  let worst = 0;
  found.forEach((row, i) => row.forEach((value, j) => (worst = Math.max(worst, Math.abs(value - expected[i]![j]!)))));
  expect(worst).toBeLessThan(tolerance);
}

await describeOnEachEngine("native kernels", (engine, id) => {
  const native = () => engine().kernels as Required<FusedKernels>;
  /** Only engine tensorflow has them, and only where they were compiled. */
  const absent = () => engine().kernels.rows === undefined;

  test.for(SHAPES)("SiLU and its gradient of %j", (shape, { skip }) => {
    if (absent()) skip(`engine ${id} has no kernels for rows`);
    tf.tidy(() => {
      const [x, dy] = [normals(shape), normals(shape)];
      const cotangents = rowsOf(dy);
      expectNear(
        native().rows.silu(x),
        rowsOf(x).map((row) => row.map((value) => value / (1 + Math.exp(-value)))),
        1e-6,
      );
      const slope = (value: number) => {
        const gate = 1 / (1 + Math.exp(-value));
        return gate + value * gate * (1 - gate);
      };
      expectNear(
        native().rows.siluGradient(x, dy),
        rowsOf(x).map((row, i) => row.map((value, j) => cotangents[i]![j]! * slope(value))),
        2e-6,
      );
    });
  });

  test("SiLU far from 0 is its argument or 0", ({ skip }) => {
    if (absent()) skip(`engine ${id} has no kernels for rows`);
    const y = tf.tidy(() =>
      native()
        .rows.silu(tf.tensor1d([1e30, 200, -200, -1e30, 0]))
        .dataSync(),
    );
    expect(y[0]).toBe(Math.fround(1e30));
    expect(y[1]).toBe(200);
    for (const value of y.slice(2)) expect(Math.abs(value)).toBeLessThan(1e-8);
  });

  test.for(SHAPES)("norms and their gradients of %j", (shape, { skip }) => {
    if (absent()) skip(`engine ${id} has no kernels for rows`);
    tf.tidy(() => {
      const [x, dy] = [normals(shape), normals(shape)];
      for (const kind of ["layer", "rms"] as const) {
        const normed = native().rows.norm(x, kind, 0.5);
        expect(normed.scale.shape).toEqual([...shape.slice(0, -1), 1]);
        const expected = rowsOf(x).map((row) => {
          const centred = row.map((value) => value - (kind === "layer" ? meanOf(row) : 0));
          const scale = 1 / Math.sqrt(meanOf(centred.map((value) => value * value)) + 0.5);
          return { y: centred.map((value) => value * scale), scale };
        });
        expectNear(
          normed.y,
          expected.map(({ y }) => y),
          2e-6,
        );
        const gradients = rowsOf(dy).map((row, i) => {
          const { y, scale } = expected[i]!;
          const along = meanOf(row.map((value, j) => value * y[j]!));
          return row.map((value, j) => (value - (kind === "layer" ? meanOf(row) : 0) - along * y[j]!) * scale);
        });
        expectNear(native().rows.normGradient(normed, dy, kind), gradients, 4e-6);
      }
    });
  });

  test("inputs that do not fit together are refused with their names, and nothing leaks", async ({ skip }) => {
    if (absent()) skip(`engine ${id} has no kernels for rows`);
    await expectNoLeak(engine(), () => {
      tf.tidy(() => {
        const [q, v] = [normals([2, 8, 4]), normals([2, 8, 5])] as [tf.Tensor3D, tf.Tensor3D];
        const g = normals([2, 7, 4]) as tf.Tensor3D;
        expect(() => native().additiveGlobal.forward({ q, g, v })).toThrow(/g must be \[2 8 4 \], got \[2 7 4 \]/);
        expect(() =>
          native().decayScan.forward({ q, k: q, v, directions: [{ order: Int32Array.of(0, 1, 2, 3, 4, 5, 6, 8) }] }),
        ).toThrow(/order must hold tokens/);
        expect(() => native().decayScan.forward({ q, k: q, v, logDecay: normals([2, 8, 3]) as tf.Tensor3D })).toThrow(
          /logDecay must be/,
        );
        expect(() => native().rows.siluGradient(q, v)).toThrow(/dy must be/);
      });
    });
  });

  test("one head alone is shared by the threads, with the same result", ({ skip }) => {
    if (absent()) skip(`engine ${id} has no kernels for rows`);
    tf.tidy(() => {
      const [q, g, v] = [normals([1, 1500, 8]), tf.mul(normals([1, 1500, 8]), 5), normals([1, 1500, 6])] as [
        tf.Tensor3D,
        tf.Tensor3D,
        tf.Tensor3D,
      ];
      const alone = native().additiveGlobal.forward({ q, g, v });
      const three = (x: tf.Tensor3D) => tf.concat([x, x, x], 0);
      const together = native().additiveGlobal.forward({ q: three(q), g: three(g), v: three(v) });
      for (const name of ["out", "state", "top", "weight"] as const) {
        const expected = rowsOf(together[name]).slice(0, rowsOf(alone[name]).length);
        expectNear(alone[name], expected, 1e-5);
      }
    });
  });
});
