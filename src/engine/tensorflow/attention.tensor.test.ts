import { describe, expect, test } from "vitest";
import { Random } from "#base/random";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import * as tf from "../tf.ts";
import { largestMagnitude, largestRelativeError, toleranceOf } from "../tolerance.ts";
import { attention } from "./attention.ts";
import { attentionInBlocks, blocksOf } from "./attention-blocks.ts";

process.env["LIGHTNET_TEST_ENGINES"] = "tensorflow";

/** Large enough for two blocks of queries. */
const BLOCKS = { G: 16, N: 600, D: 8, E: 4 };

test("blocks cover all queries once; causal ones see the keys up to their end", () => {
  expect(blocksOf(4, 4096, false)).toHaveLength(16);
  expect(blocksOf(4, 4096, false).every(({ queries, keys }) => queries === 256 && keys === 4096)).toBe(true);
  expect(blocksOf(BLOCKS.G, BLOCKS.N, true)).toEqual([
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
  const some = tf.max(allowed, 2); // where none, implementations may put what they like
  return { out: tf.matMul(p, v), lse: tf.mul(tf.logSumExp(scores, 2), some) };
}

const FORMS = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
] as const;

await describeOnEachEngine("attention", (engine) => {
  const random = new Random(7);
  const normal = (...shape: [number, number, number]) =>
    tf.tensor3d(random.normals(shape.reduce((a, b) => a * b)), shape);

  async function check(
    kernel: typeof attention,
    { G, N, D, E }: typeof BLOCKS,
    [causal, padded]: readonly [boolean, boolean],
  ): Promise<void> {
    const [q, k, v, dOut] = [normal(G, N, D), normal(G, N, D), normal(G, N, E), normal(G, N, E)];
    // Padding at the start: with causal order the first queries see no key at all; where it is longer than N, none does.
    const visible = tf.tidy(() =>
      tf.cast(tf.greaterEqual(tf.range(0, N), tf.mul(5, tf.expandDims(tf.range(0, G), 1))), "float32"),
    ) as tf.Tensor2D;
    const inputs = { q, k, v, scale: 0.5, causal, ...(padded ? { visible } : {}) };
    const allowed = tf.tidy(() => {
      const order = causal
        ? tf.cast(tf.lessEqual(tf.range(0, N), tf.expandDims(tf.range(0, N), 1)), "float32")
        : tf.ones([N, N]);
      return tf.tile(
        padded ? tf.mul(order, tf.expandDims(visible, 1)) : tf.expandDims(order, 0),
        padded ? [1, 1, 1] : [G, 1, 1],
      );
    });
    const expected = tf.tidy(() => plain(q, k, v, allowed));
    const gradients = tf.grads((...x: tf.Tensor[]) => tf.sum(tf.mul(plain(x[0]!, x[1]!, x[2]!, allowed).out, dOut)))([
      q,
      k,
      v,
    ]);
    const { out, rowLse } = kernel.forward(inputs);
    const actual = kernel.backward({ ...inputs, out, rowLse }, { out: dOut });
    const lse = tf.tidy(() => tf.mul(rowLse, tf.max(allowed, 2)));
    const tolerance = toleranceOf("float32", engine().device.kind);
    const scale = Math.max(...(await Promise.all(gradients.map((x) => x.data()))).map(largestMagnitude));
    const error = async (a: tf.Tensor, b: tf.Tensor, siblings = 0) =>
      largestRelativeError(await a.data(), await b.data(), siblings);
    expect(await error(out, expected.out)).toBeLessThan(tolerance.output);
    expect(await error(lse, expected.lse)).toBeLessThan(tolerance.output);
    expect(await error(actual.q, gradients[0]!, scale)).toBeLessThan(tolerance.gradient);
    expect(await error(actual.k, gradients[1]!, scale)).toBeLessThan(tolerance.gradient);
    expect(await error(actual.v, gradients[2]!, scale)).toBeLessThan(tolerance.gradient);
    tf.dispose([q, k, v, dOut, visible, allowed, lse, ...gradients]);
    tf.dispose([{ ...expected }, { out, rowLse }, { ...actual }]);
  }

  test.each(FORMS)(
    "in blocks, causal %s, padding %s: outputs and gradients are those of the definition",
    async (...form) => {
      await expectNoLeak(engine(), () => check(attentionInBlocks, BLOCKS, form));
    },
  );

  describe("by the kernel", () => {
    // One token; panels, groups and blocks with rests; head widths that are no multiple of a vector; two ranges of keys.
    test.each([
      { G: 2, N: 1, D: 16, E: 16 },
      { G: 2, N: 7, D: 3, E: 1 },
      { G: 3, N: 65, D: 128, E: 128 },
      { G: 2, N: 129, D: 20, E: 10 },
      { G: 2, N: 200, D: 33, E: 47 },
      { G: 4, N: 1025, D: 32, E: 32 },
      BLOCKS,
    ])("%j: outputs and gradients are those of the definition", async (sizes) => {
      if (engine().kernels.attention !== attention)
        return void expect(engine().kernels.attention).toBe(attentionInBlocks);
      for (const form of FORMS) await expectNoLeak(engine(), () => check(attention, sizes, form));
    });

    test("what is not a number stays so, and hidden keys may be anything", async () => {
      if (engine().kernels.attention !== attention) return;
      await expectNoLeak(engine(), async () => {
        const q = tf.ones([1, 3, 2]) as tf.Tensor3D;
        const v = tf.tensor3d([1, 2, NaN], [1, 3, 1]);
        const visible = tf.tensor2d([1, 1, 0], [1, 3]);
        const seen = attention.forward({ q, k: q, v, scale: 1, causal: true });
        const hidden = attention.forward({ q, k: q, v, scale: 1, causal: true, visible });
        expect((await seen.out.data())[2]).toBe(NaN);
        expect([...(await hidden.out.data())]).toEqual([1, 1.5, 1.5]);
        tf.dispose([q, v, visible, { ...seen }, { ...hidden }]);
      });
    });
  });
});
