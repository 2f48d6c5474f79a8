import { expect, test } from "vitest";
import * as tf from "#engine/tf";
import { Parameters } from "#models/parameters";
import { constantWeight, type WeightDeclaration } from "#weights/weights";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import { AdamW, BETA1, BETA2, type AdamWOptions } from "./adamw.ts";

const DECLARATIONS: readonly WeightDeclaration[] = [
  { ...constantWeight("w", [1, 2], 3), decays: true },
  constantWeight("bias", [1], -1),
];
const GRADIENTS = [
  [0.5, -2, 0.1],
  [0.4, 1, -0.3],
  [-0.2, 3, 0.2],
];

/** The definition, one value at a time in float64. */
function byHand(options: AdamWOptions, rate: number) {
  const beta2 = options.beta2 ?? BETA2;
  const [weights, m, v, average] = [
    [3, 3, -1],
    [0, 0, 0],
    [0, 0, 0],
    [3, 3, -1],
  ];
  GRADIENTS.forEach((gradient, step) => {
    const norm = Math.hypot(...gradient);
    const scale = options.clipNorm === undefined ? 1 : Math.min(1, options.clipNorm / (norm + 1e-6));
    for (let i = 0; i < 3; i++) {
      const g = gradient[i]! * scale;
      m[i] = BETA1 * m[i]! + (1 - BETA1) * g;
      v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
      const move = m[i]! / (1 - BETA1 ** (step + 1)) / (Math.sqrt(v[i]! / (1 - beta2 ** (step + 1))) + 1e-8);
      weights[i]! -= rate * (move + (i < 2 ? options.weightDecay * weights[i]! : 0));
      average[i] = 0.9 * average[i]! + 0.1 * weights[i]!;
    }
  });
  return { weights, average };
}

await describeOnEachEngine("AdamW", (engine) => {
  const cases: [string, AdamWOptions][] = [
    ["plain", { weightDecay: 0 }],
    ["decay of matrices only", { weightDecay: 0.1 }],
    ["clipped", { weightDecay: 0.1, clipNorm: 1 }],
    ["a shorter memory of squares", { weightDecay: 0, beta2: 0.95 }],
    ["averaged", { weightDecay: 0, emaDecay: 0.9 }],
  ];
  test.each(cases)("%s: three steps as by hand, norms before clipping, nothing leaks", async (_, options) => {
    await expectNoLeak(engine(), async () => {
      const parameters = new Parameters(DECLARATIONS, 1);
      const optimiser = new AdamW(parameters, options);
      GRADIENTS.forEach((gradient, step) => {
        const flat = tf.tensor1d(gradient);
        const norm = optimiser.update(flat, step, 0.1);
        expect(norm.dataSync()[0]).toBeCloseTo(Math.hypot(...gradient), 5);
        tf.dispose([flat, norm]);
      });
      const expected = byHand(options, 0.1);
      const values = () => [...parameters.get("w").dataSync(), ...parameters.get("bias").dataSync()];
      values().forEach((value, i) => expect(value).toBeCloseTo(expected.weights[i]!, 5));
      const averaged = await optimiser.withAveragedWeights(() => Promise.resolve(values()));
      const reference = options.emaDecay === undefined ? expected.weights : expected.average;
      averaged.forEach((value, i) => expect(value).toBeCloseTo(reference[i]!, 5));
      values().forEach((value, i) => expect(value).toBeCloseTo(expected.weights[i]!, 5));
      optimiser.dispose();
      parameters.dispose();
    });
  });
});
