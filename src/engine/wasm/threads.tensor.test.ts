import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Random } from "#base/random";
import { packageRoot } from "#host/package";
import type { RunningEngine } from "../engine.ts";
import { startEngine } from "../registry.ts";
import * as tf from "../tf.ts";
import type { Heap } from "./heap.ts";
import { chooseBuild } from "./module.ts";
import { useKernels } from "./registration.ts";

// Each thread count must give the bits of one thread, which the conformance kit checks. The first start shares the memory.

type HeadShape = readonly [G: number, N: number, D: number, E: number];

/** rows of batch and head, tokens, key and value width: one head and several, below, at and beyond tiles and blocks */
const SHAPES: readonly HeadShape[] = [
  [1, 37, 5, 3],
  [3, 330, 16, 24],
  [1, 1000, 32, 32],
  [5, 129, 64, 64],
];
/** matrices, M, N, K: tall, wide, many, and empty */
const PRODUCTS = [
  [1, 161, 66, 257],
  [1, 530, 70, 9],
  [1, 7, 700, 64],
  [13, 17, 9, 33],
  [2, 400, 24, 50],
  [1, 3, 0, 4],
] as const;

const random = new Random(1);
const draw = (...shape: number[]) => tf.tensor(random.normals(shape.reduce((all, size) => all * size, 1)), shape);
const draw3 = (...shape: [number, number, number]) => draw(...shape) as tf.Tensor3D;

function headTensors([G, N, D, E]: HeadShape) {
  const logDecay = tf.neg(tf.abs(draw(G, N, D))) as tf.Tensor3D;
  const visible = tf.less(draw(G, N), 1).toFloat() as tf.Tensor2D;
  return { q: draw3(G, N, D), k: draw3(G, N, D), g: draw3(G, N, D), v: draw3(G, N, E), logDecay, visible };
}

type Inputs = ReturnType<typeof headTensors>;

/** What every kernel gives, forward and backward. */
function everything({ kernels }: RunningEngine, { q, k, g, v, logDecay, visible }: Inputs): Record<string, tf.Tensor> {
  const [G, N, D] = q.shape;
  const E = v.shape[2];
  const results: Record<string, tf.Tensor> = {};
  const take = (name: string, given: object) => {
    for (const [key, tensor] of Object.entries(given) as [string, tf.Tensor][]) results[`${name} ${key}`] = tensor;
  };
  for (const causal of [true, false]) {
    const inputs = { q, k, v, scale: 0.3, causal, ...(causal ? {} : { visible }) };
    const made = kernels.attention!.forward(inputs);
    take(`attention ${causal}`, made);
    take(`attention ${causal} backward`, kernels.attention!.backward({ ...inputs, ...made }, { out: made.out }));
  }
  const global = kernels.additiveGlobal!.forward({ q, g, v, k });
  take("global", global);
  take("global backward", kernels.additiveGlobal!.backward({ q, g, v, k, ...global }, { ...global, lse: global.top }));
  const start = {
    top0: tf.fill([G, D], -1e30) as tf.Tensor2D,
    weight0: tf.zeros<tf.Rank.R2>([G, D]),
    state0: tf.zeros<tf.Rank.R3>([G, D, E]),
  };
  const causal = kernels.additiveCausal!.forward({ q, g, v, ...start });
  take("causal", causal);
  take("causal backward", kernels.additiveCausal!.backward({ q, g, v, ...start }, causal));
  const table = tf.tensor3d(
    Array.from({ length: N * 2 * D }, (_, i) => Math.cos(i)),
    [1, N, 2 * D],
  );
  const encoded = kernels.additiveEncoded!.forward({ q, g, v, table });
  take("encoded", encoded);
  take("encoded backward", kernels.additiveEncoded!.backward({ q, g, v, table, ...encoded }, { out: encoded.out }));
  const reversed = { order: Int32Array.from({ length: N }, (_, i) => N - 1 - i) };
  const permuted = { order: Int32Array.from({ length: N }, (_, i) => (i % 2 === 0 ? i / 2 : N - (i + 1) / 2)) };
  for (const directions of [[{}], [reversed], [{}, reversed, permuted]]) {
    const inputs = { q, k, v, logDecay, directions };
    const made = kernels.decayScan!.forward(inputs);
    take(`scan ${directions.length}`, made);
    take(`scan ${directions.length} backward`, kernels.decayScan!.backward(inputs, { out: made.out }));
  }
  return results;
}

/** A short name of a tensor's bits. */
const bitsOf = (tensor: tf.Tensor) => createHash("sha256").update(tensor.dataSync()).digest("hex");

