import { expect, test } from "vitest";
import { CALIBRATION_GATES } from "#catalogue/calibration";
import { axesOf } from "#catalogue/axes";
import type { TrainingCase } from "#case/case";
import { withChosenLearningRate } from "#catalogue/learning-rates";
import { autoregressiveLm, CAUSAL_RECIPES } from "./autoregressive-lm.ts";

const casesAt = (scale: "smoke" | "small" | "paper") =>
  autoregressiveLm.cases({
    scale,
    engine: "wasm",
    datasets: ["markov-text", "tinyshakespeare"],
    rates: "recipe",
  }) as readonly TrainingCase[];

test("the calibration gate looks at nanoGPT's configuration with trained positions, and at nothing else", () => {
  const [gate] = CALIBRATION_GATES.filter(({ suite }) => suite === autoregressiveLm.id);
  const isGated = (item: TrainingCase) =>
    Object.entries(gate!.where).every(([axis, value]) => axesOf(item)[axis] === value);
  const gated = casesAt("small").filter(isGated);
  expect(gated.map(({ seed }) => seed)).toEqual([0, 1, 2]);
  for (const { model, recipe } of gated) {
    expect(model).toMatchObject({ depth: 4, heads: 4, width: 128, mixer: { encoding: "learned" } });
    // nanoGPT's MLP has 2·C·4C weights a layer, the GLU 3·C·F
    expect(Math.abs((3 * model.gluWidth) / (8 * model.width) - 1)).toBeLessThan(0.02);
    expect(recipe).toMatchObject({
      steps: 2000,
      batch: 12,
      learningRate: 1e-3,
      minLearningRate: 1e-4,
      warmupSteps: 100,
      beta2: 0.99,
      weightDecay: 0.1,
      clipNorm: 1,
    });
    expect(recipe.dropout).toBeUndefined();
    expect(recipe.text).toEqual({ context: 64, tokeniser: "char" });
  }
  expect(casesAt("smoke").filter(isGated)).toEqual([]);
});

test("models of a seed differ in mixer, local mixing and GLU width alone", () => {
  for (const scale of ["smoke", "small", "paper"] as const) {
    const compared = casesAt(scale).filter(({ seed }) => seed === 0);
    const shared = compared.map(
      ({
        contender: _contender,
        model: { variant, width, depth, heads },
        recipe: { learningRate: _rate, ...recipe },
        ...item
      }) => ({
        ...item,
        stack: { variant, width, depth, heads },
        recipe,
      }),
    );
    expect(compared.length).toBeGreaterThanOrEqual(3);
    for (const item of shared) expect(item).toEqual(shared[0]);
    expect(compared.every(({ model }) => model.mixer.operator.causal)).toBe(true);
  }
});

test("at scale small a rate that no sweep has chosen is an error that says what to do", () => {
  const context = { scale: "small", engine: "wasm", datasets: ["tinyshakespeare"] } as const;
  const point = { task: "autoregressive-lm", dataset: "tinyshakespeare", contender: "nobody-causal" };
  expect(() => withChosenLearningRate(context, CAUSAL_RECIPES.small, point)).toThrow(
    /No learning rate has been chosen for nobody-causal .* Run the suite learning-rates/,
  );
  expect(withChosenLearningRate({ ...context, scale: "smoke" }, CAUSAL_RECIPES.smoke, point)).toBe(
    CAUSAL_RECIPES.smoke,
  );
});
