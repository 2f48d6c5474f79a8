import { beforeAll, describe, expect, test } from "vitest";
import { Random } from "#base/random";
import type { RunningEngine } from "#engine/engine";
import { startEngine } from "#engine/registry";
import { largestRelativeError, toleranceOf } from "#engine/tolerance";
import * as tf from "#engine/tf";
import { encodedAdditive } from "./encoded.ts";

const { output: OUTPUT, gradient: GRADIENT } = toleranceOf("float32", "cpu");

/** The same on tensors: tfjs' own softmax, products and gradients. */
function onTensors(q: tf.Tensor, g: tf.Tensor, v: tf.Tensor, table: tf.Tensor): tf.Tensor {
  const encode = (x: tf.Tensor) => tf.mul(tf.concat([x, x], 3), table);
  const p = tf.transpose(tf.softmax(tf.transpose(g, [0, 1, 3, 2])), [0, 1, 3, 2]);
  return tf.matMul(encode(q), tf.matMul(encode(p), v, true));
}

describe("additive with cosine LRPE on the engine's own kernel", () => {
  let engine: RunningEngine;
  beforeAll(async () => {
    engine = await startEngine("wasm");
  });

  test.each([
    [1, 1, 1, 4, 4, 0],
    [2, 3, 70, 6, 9, 0],
    [1, 2, 128, 16, 8, 0],
    [1, 2, 70, 6, 9, 5000],
  ])("B %i H %i N %i D %i E %i, logits + %i: output and gradients as by operations on tensors", (...shape) => {
    const [B, H, N, D, E, offset] = shape;
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
    const inputs = [make(B, H, N, D), tf.add(make(B, H, N, D), offset), make(B, H, N, E)];
    const cotangent = make(B, H, N, E);
    const before = tf.memory().numTensors;
    const [ours, theirs] = tf.tidy(() => {
      const kernel = engine.kernels.additiveEncoded!;
      const runs = [
        (q: tf.Tensor, g: tf.Tensor, v: tf.Tensor) => encodedAdditive(kernel, { q, g, v }, table),
        (q: tf.Tensor, g: tf.Tensor, v: tf.Tensor) => onTensors(q, g, v, table),
      ];
      return runs.map((run) => ({
        out: run(inputs[0]!, inputs[1]!, inputs[2]!).dataSync(),
        gradients: tf
          .grads(run as (...xs: tf.Tensor[]) => tf.Tensor)(inputs, cotangent)
          .map((x) => x.dataSync()),
      })) as never;
    }) as unknown as { out: Float32Array; gradients: Float32Array[] }[];
    expect(tf.memory().numTensors).toBe(before);
    expect(largestRelativeError(ours!.out, theirs!.out)).toBeLessThan(OUTPUT);
    const scale = Math.max(...theirs!.gradients.flatMap((x) => [...x].map(Math.abs)));
    ours!.gradients.forEach((gradient, i) =>
      expect(largestRelativeError(gradient, theirs!.gradients[i]!, scale)).toBeLessThan(GRADIENT),
    );
  });
});
