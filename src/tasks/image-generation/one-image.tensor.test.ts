// A denoiser that has learned one image by heart draws that image: patches are cut and joined in one order, the class and
// the time reach the network, and it knows which patch stands where.

import { describe, expect, test } from "vitest";
import { Random } from "#base/random";
import type { ModelSpec } from "#case/case";
import { contenders } from "#catalogue/contenders";
import type { RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import { patchify, unpatchify } from "#models/patches";
import { AdamW } from "#training/adamw";
import { describeOnEachEngine } from "#testing/engines";
import { drawSamples, patchTensor, type Drawing } from "./draw-samples.ts";
import { createDenoiser, type DenoiserOptions } from "./head.ts";
import { addNoise, linearSchedule } from "./schedule.ts";

const [EDGE, PATCH] = [12, [3, 3]];
const SHAPE = [EDGE, EDGE, 1];
const SIZE = EDGE * EDGE;
const SAMPLES = 8;
/** A bright arc from the lower left to the upper right, on a dark ground: no two patches are alike. */
const IMAGE = Float32Array.from({ length: SIZE }, (_, i) => {
  const [row, column] = [Math.floor(i / EDGE), i % EDGE];
  return 2 * Math.exp(-((Math.hypot(row - 12, column - 12) - 9) ** 2) / 4) * (0.4 + column / 20) - 1;
});

test.each([
  [
    [12, 12, 1],
    [3, 3],
  ],
  [
    [8, 12, 3],
    [4, 3],
  ],
  [
    [4, 6, 8, 2],
    [2, 3, 4],
  ],
])("images of %j cut into patches of %j are joined again as they were", (shape, patch) => {
  const values = new Random(1).normals(2 * shape.reduce((product, extent) => product * extent, 1));
  expect(unpatchify(patchify(values, shape, patch), shape, patch)).toEqual(values);
});

function correlation(a: Float32Array, b: Float32Array): number {
  const centred = (x: Float32Array) => x.map((value) => value - x.reduce((sum, other) => sum + other, 0) / x.length);
  const product = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  const [x, y] = [centred(a), centred(b)];
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y));
}

/** Mean correlation of samples with the one image that was learned. */
async function likeness(engine: RunningEngine, positions: DenoiserOptions["positions"]): Promise<number> {
  const model: ModelSpec = {
    variant: "test",
    width: 32,
    depth: 2,
    heads: 2,
    gluWidth: 64,
    mixer: { operator: contenders.get("additive-global").spec, encoding: "md-lrpe" },
    localMixing: "none",
    patch: PATCH,
  };
  const denoiser = await createDenoiser(model, { imageShape: SHAPE, classes: 1 }, { seed: 1, engine, positions });
  const optimiser = new AdamW(denoiser.parameters, { weightDecay: 0, clipNorm: 1 });
  const schedule = linearSchedule();
  const [steps, batch] = [400, 8];
  const clean = Float32Array.from({ length: batch * SIZE }, (_, i) => IMAGE[i % SIZE]!);
  const classes = new Int32Array(batch);
  for (let step = 0; step < steps; step++) {
    const random = new Random(step);
    const timesteps = Int32Array.from({ length: batch }, () => random.integer(schedule.timesteps));
    const noise = random.normals(batch * SIZE);
    const gradient = tf.tidy(() => {
      const noisy = patchTensor(addNoise(schedule, { clean, noise, timesteps }), SHAPE, PATCH);
      const wanted = patchTensor(noise, SHAPE, PATCH);
      const loss = () =>
        tf.mean(tf.squaredDifference(denoiser.forward(noisy, { timesteps, classes }), wanted)) as tf.Scalar;
      const { grads } = tf.variableGrads(loss, denoiser.parameters.list());
      return optimiser.flatten(denoiser.parameters.list().map((variable) => grads[variable.name]!));
    });
    tf.dispose([gradient, optimiser.update(gradient, step, 4e-3 * (1 - step / steps))]);
  }
  const diffusion: Drawing = {
    classDropout: 0,
    sampler: "ddim",
    samplingSteps: 20,
    guidance: 1,
    samples: SAMPLES,
    extractorSteps: 1,
  };
  const sampled = { denoiser, imageShape: SHAPE, patch: PATCH, classes: 1, schedule, limit: 1 };
  const samples = await drawSamples(sampled, diffusion);
  optimiser.dispose();
  denoiser.parameters.dispose();
  const each = Array.from({ length: SAMPLES }, (_, i) =>
    correlation(samples.subarray(i * SIZE, (i + 1) * SIZE), IMAGE),
  );
  return each.reduce((sum, value) => sum + value, 0) / SAMPLES;
}

describe("one image learned by heart", async () => {
  await describeOnEachEngine("with places", (engine, id) => {
    test.skipIf(id === "cpu")("is drawn again, patch by patch", { timeout: 120_000 }, async () => {
      expect(await likeness(engine(), "sinusoidal")).toBeGreaterThan(0.9);
    });

    test.skipIf(id === "cpu")("comes out shuffled without places", { timeout: 120_000 }, async () => {
      expect(await likeness(engine(), undefined)).toBeLessThan(0.5);
    });
  });
});
