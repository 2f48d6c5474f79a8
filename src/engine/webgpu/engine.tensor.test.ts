import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningEngine } from "../engine.ts";
import * as tf from "../tf.ts";
import { webgpuEngine } from "./engine.ts";

const availability = await webgpuEngine.availability({});
const required = (process.env["REQUIRE_ENGINES"] ?? "").split(",").includes("webgpu");
const name = availability.available ? "engine webgpu" : `engine webgpu: ${availability.reason}`;

describe.skipIf(!availability.available && !required)(name, () => {
  let engine: RunningEngine;
  beforeAll(async () => void (engine = await webgpuEngine.start({})));
  afterAll(() => engine.stop());

  test("multiplies, and leaves no tensor behind when it synchronises", async () => {
    const before = engine.memory().tensors;
    const product = tf.tidy(() => tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])));
    await engine.synchronise(product);
    expect([...(await product.data())]).toEqual([11]);
    product.dispose();
    expect(engine.memory().tensors).toBe(before);
  });

  test("says what the GPU is, and a CPU that plays one is software", () => {
    expect(engine.device.kind).toBe("gpu");
    expect(engine.device.name).not.toBe("");
    if (/swiftshader|llvmpipe/i.test(JSON.stringify(engine.device))) expect(engine.device.software).toBe(true);
  });

  test("an adapter that is not there is answered with those that are", async () => {
    const answer = await webgpuEngine.availability({ gpuAdapter: "no such adapter" });
    expect(answer).toMatchObject({
      available: false,
      reason: expect.stringMatching(/no such adapter.*Available adapters/) as string,
    });
  });

  test("the name that records and doctor show finds the adapter", async () => {
    expect(await webgpuEngine.availability({ gpuAdapter: engine.device.name.split(" (")[0]! })).toMatchObject({
      available: true,
      device: { name: engine.device.name },
    });
  });

  test.each([
    ["sin", [0, 1, -100, 1000, 50000], Math.sin],
    ["cos", [0, 1, -100, 1000, 50000], Math.cos],
    ["expm1", [1e-7, -1e-4, 0.3, -3], Math.expm1],
    ["log", [1e-30, 0.5, 7], Math.log],
  ] as const)("%s is as exact as float32", async (name, arguments_, expected) => {
    const values = await tf.tidy(() => tf[name](tf.tensor1d([...arguments_]))).data();
    arguments_.forEach((x, i) =>
      expect(Math.abs(values[i]! - expected(x))).toBeLessThan(3e-7 * Math.max(1, Math.abs(expected(x)))),
    );
    if (name === "expm1") expect(values[0]! / 1e-7).toBeCloseTo(1, 6);
  });

  test("log 0 is −∞", async () => {
    expect([...(await tf.log(tf.tensor1d([0])).data())]).toEqual([-Infinity]);
  });

  test("device time counts what was queued, and is finer than the 65 µs of browsers", async () => {
    if (engine.deviceSeconds === undefined) return;
    const a = tf.ones([64, 64]);
    const once = await engine.deviceSeconds(() => tf.matMul(a, a));
    const often = await engine.deviceSeconds(() =>
      tf.tidy(() => Array.from({ length: 60 }).reduce<tf.Tensor>((x) => tf.matMul(x as tf.Tensor2D, a), a)),
    );
    a.dispose();
    expect(once).toBeGreaterThan(0);
    expect(often).toBeGreaterThan(once);
    expect((once * 1e9) % 65536).not.toBe(0);
  });

  test("a validation error is thrown where values are read, and does not stick", async () => {
    const backend = tf.backend() as unknown as { device: GPUDevice };
    backend.device.createBuffer({ size: 4, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE });
    const sum = tf.add(tf.ones([4]), 1);
    await expect(sum.data()).rejects.toThrow(/GPU reported an error \(validation\)/);
    expect([...(await tf.add(sum, 1).data())]).toEqual([3, 3, 3, 3]);
    tf.disposeVariables();
  });

  test("a lost device is thrown where values are read", async () => {
    const backend = tf.backend() as unknown as { device: GPUDevice };
    const one = tf.ones([4]);
    backend.device.destroy();
    await expect(tf.add(one, 1).data()).rejects.toThrow(/device was lost/);
  });
});
