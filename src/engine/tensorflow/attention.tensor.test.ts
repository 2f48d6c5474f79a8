import { expect, test } from "vitest";
import { Random } from "#base/random";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import * as tf from "../tf.ts";
import { largestRelativeError, toleranceOf } from "../tolerance.ts";
import { attention, blocksOf } from "./attention.ts";

process.env["LIGHTNET_TEST_ENGINES"] = "tensorflow";

/** Large enough for two blocks of queries. */
const [G, N, D, E] = [16, 600, 8, 4];

test("blocks cover all queries once; causal ones see the keys up to their end", () => {
  expect(blocksOf(4, 4096, false)).toHaveLength(16);
  expect(blocksOf(4, 4096, false).every(({ queries, keys }) => queries === 256 && keys === 4096)).toBe(true);
  expect(blocksOf(G, N, true)).toEqual([
    { from: 0, queries: 436, keys: 436 },
    { from: 436, queries: 164, keys: 600 },
  ]);
  expect(blocksOf(64, 2 ** 20, false)[0]!.queries).toBe(16);
  expect(blocksOf(1, 3, false)).toEqual([{ from: 0, queries: 3, keys: 3 }]);
});

/** The definition, in one piece, with tfjs's own gradients. */
function plain(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, allowed: tf.Tensor): { out: tf.Tensor; lse: tf.Tensor } {
  const scores = tf.add(tf.mul(tf.matMul(q, k, false, true), 0.5), tf.mul(tf.sub(1, allowed), -1e38));
  const p = tf.mul(tf.softmax(scores), allowed);
  return { out: tf.matMul(p, v), lse: tf.logSumExp(scores, 2) };
}

await describeOnEachEngine("attention in blocks", (engine) => {
  const random = new Random(7);
  const normal = (...shape: [number, number, number]) =>
    tf.tensor3d(random.normals(shape.reduce((a, b) => a * b)), shape);

  test.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])("causal %s, padding %s: outputs and gradients are those of the definition", async (causal, padded) => {
    await expectNoLeak(engine(), async () => {
      const [q, k, v, dOut] = [normal(G, N, D), normal(G, N, D), normal(G, N, E), normal(G, N, E)];
      // Padding at the start: with causal order the first queries see no key at all.
      const visible = tf.tidy(() =>
        tf.cast(tf.greaterEqual(tf.range(0, N), tf.mul(5, tf.expandDims(tf.range(0, G), 1))), "float32"),
      ) as tf.Tensor2D;
      const inputs = { q, k, v, scale: 0.5, causal, ...(padded ? { visible } : {}) };
      const allowed = tf.tidy(() => {
        const order = causal
          ? tf.cast(tf.lessEqual(tf.range(0, N), tf.expandDims(tf.range(0, N), 1)), "float32")
          : tf.ones([N, N]);
        return padded ? tf.mul(order, tf.expandDims(visible, 1)) : tf.expandDims(order, 0);
      });
      const expected = tf.tidy(() => plain(q, k, v, allowed));
      const gradients = tf.grads((...x: tf.Tensor[]) => tf.sum(tf.mul(plain(x[0]!, x[1]!, x[2]!, allowed).out, dOut)))([
        q,
        k,
        v,
      ]);
      const { out, rowLse } = attention.forward(inputs);
      const actual = attention.backward({ ...inputs, out, rowLse }, { out: dOut });
      const tolerance = toleranceOf("float32", engine().device.kind);
      const error = async (a: tf.Tensor, b: tf.Tensor) => largestRelativeError(await a.data(), await b.data());
      expect(await error(out, expected.out)).toBeLessThan(tolerance.output);
      expect(await error(rowLse, expected.lse)).toBeLessThan(tolerance.output);
      expect(await error(actual.q, gradients[0]!)).toBeLessThan(tolerance.gradient);
      expect(await error(actual.k, gradients[1]!)).toBeLessThan(tolerance.gradient);
      expect(await error(actual.v, gradients[2]!)).toBeLessThan(tolerance.gradient);
      tf.dispose([
        q,
        k,
        v,
        dOut,
        visible,
        allowed,
        expected.out,
        expected.lse,
        out,
        rowLse,
        actual.q,
        actual.k,
        actual.v,
        ...gradients,
      ]);
    });
  });
});
