import { expect, test } from "vitest";
import { Random } from "#base/random";
import * as tf from "#engine/tf";
import { largestRelativeError, toleranceOf } from "#engine/tolerance";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import { createDepthwise } from "./depthwise.ts";

const [B, C] = [2, 3];

interface Expected {
  readonly y: Float64Array;
  readonly dx: Float64Array;
  readonly dfilter: Float64Array;
}

/** The definition, cell by cell and tap by tap, in float64, with the gradients of Σ y ∘ weight. */
function expectedOf(
  grid: readonly number[],
  causal: boolean,
  { x, filter, weight }: Readonly<Record<"x" | "filter" | "weight", Float32Array>>,
): Expected {
  const N = grid.reduce((product, extent) => product * extent, 1);
  const strides = grid.map((_, axis) => grid.slice(axis + 1).reduce((product, extent) => product * extent, 1));
  const [y, dx, dfilter] = [new Float64Array(x.length), new Float64Array(x.length), new Float64Array(filter.length)];
  for (let cell = 0; cell < N; cell++) {
    const place = grid.map((extent, axis) => Math.floor(cell / strides[axis]!) % extent);
    for (let tap = 0; tap < 3 ** grid.length; tap++) {
      const from = place.map((at, axis) => at + (Math.floor(tap / 3 ** axis) % 3) - (causal ? 2 : 1));
      if (from.some((at, axis) => at < 0 || at >= grid[axis]!)) continue;
      const source = from.reduce((sum, at, axis) => sum + at * strides[axis]!, 0);
      for (let b = 0; b < B; b++) {
        for (let c = 0; c < C; c++) {
          const [to, at, weightAt] = [(b * N + cell) * C + c, (b * N + source) * C + c, tap * C + c];
          y[to]! += filter[weightAt]! * x[at]!;
          dx[at]! += filter[weightAt]! * weight[to]!;
          dfilter[weightAt]! += x[at]! * weight[to]!;
        }
      }
    }
  }
  return { y, dx, dfilter };
}

await describeOnEachEngine("the depthwise filter", (engine) => {
  const grids = [[7], [1], [5, 4], [1, 6], [3, 4, 5], [2, 1, 3]];
  test.each(grids.flatMap((grid) => [false, true].map((causal) => [grid, causal] as const)))(
    "on %j, causal %j: value and gradients of the definition",
    async (grid, causal) => {
      const N = grid.reduce((product, extent) => product * extent, 1);
      const random = new Random(N);
      const values = {
        x: random.normals(B * N * C),
        filter: random.normals(3 ** grid.length * C),
        weight: random.normals(B * N * C),
      };
      const expected = expectedOf(grid, causal, values);
      const tolerance = toleranceOf("float32", engine().device.kind);
      await expectNoLeak(engine(), async () => {
        const [x, filter, weight] = [
          tf.tensor(values.x, [B, N, C]),
          tf.tensor(values.filter, [3 ** grid.length, C]),
          tf.tensor(values.weight, [B, N, C]),
        ];
        const depthwise = createDepthwise(grid, C, causal);
        const y = depthwise(x, filter);
        const [dx, dfilter] = tf.grads((a, b) => tf.sum(tf.mul(depthwise(a!, b!), weight)))([x, filter]) as [
          tf.Tensor,
          tf.Tensor,
        ];
        expect([y.shape, dx.shape, dfilter.shape]).toEqual([x.shape, x.shape, filter.shape]);
        expect(largestRelativeError(await y.data(), expected.y)).toBeLessThan(tolerance.output);
        expect(largestRelativeError(await dx.data(), expected.dx)).toBeLessThan(tolerance.gradient);
        expect(largestRelativeError(await dfilter.data(), expected.dfilter)).toBeLessThan(tolerance.gradient);
        tf.dispose([x, filter, weight, y, dx, dfilter]);
      });
    },
  );
});

test("a grid of four axes is refused", () => {
  expect(() => createDepthwise([2, 2, 2, 2], 1, false)).toThrow(/one to three axes, not 4/);
});
