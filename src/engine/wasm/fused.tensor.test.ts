import { beforeAll, describe, expect, test } from "vitest";
import { Random } from "#base/random";
import type { RunningEngine } from "../engine.ts";
import { startEngine } from "../registry.ts";
import { toleranceOf } from "../tolerance.ts";
import * as tf from "../tf.ts";

// Agreement with the operators' references is tested in src/ops/fused.tensor.test.ts; here, what calls may do wrong.

const { gradient: TOLERANCE } = toleranceOf("float32", "cpu");

function headTensors(shape: [number, number, number]) {
  const size = shape[0] * shape[1] * shape[2];
  const random = new Random(1);
  const make = () => tf.tensor3d(random.normals(size), shape);
  return { q: make(), g: make(), k: make(), v: make() };
}

describe("fused kernels", () => {
  let engine: RunningEngine;
  beforeAll(async () => {
    engine = await startEngine("wasm");
  });

  test("an empty batch and shapes that do not fit are refused before anything is made", () => {
    const { additiveGlobal, attention } = engine.kernels;
    const before = tf.memory().numTensors;
    const empty = tf.zeros<tf.Rank.R3>([0, 4, 8]);
    const x = tf.zeros<tf.Rank.R3>([2, 4, 8]);
    const short = tf.zeros<tf.Rank.R3>([2, 3, 8]);
    expect(() => additiveGlobal!.forward({ q: empty, g: empty, v: empty })).toThrow(
      /`q` must be not empty, got \[0, 4, 8\]/,
    );
    expect(() => additiveGlobal!.forward({ q: x, g: short, v: x })).toThrow(/`g` must be \[2, 4, 8\], got \[2, 3, 8\]/);
    expect(() => attention!.forward({ q: x, k: x, v: short, scale: 1, causal: true })).toThrow(/`v` must be/);
    tf.dispose([empty, x, short]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("10 000 calls leave tensors and heap as they were", () => {
    const { q, g, k, v } = headTensors([2, 9, 8]);
    const { additiveGlobal, additiveCausal, decayScan, attention } = engine.kernels;
    const start = {
      top0: tf.fill([2, 8], -1e30) as tf.Tensor2D,
      weight0: tf.zeros<tf.Rank.R2>([2, 8]),
      state0: tf.zeros<tf.Rank.R3>([2, 8, 8]),
    };
    const logDecay = tf.neg(tf.abs(g)) as tf.Tensor3D;
    const order = Int32Array.from([8, 7, 6, 5, 4, 3, 2, 1, 0]);
    const round = () =>
      tf.tidy(() => {
        const global = additiveGlobal!.forward({ q, g, v });
        additiveGlobal!.backward({ q, g, v, ...global }, { ...global, lse: global.top });
        const causal = additiveCausal!.forward({ q, g, v, ...start });
        additiveCausal!.backward({ q, g, v, ...start }, causal);
        const scan = { q, k, v, logDecay, directions: [{ order }] };
        decayScan!.backward(scan, { out: decayScan!.forward(scan).out });
        const heads = { q, k, v, scale: 0.3, causal: true };
        const attended = attention!.forward(heads);
        attention!.backward({ ...heads, ...attended }, attended);
      });
    for (let i = 0; i < 50; i++) round();
    const before = engine.memory();
    for (let i = 0; i < 1250; i++) round(); // 8 calls a round
    expect(engine.memory()).toEqual(before);
  });

  test("the heap may grow while a kernel runs: results stay right", () => {
    // Outputs larger than what the heap has free, so that allocating them moves every view.
    const { q, g, v } = headTensors([1, 20_000, 64]);
    const before = engine.memory().reservedBytes!;
    const large = tf.tidy(() => {
      const { out, state } = engine.kernels.additiveGlobal!.forward({ q, g, v });
      const expected = tf.matMul(q, tf.matMul(tf.softmax(tf.transpose(g, [0, 2, 1])), v));
      const error = tf.div(tf.max(tf.abs(tf.sub(out, expected))), tf.max(tf.abs(expected)));
      return { error: error.dataSync()[0]!, state: state.shape };
    });
    expect(engine.memory().reservedBytes!).toBeGreaterThan(before);
    expect(large.error).toBeLessThan(TOLERANCE);
    expect(large.state).toEqual([1, 64, 64]);
    tf.dispose([q, g, v]);
  });

  test("threads are refused where the memory began without them", async () => {
    await expect(startEngine("wasm", { threads: 2 })).rejects.toThrow(/began with one thread in this process/);
    expect(engine.device.details["threads"]).toBe(1);
  });

  test("attention's memory grows with N, not with N²", () => {
    const { q, k, v } = headTensors([1, 8192, 16]);
    const before = engine.memory().reservedBytes!;
    tf.tidy(() => void engine.kernels.attention!.forward({ q, k, v, scale: 0.25, causal: false }));
    expect(engine.memory().reservedBytes! - before).toBeLessThan(8192 * 8192); // a quarter of the scores alone
    tf.dispose([q, k, v]);
  });
});
