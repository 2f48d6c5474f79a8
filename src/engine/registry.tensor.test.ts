import { expect, test } from "vitest";
import { currentEngine, startEngine } from "./registry.ts";
import * as tf from "./tf.ts";

test.each(["wasm", "cpu"])("engine %s starts, multiplies and says what it is", async (id) => {
  const engine = await startEngine(id);
  expect(currentEngine()).toBe(engine);
  const before = engine.memory().tensors;
  const product = tf.tidy(() => tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])));
  await engine.synchronise(product);
  expect([...product.dataSync()]).toEqual([11]);
  product.dispose();
  expect(engine.memory().tensors).toBe(before);
  expect(engine.device.name).not.toBe("");
});

test("an unknown engine answers with the nearest name", async () => {
  await expect(startEngine("wasn")).rejects.toThrow(/Did you mean wasm\?/);
});
