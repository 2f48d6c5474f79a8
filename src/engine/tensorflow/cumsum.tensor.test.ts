import { expect, test } from "vitest";
import { Random } from "#base/random";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import * as tf from "../tf.ts";
import { largestRelativeError, toleranceOf } from "../tolerance.ts";

process.env["LIGHTNET_TEST_ENGINES"] = "tensorflow";

/** The definition, in float64. */
function sums(
  values: Float32Array,
  [A, L, C]: readonly [number, number, number],
  exclusive: boolean,
  reverse: boolean,
): Float64Array {
  const result = new Float64Array(values.length);
  for (let a = 0; a < A; a++) {
    for (let c = 0; c < C; c++) {
      let sum = 0;
      for (let step = 0; step < L; step++) {
        const at = (a * L + (reverse ? L - 1 - step : step)) * C + c;
        if (exclusive) result[at] = sum;
        sum += values[at]!;
        if (!exclusive) result[at] = sum;
      }
    }
  }
  return result;
}

await describeOnEachEngine("cumulative sums", (engine) => {
  const shapes = [
    [3, 64, 5],
    [1, 1, 4],
    [7, 16, 1],
    [2, 256, 3],
    [2, 300, 3],
  ] as const;
  const flags = [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ] as const;

  test.each(shapes.flatMap((shape) => flags.map(([exclusive, reverse]) => ({ shape, exclusive, reverse }))))(
    "$shape exclusive $exclusive reverse $reverse",
    async ({ shape, exclusive, reverse }) => {
      await expectNoLeak(engine(), async () => {
        const values = new Random(3).normals(shape[0] * shape[1] * shape[2]);
        const x = tf.tensor3d(values, [...shape]);
        const y = tf.cumsum(x, 1, exclusive, reverse);
        expect(y.shape).toEqual([...shape]);
        expect(largestRelativeError(await y.data(), sums(values, shape, exclusive, reverse))).toBeLessThan(
          toleranceOf("float32", engine().device.kind).output,
        );
        tf.dispose([x, y]);
      });
    },
  );

  test("the last axis of a matrix, whole numbers, and nothing at all", async () => {
    await expectNoLeak(engine(), () => {
      const [last, whole, nothing] = tf.tidy(() => [
        tf.cumsum(
          tf.tensor2d([
            [1, 2, 3],
            [4, 5, 6],
          ]),
          1,
        ),
        tf.cumsum(tf.tensor1d([1, 2, 3], "int32"), 0),
        tf.cumsum(tf.zeros([2, 0]), 1),
      ]);
      expect([...last!.dataSync()]).toEqual([1, 3, 6, 4, 9, 15]);
      expect([...whole!.dataSync()]).toEqual([1, 3, 6]);
      expect(nothing!.shape).toEqual([2, 0]);
      tf.dispose([last!, whole!, nothing!]);
    });
  });

  test("an infinite term leaves the sums that do not contain it alone", async () => {
    await expectNoLeak(engine(), () => {
      const y = tf.tidy(() => tf.cumsum(tf.tensor1d([-1, -2, -Infinity, -4]), 0));
      const [first, second, third, fourth] = y.dataSync();
      expect([first, second]).toEqual([-1, -3]);
      expect(Math.exp(third!) + Math.exp(fourth!)).toBe(0);
      y.dispose();
    });
  });
});
