import { expect, test } from "vitest";
import { UsageError } from "#base/errors";
import { Random } from "#base/random";
import * as tf from "#engine/tf";
import { LOCAL_MIXINGS, type ModelSpec } from "#case/case";
import { contenders } from "#catalogue/contenders";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import { countModel } from "./cost.ts";
import { meanNats, positionNats } from "./cross-entropy.ts";
import { createLanguageModel } from "./language-model.ts";

const INPUT = { tokens: 12, vocabulary: 7 } as const;
const CAUSAL = [
  "additive-causal",
  "softmax-causal",
  "hgrn2-causal",
  "vector-causal",
  "scalar-causal",
  "constant-causal",
  "linear-causal",
];

function modelWith(
  contender: string,
  encoding: ModelSpec["mixer"]["encoding"] = "lrpe",
  localMixing: ModelSpec["localMixing"] = "none",
): ModelSpec {
  const mixer = { operator: contenders.get(contender).spec, encoding };
  return { variant: "test", width: 8, depth: 2, heads: 2, gluWidth: 12, mixer, localMixing };
}

const IDS = Int32Array.from({ length: 24 }, (_, i) => (i * 5 + 2) % 6); // token 6 never comes

await describeOnEachEngine("language model", (engine) => {
  const idsTensor = (ids: Int32Array) => tf.tensor2d(ids, [2, 12], "int32");

  const mixers = [
    ...CAUSAL.map((id) => [id, "none"] as const),
    ...LOCAL_MIXINGS.slice(1).map((local) => ["additive-causal", local] as const),
  ];
  test.each(mixers)(
    "%s with local mixing %s: a token changes no logit before it, and every weight learns",
    async (contender, localMixing) => {
      await expectNoLeak(engine(), async () => {
        const { parameters, forward } = await createLanguageModel(modelWith(contender, "lrpe", localMixing), INPUT, {
          seed: 1,
          engine: engine(),
        });
        tf.tidy(() => {
          const changed = IDS.slice();
          changed[8] = (changed[8]! + 1) % 6;
          const [a, b] = [forward(idsTensor(IDS)), forward(idsTensor(changed))].map((logits) =>
            tf.slice(logits, [0, 0, 0], [1, 12, 7]).dataSync(),
          );
          const differs = Array.from({ length: 12 }, (_, t) =>
            a!.slice(7 * t, 7 * t + 7).some((value, i) => Math.abs(value - b![7 * t + i]!) > 1e-6),
          );
          expect(differs.slice(0, 8)).toEqual(new Array(8).fill(false));
          expect(differs[8]).toBe(true);
          expect(differs.slice(9).some(Boolean)).toBe(true);
          const targets = idsTensor(IDS.map((id, i) => (i % 3 === 0 ? -1 : id)));
          const { grads } = tf.variableGrads(() => meanNats(forward(idsTensor(IDS)), targets), parameters.list());
          for (const { name } of parameters.declarations) {
            const gradient = grads[parameters.get(name).name]?.dataSync<"float32">() ?? new Float32Array();
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

  test("tokens on a grid, seen by a global mixer", async () => {
    await expectNoLeak(engine(), async () => {
      const input = { ...INPUT, grid: [3, 4] };
      const { parameters, forward, features } = await createLanguageModel(
        modelWith("additive-global", "md-lrpe"),
        input,
        { seed: 1, engine: engine() },
      );
      expect(tf.tidy(() => forward(idsTensor(IDS)).shape)).toEqual([2, 12, 7]);
      expect(tf.tidy(() => features(idsTensor(IDS)).shape)).toEqual([2, 12, 8]);
      parameters.dispose();
    });
    await expect(
      createLanguageModel(modelWith("additive-global"), { ...INPUT, grid: [5, 2] }, { seed: 1, engine: engine() }),
    ).rejects.toThrow(UsageError);
  });

  test("starts near ln(vocabulary) nats", async () => {
    const { parameters, forward } = await createLanguageModel(modelWith("softmax-causal"), INPUT, {
      seed: 1,
      engine: engine(),
    });
    const nats = tf.tidy(() => meanNats(forward(idsTensor(IDS)), idsTensor(IDS)).dataSync()[0]!);
    expect(Math.abs(nats - Math.log(7))).toBeLessThan(0.15);
    parameters.dispose();
  });

  test("the embedding's gradient sums over the places of a token", async () => {
    const { parameters, forward } = await createLanguageModel(modelWith("additive-causal"), INPUT, {
      seed: 1,
      engine: engine(),
    });
    tf.tidy(() => {
      const embedding = parameters.get("embedding");
      embedding.assign(tf.tensor2d(new Random(4).normals(7 * 8), [7, 8]));
      const targets = idsTensor(IDS);
      const loss = () => meanNats(forward(idsTensor(IDS)), targets);
      const gradient = tf.variableGrads(loss, [embedding]).grads[embedding.name]!.dataSync();
      const start = embedding.dataSync<"float32">().slice();
      for (const at of [2 * 8, 5 * 8 + 3, 6 * 8 + 1]) {
        const [up, down] = [1, -1].map((sign) => {
          const moved = start.slice();
          moved[at]! += sign * 1e-2;
          embedding.assign(tf.tensor2d(moved, [7, 8]));
          return loss().dataSync()[0]!;
        });
        expect(gradient[at]!).toBeCloseTo((up! - down!) / 2e-2, 2);
      }
    });
    parameters.dispose();
  });

  test("cross-entropy by hand: huge logits, positions without a target, smoothing, gradient", async () => {
    await expectNoLeak(engine(), () =>
      tf.tidy(() => {
        const logits = tf.tensor3d([0, Math.log(3), 0, /**/ 1000, 0, -1000, /**/ 5, 5, 5], [1, 3, 3]);
        const targets = tf.tensor2d([1, 1, -1], [1, 3], "int32");
        const [first, second, third] = positionNats(logits, targets).dataSync();
        expect(first).toBeCloseTo(Math.log(5 / 3), 6);
        expect(second).toBeCloseTo(1000, 2);
        expect(third).toBe(0);
        expect(meanNats(logits, targets).dataSync()[0]).toBeCloseTo((Math.log(5 / 3) + 1000) / 2, 2);
        expect(meanNats(logits, tf.onesLike(targets).mul(-1).cast("int32")).dataSync()[0]).toBe(0);
        // ln 5 − (0.7·ln 3 + 0.3·ln 3/3)
        expect(positionNats(logits, targets, { smoothing: 0.3 }).dataSync()[0]).toBeCloseTo(
          Math.log(5) - 0.8 * Math.log(3),
          6,
        );
        const gradient = tf
          .grad((x) => meanNats(x, targets))(logits)
          .dataSync();
        [0.1, -0.2, 0.1, 0.5, -0.5, 0, 0, 0, 0].forEach((value, i) => expect(gradient[i]).toBeCloseTo(value, 6));
      }),
    );
  });
});

test("parameters and operations of a small language model, by hand", () => {
  const { parameters, flopsPerToken, tokens } = countModel(modelWith("additive-causal"), { kind: "text", ...INPUT });
  const [C, F, L] = [8, 12, 2];
  const layer = 4 * C * C + 2 * C * (C / 2) + 3 * C * F;
  expect(parameters).toBe(7 * C + L * (layer + 4 * C) + 2 * C);
  expect(tokens).toBe(12);
  // the embedding counts as the output projection; the operators come on top
  expect(flopsPerToken).toBeGreaterThan(2 * (7 * C + L * layer));
});
