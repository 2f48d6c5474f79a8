import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import { engineAvailability, startEngine } from "../registry.ts";
import * as tf from "../tf.ts";

process.env["LIGHTNET_TEST_ENGINES"] = "tensorflow";

// As on Node 23 and newer, where the package's own modules would fail.
const util = createRequire(import.meta.url)("node:util") as Record<string, unknown>;
delete util["isNullOrUndefined"];
delete util["isArray"];

await describeOnEachEngine("native TensorFlow", (engine) => {
  test("the device is named, with the versions and settings that change results or times", async () => {
    const { kind, name, details } = engine().device;
    expect(["cpu", "gpu"]).toContain(kind);
    expect(name).not.toBe("");
    expect(details["tensorflow"]).toMatch(/^\d+\.\d+/);
    expect(details["threads"]).toBeGreaterThanOrEqual(1);
    expect(await engineAvailability("tensorflow")).toEqual({ available: true, device: engine().device });
  });

  test("its kernels work on the tensors of this project's TensorFlow.js", () => {
    expect(tf.getBackend()).toBe("tensorflow");
    expect(tf.engine().backend.constructor.name).toBe("NodeJSKernelBackend");
    const product = tf.tidy(() => tf.dot(tf.tensor1d([1, 2]), tf.tensor1d([3, 4])));
    expect(product.dataSync()[0]).toBe(11);
    product.dispose();
  });

  test("transposed and batched products, and their gradients", async () => {
    await expectNoLeak(engine(), async () => {
      const a = tf.tensor3d([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]);
      const b = tf.tensor3d([1, 0, 0, 1, 0, 1, 1, 0], [2, 2, 2]);
      const product = tf.matMul(a, b, true, false); // aᵀ b
      await engine().synchronise(product);
      expect([...(await product.data())]).toEqual([1, 3, 2, 4, 7, 5, 8, 6]);
      const [da, db] = tf.grads((x: tf.Tensor, y: tf.Tensor) => tf.sum(tf.square(tf.matMul(x, y, true, false))))([
        a,
        b,
      ]);
      // d/da Σ (aᵀ b)² = 2 b (aᵀ b)ᵀ, d/db = 2 a (aᵀ b)
      expect([...(await da!.data())]).toEqual([2, 4, 6, 8, 10, 12, 14, 16]);
      expect([...(await db!.data())]).toEqual([10, 22, 22, 50, 166, 122, 226, 166]);
      tf.dispose([a, b, product, da!, db!]);
    });
  });

  test("synchronise leaves no tensors, whatever the shape and type", async () => {
    await expectNoLeak(engine(), async () => {
      for (const tensor of [
        tf.scalar(1),
        tf.zeros([3, 4, 5]),
        tf.zeros([0, 2]),
        tf.tensor1d([1, 2], "int32"),
        tf.tensor1d([true]),
      ]) {
        await engine().synchronise(tensor);
        tensor.dispose();
      }
    });
  });

  test("tensors follow when another engine of the CPU takes over, and come back", async () => {
    if (engine().device.kind !== "cpu") return;
    const squares = tf.square(tf.tensor1d([1, 2, 3]));
    await startEngine("cpu");
    expect([...tf.add(squares, 1).dataSync()]).toEqual([2, 5, 10]);
    await startEngine("tensorflow");
    expect([...tf.add(squares, 2).dataSync()]).toEqual([3, 6, 11]);
  });
});