describe("threads", () => {
  let engine: RunningEngine;
  let heap: Heap;
  const useThreads = async (threads: number) => (engine = await startEngine("wasm", { threads, sharesAll: true }));

  beforeAll(async () => {
    await useThreads(3);
    heap = useKernels(chooseBuild())!;
  });
  afterAll(() => engine.stop());

  test("the device says how many work", async () => {
    for (const threads of [2, 1, 3]) {
      await useThreads(threads);
      expect(engine.device.details["threads"]).toBe(threads);
      expect(heap.threads?.count ?? 1).toBe(threads);
    }
  });

  test.each(SHAPES)("kernels on [%i, %i, %i, %i] give the same bits with 1, 2 and 3", async (...shape) => {
    const inputs = headTensors(shape);
    const found = new Map<string, string[]>();
    for (const threads of [1, 2, 3]) {
      await useThreads(threads);
      tf.tidy(() => {
        for (const [name, tensor] of Object.entries(everything(engine, inputs)))
          found.set(name, [...(found.get(name) ?? []), bitsOf(tensor)]);
      });
    }
    expect(found.size).toBeGreaterThan(40);
    for (const [name, [one, ...others]] of found) expect(others, name).toEqual([one, one]);
    tf.dispose(inputs);
  });

  test.each(PRODUCTS)("products, %i of %i×%i×%i, give the same bits with 1, 2 and 3", async (batch, M, N, K) => {
    for (const [transposeA, transposeB] of [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ] as const) {
      const a = draw(batch, ...(transposeA ? [K, M] : [M, K]));
      const b = draw(batch, ...(transposeB ? [N, K] : [K, N]));
      const found: string[] = [];
      for (const threads of [1, 2, 3]) {
        await useThreads(threads);
        found.push(tf.tidy(() => bitsOf(tf.matMul(a, b, transposeA, transposeB))));
      }
      expect(found).toEqual([found[0], found[0], found[0]]);
      tf.dispose([a, b]);
    }
  });

  test("parts beyond what the board holds come in rounds", async () => {
    await useThreads(2);
    const a = draw(9000, 2, 3);
    const b = draw(9000, 3, 2);
    tf.tidy(() => {
      const got = tf.matMul(a, b);
      const expected = tf.sum(tf.mul(tf.expandDims(a, -1), tf.expandDims(b, -3)), -2);
      expect(tf.max(tf.abs(tf.sub(got, expected))).dataSync()[0]).toBeLessThan(1e-5);
      const heads = { q: draw3(5000, 3, 4), k: draw3(5000, 3, 4), v: draw3(5000, 3, 4), scale: 1, causal: true };
      const { rowLse } = engine.kernels.attention!.forward(heads);
      const first = tf.sum(tf.mul(heads.q, heads.k), -1).slice([0, 0], [5000, 1]); // the first query sees its own key
      expect(tf.max(tf.abs(tf.sub(rowLse.slice([0, 0], [5000, 1]), first))).dataSync()[0]).toBeLessThan(1e-4);
    });
    tf.dispose([a, b]);
  });

  test("threads see memory that has grown since they began", async () => {
    await useThreads(3);
    const before = engine.memory().reservedBytes!;
    tf.tidy(() => {
      tf.zeros([Math.ceil(before / 4)]); // what follows lies beyond the old end
      const { q, k, v } = headTensors([2, 700, 16, 16]);
      const { rowLse } = engine.kernels.attention!.forward({ q, k, v, scale: 1, causal: false });
      const expected = tf.logSumExp(tf.matMul(q, k, false, true), -1);
      expect(tf.max(tf.abs(tf.sub(rowLse, expected))).dataSync()[0]).toBeLessThan(1e-4);
    });
    expect(engine.memory().reservedBytes!).toBeGreaterThan(before);
  });

  test("a call that fails in a thread fails as a whole, with the reason, and the next one is right", async () => {
    await useThreads(3);
    const space = heap.space(heap.module["gemmScratchBytes"]!());
    const beyond = 2 ** 32 - 64;
    const calls = () => [[beyond, 8, 0, beyond, 8, 0, beyond, 8, 8, 8, 8, 0]];
    expect(() => heap.run({ kernel: "gemm", count: 12, calls, space, operations: 1 })).toThrow(
      expect.objectContaining({
        code: "E_KERNEL",
        message: expect.stringMatching(/^gemm failed in thread [012]: .*out of bounds/),
      }),
    );
    expect([...tf.tidy(() => tf.matMul(tf.ones([200, 3]), tf.ones([3, 1])).dataSync())]).toEqual(
      Array.from({ length: 200 }, () => 3),
    );
  });

  test("little work is not shared out unless that is asked for", async () => {
    engine = await startEngine("wasm", { threads: 2 });
    let shared = 0;
    const { threads } = heap;
    const run = threads!.run.bind(threads);
    threads!.run = (parts) => {
      shared++;
      run(parts);
    };
    tf.tidy(() => void tf.matMul(tf.ones([100, 10]), tf.ones([10, 100])));
    expect(shared).toBe(0);
    tf.tidy(() => void tf.matMul(tf.ones([500, 100]), tf.ones([100, 100])));
    expect(shared).toBe(1);
  });
});

test("a program ends by itself while threads sleep", () => {
  const registry = pathToFileURL(`${packageRoot()}/dist/src/engine/registry.js`).href;
  const program = `const { startEngine } = await import("${registry}"); await startEngine("wasm", { threads: 3 }); console.log("started");`;
  const ended = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    encoding: "utf8",
    timeout: 120_000,
  });
  expect({ status: ended.status, signal: ended.signal, stdout: ended.stdout }).toEqual({
    status: 0,
    signal: null,
    stdout: "started\n",
  });
});
