import { expect, test } from "vitest";
import { UsageError } from "#base/errors";
import { Random } from "#base/random";
import * as tf from "#engine/tf";
import type { ModelSpec } from "#case/case";
import { contenders } from "#catalogue/contenders";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import { createDenoiser, timeWaves, type Denoiser, type DenoiserCondition } from "./head.ts";

const INPUT = { imageShape: [6, 8, 2], classes: 3 } as const;
const [B, N, P] = [2, 12, 8];
const patches = new Random(2).normals(B * N * P);
const CONDITION = { timesteps: [7, 900], classes: [0, 3] };

function modelWith(contender: string): ModelSpec {
  const mixer = { operator: contenders.get(contender).spec, encoding: "md-lrpe" as const };
  return { variant: "test", width: 8, depth: 2, heads: 2, gluWidth: 12, mixer, localMixing: "none", patch: [2, 2] };
}

/** Gives every weight that starts at zero a value. */
function stir({ parameters }: Denoiser): void {
  for (const { name, shape } of parameters.declarations) {
    const weight = parameters.get(name);
    const draw = tf.tensor(new Random(5).fork(name).normals(weight.size, 0.3), [...shape]);
    if (/modulation|last|head/.test(name)) weight.assign(draw);
    draw.dispose();
  }
}

const outputOf = (denoiser: Denoiser, condition: DenoiserCondition, values = patches) =>
  tf.tidy(() => [...denoiser.forward(tf.tensor3d(values, [B, N, P]), condition).dataSync()]);

test("time waves are cosines, then sines, from one a step to one in 10000 steps", () => {
  const waves = timeWaves([0, 3]);
  expect([...waves.slice(0, 256)]).toEqual([...new Array<number>(128).fill(1), ...new Array<number>(128).fill(0)]);
  expect(waves[256]).toBeCloseTo(Math.cos(3), 6);
  expect(waves[256 + 128 + 64]).toBeCloseTo(Math.sin(3 / 100), 6);
});

await describeOnEachEngine("denoiser", (engine, id) => {
  test.each(id === "cpu" ? ["additive-global"] : ["additive-global", "softmax-full", "hgrn2-2scan", "vector-2scan"])(
    "%s: predicts no noise at the start; once stirred, every weight learns and nothing leaks",
    async (contender) => {
      await expectNoLeak(engine(), async () => {
        const denoiser = await createDenoiser(modelWith(contender), INPUT, { seed: 1, engine: engine() });
        const { parameters } = denoiser;
        expect(outputOf(denoiser, CONDITION)).toEqual(new Array(B * N * P).fill(0));
        stir(denoiser);
        tf.tidy(() => {
          const x = tf.tensor3d(patches, [B, N, P]);
          const { grads } = tf.variableGrads(
            () => tf.sum(tf.square(denoiser.forward(x, CONDITION))) as tf.Scalar,
            parameters.list(),
          );
          for (const { name } of parameters.declarations) {
            const gradient = grads[parameters.get(name).name]?.dataSync<"float32">() ?? new Float32Array();
            if (name === "classes") {
              const rows = [0, 1, 2, 3].map((row) =>
                gradient.subarray(row * 8, row * 8 + 8).some((value) => value !== 0),
              );
              expect(rows).toEqual([true, false, false, true]); // only the classes of the batch
            }
            expect([name, gradient.some((value) => value !== 0) && gradient.every(Number.isFinite)]).toEqual([
              name,
              true,
            ]);
          }
        });
        parameters.dispose();
      });
    },
  );

  test("time step and class change the answer, each image by its own", async () => {
    const denoiser = await createDenoiser(modelWith("additive-global"), INPUT, { seed: 1, engine: engine() });
    stir(denoiser);
    const base = outputOf(denoiser, CONDITION);
    const differs = (condition: DenoiserCondition) => {
      const other = outputOf(denoiser, condition);
      return [0, 1].map((item) =>
        base.some((value, i) => Math.floor(i / (N * P)) === item && Math.abs(value - other[i]!) > 1e-4),
      );
    };
    expect(differs({ ...CONDITION, timesteps: [7, 100] })).toEqual([false, true]);
    expect(differs({ ...CONDITION, classes: [1, 3] })).toEqual([true, false]);
    expect(() => outputOf(denoiser, { ...CONDITION, classes: [0, 4] })).toThrow(UsageError);
    denoiser.parameters.dispose();
  });

  test("at the start a block is the identity: with a head and a last norm alone, no token knows of another", async () => {
    const denoiser = await createDenoiser(modelWith("softmax-full"), INPUT, { seed: 1, engine: engine() });
    const head = tf.tensor2d(new Random(3).normals(8 * P), [8, P]);
    denoiser.parameters.get("head.w").assign(head);
    head.dispose();
    const base = outputOf(denoiser, CONDITION);
    const touched = patches.slice();
    touched[0]! += 1; // first token of the first image
    const other = outputOf(denoiser, CONDITION, touched);
    expect(other.slice(0, P)).not.toEqual(base.slice(0, P));
    expect(other.slice(P)).toEqual(base.slice(P));
    denoiser.parameters.dispose();
  });
});
