import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Random } from "#base/random";
import { engineAvailability, startEngine } from "#engine/registry";
import type { RunningEngine } from "#engine/engine";
import { largestRelativeError, toleranceOf } from "#engine/tolerance";
import * as tf from "#engine/tf";
import { encodedAdditive } from "./additive/encoded.ts";

const { output: OUTPUT, gradient: GRADIENT } = toleranceOf("float32", "gpu");
const availability = await engineAvailability("webgpu");
const required = (process.env["REQUIRE_ENGINES"] ?? "").split(",").includes("webgpu");
const title = availability.available
  ? "additive with cosine LRPE on webgpu's own kernel"
  : `additive with cosine LRPE on webgpu: ${availability.reason}`;

/** The same on tensors: tfjs' own softmax, products and gradients. */
function onTensors(q: tf.Tensor, g: tf.Tensor, v: tf.Tensor, table: tf.Tensor): tf.Tensor {
  const encode = (x: tf.Tensor) => tf.mul(tf.concat([x, x], 3), table);
  const p = tf.transpose(tf.softmax(tf.transpose(g, [0, 1, 3, 2])), [0, 1, 3, 2]);
  return tf.matMul(encode(q), tf.matMul(encode(p), v, true));
}

type Form = (q: tf.Tensor, g: tf.Tensor, v: tf.Tensor) => tf.Tensor;

describe.skipIf(!availability.available && !required)(title, () => {
  let engine: RunningEngine;
  beforeAll(async () => void (engine = await startEngine("webgpu")));
  afterAll(() => engine.stop());

  test.each([
    [1, 1, 1, 4, 4],
    [2, 3, 70, 6, 9],
    [1, 2, 300, 16, 8],
  ])(
    "B %i H %i N %i D %i E %i: output and gradients as by operations on tensors",
    { timeout: 300_000 },
    async (...[B, H, N, D, E]) => {
      const random = new Random(1);
      const make = (...shape: number[]) =>
        tf.tensor(
          random.normals(
            shape.reduce((x, y) => x * y, 1),
            2,
          ),
          shape,
        );
      const angles = make(1, H, N, D);
      const table = tf.concat([tf.cos(angles), tf.sin(angles)], 3);
      const inputs = [make(B, H, N, D), make(B, H, N, D), make(B, H, N, E)];
      const cotangent = make(B, H, N, E);
      const before = tf.memory().numTensors;
      const valuesOf = async (run: Form) => {
        const tensors = tf.tidy(() => [
          run(inputs[0]!, inputs[1]!, inputs[2]!),
          ...tf.grads(run as (...xs: tf.Tensor[]) => tf.Tensor)(inputs, cotangent),
        ]);
        const values: ArrayLike<number>[] = [];
        for (const tensor of tensors) values.push(await tensor.data());
        tf.dispose(tensors);
        return values;
      };
      const ours = await valuesOf((q, g, v) => encodedAdditive(engine.kernels.additiveEncoded!, { q, g, v }, table));
      const theirs = await valuesOf((q, g, v) => onTensors(q, g, v, table));
      expect(tf.memory().numTensors).toBe(before);
      expect(largestRelativeError(ours[0]!, theirs[0]!)).toBeLessThan(OUTPUT);
      const scale = Math.max(...theirs.slice(1).flatMap((x) => [...(x as Float32Array)].map(Math.abs)));
      for (const i of [1, 2, 3]) expect(largestRelativeError(ours[i]!, theirs[i]!, scale)).toBeLessThan(GRADIENT);
    },
  );
});
