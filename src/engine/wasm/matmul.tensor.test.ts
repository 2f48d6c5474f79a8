import { beforeAll, describe, expect, test } from "vitest";
import { Random } from "#base/random";
import { startEngine } from "../registry.ts";
import * as tf from "../tf.ts";
import { useKernels } from "./registration.ts";

interface Case {
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** The product in float64, element by element, and the sum of magnitudes that bounds its rounding error. */
function exactProduct(a: Float32Array, b: Float32Array, [M, N, K]: readonly [number, number, number], c: Case) {
  const value = new Float64Array(M * N);
  const magnitude = new Float64Array(M * N);
  for (let i = 0; i < M; i++)
    for (let j = 0; j < N; j++)
      for (let p = 0; p < K; p++) {
        const term = a[c.transposeA ? p * M + i : i * K + p]! * b[c.transposeB ? j * K + p : p * N + j]!;
        value[i * N + j]! += term;
        magnitude[i * N + j]! += Math.abs(term);
      }
  return { value, magnitude };
}

/** Largest |got − exact| / Σ|terms|: K roundings of 2⁻²⁴ each that add up like a random walk. */
function relativeError(got: ArrayLike<number>, exact: ReturnType<typeof exactProduct>): number {
  let largest = 0;
  for (let i = 0; i < exact.value.length; i++) {
    largest = Math.max(largest, Math.abs(got[i]! - exact.value[i]!) / (exact.magnitude[i]! || 1));
  }
  return largest;
}

const SIZES: readonly (readonly [number, number, number])[] = [
  [1, 1, 1],
  [1, 7, 3],
  [5, 8, 4],
  [6, 9, 5],
  [4, 64, 64],
  [64, 64, 300],
  [81, 13, 65],
  [70, 530, 9],
  [3, 2, 513],
  [161, 66, 257],
];

describe.each(["simd", "relaxed"] as const)("products of the %s build", (build) => {
  beforeAll(async () => {
    await startEngine("wasm");
    useKernels(build);
  });

  test.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])("transposeA %s, transposeB %s, at every size", (transposeA, transposeB) => {
    const random = new Random(1);
    for (const [M, N, K] of SIZES) {
      const c: Case = { a: transposeA ? [K, M] : [M, K], b: transposeB ? [N, K] : [K, N], transposeA, transposeB };
      const a = random.normals(M * K);
      const b = random.normals(K * N);
      const got = tf.tidy(() =>
        tf.matMul(tf.tensor(a, [...c.a]), tf.tensor(b, [...c.b]), transposeA, transposeB).dataSync(),
      );
      expect(relativeError(got, exactProduct(a, b, [M, N, K], c)), `${M}×${N}×${K}`).toBeLessThan(
        Math.max(4, 2 * Math.sqrt(K)) * 2 ** -24,
      );
    }
  });

  test("batch axes broadcast as in tfjs", () => {
    const random = new Random(2);
    for (const [batchA, batchB] of [
      [[3], [3]],
      [[3], [1]],
      [[1], [3]],
      [
        [2, 1],
        [1, 3],
      ],
      [[2, 3], [3]],
      [[], [4]],
    ] as const) {
      for (const transposeA of [false, true]) {
        const a = tf.tensor(random.normals(batchA.reduce<number>((n, d) => n * d, 1) * 6), [
          ...batchA,
          ...(transposeA ? [3, 2] : [2, 3]),
        ]);
        const b = tf.tensor(random.normals(batchB.reduce<number>((n, d) => n * d, 1) * 15), [...batchB, 3, 5]);
        const got = tf.matMul(a, b, transposeA, false);
        const rows = transposeA ? tf.transpose(a, [...batchA.keys(), batchA.length + 1, batchA.length]) : a;
        const expected = tf.sum(tf.mul(tf.expandDims(rows, -1), tf.expandDims(b, -3)), -2);
        expect(got.shape).toEqual(expected.shape);
        const difference = tf.max(tf.abs(tf.sub(got, expected))).dataSync()[0]!;
        expect(difference).toBeLessThan(1e-5);
        tf.dispose([a, b, got, expected]);
      }
    }
  });

  test("an inner size of 0 gives zeros", () => {
    expect([...tf.matMul(tf.zeros([2, 0]), tf.zeros([0, 3])).dataSync()]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test.each([
    ["linear", (x: number) => x],
    ["relu", (x: number) => Math.max(x, 0)],
    ["relu6", (x: number) => Math.min(Math.max(x, 0), 6)],
    ["sigmoid", (x: number) => 1 / (1 + Math.exp(-x))],
    ["elu", (x: number) => (x >= 0 ? x : Math.expm1(x))],
    ["leakyrelu", (x: number) => (x >= 0 ? x : 0.1 * x)],
  ] as const)("bias and %s are applied in the product", (activation, f) => {
    const random = new Random(3);
    const a = tf.tensor2d(random.normals(6 * 11), [6, 11]);
    const b = tf.tensor2d(random.normals(11 * 7), [11, 7]);
    const bias = tf.tensor1d(random.normals(7));
    const got = tf.fused.matMul({ a, b, bias, activation, leakyreluAlpha: 0.1 }).dataSync();
    const plain = tf.add(tf.matMul(a, b), bias).dataSync();
    plain.forEach((x, i) => expect(got[i]).toBeCloseTo(f(x), 5));
  });

  test("operands that do not fit are refused", () => {
    expect(() => tf.matMul(tf.zeros([2, 3, 4]), tf.zeros([3, 4, 5]))).toThrow(/broadcast|Incompatible|incompatible/);
  });

  test("gradients go through our products", () => {
    const a = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
    const b = tf.tensor2d([1, 0, 2, 1, 0, 3], [3, 2]);
    const [da, db] = tf.grads((x: tf.Tensor, y: tf.Tensor) => tf.sum(tf.matMul(x, y)))([a, b]);
    expect([...da!.dataSync()]).toEqual([1, 3, 3, 1, 3, 3]); // row sums of b
    expect([...db!.dataSync()]).toEqual([5, 5, 7, 7, 9, 9]); // column sums of a
  });
});

test("10 000 products leave the heap as large as it was", async () => {
  const engine = await startEngine("wasm");
  const a = tf.ones([40, 64]);
  const b = tf.ones([64, 30]);
  const round = () => tf.matMul(a, b, false, false).dispose();
  for (let i = 0; i < 100; i++) round();
  const before = engine.memory();
  for (let i = 0; i < 10_000; i++) round();
  expect(engine.memory()).toEqual(before);
});
