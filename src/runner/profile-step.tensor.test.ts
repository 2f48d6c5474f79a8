import { expect, test } from "vitest";
import type { Clock } from "#base/clock";
import { UsageError } from "#base/errors";
import type { TrainingCase } from "#case/case";
import { contenders } from "#catalogue/contenders";
import { checkedStepCase } from "#catalogue/train-step-case";
import { currentKernels } from "#engine/registry";
import * as tf from "#engine/tf";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import { profiledOn, type StepRow } from "./profile-step.ts";
import { DrawnStep } from "./workloads/train-step-inputs.ts";

/** One second later at every look. */
function countingClock(): Clock {
  let looks = 0;
  return { now: () => looks++, timestamp: () => "" };
}

const total = (rows: readonly StepRow[], what: "calls" | "seconds" | "bytes") =>
  rows.reduce((sum, row) => sum + row[what], 0);

/** A model of 9 tokens and one layer on synthetic shapes. */
function trainingOf(steps: number): TrainingCase {
  return {
    kind: "training",
    suite: "test",
    contender: "additive-global",
    engine: "wasm",
    precision: "float32",
    scale: "smoke",
    seed: 7,
    task: "image-classification",
    dataset: "synthetic-shapes",
    model: {
      variant: "test",
      width: 8,
      depth: 1,
      heads: 2,
      gluWidth: 8,
      mixer: { operator: contenders.get("additive-global").spec, encoding: "md-lrpe" },
      localMixing: "none",
      patch: [8, 8],
    },
    recipe: {
      ...{ steps, batch: 2, learningRate: 1e-3, warmupSteps: 1, schedule: "cosine", weightDecay: 0 },
      ...{ trainExamples: 8, testExamples: 4 },
    },
  };
}

await describeOnEachEngine("the profile of a training step", (engine, id) => {
  const item = checkedStepCase("image-classification", "softmax-rope", "wasm");

  test("times add up to the step, counts and bytes are TensorFlow.js's own, and nothing stays watched", async () => {
    const before = new Set(tf.getKernelsForBackend(id).map(({ kernelFunc }) => kernelFunc));
    const own = currentKernels();
    await expectNoLeak(engine(), async () => {
      const steps = 3;
      const profiled = await profiledOn(engine(), item, { steps, clock: countingClock() });
      expect(profiled.steps).toBe(steps);
      // The step's own clock is looked at once before the first frame and once after the last.
      expect(total(profiled.rows, "seconds")).toBeCloseTo(profiled.profiledSeconds - 2, 6);
      expect(profiled.medianProfiledSeconds).toBe(profiled.profiledSeconds); // all steps are alike
      expect(profiled.medianSeconds).toBe(1);
      expect(total(profiled.rows, "bytes")).toBeCloseTo(profiled.bytes, 6);

      const drawn = await DrawnStep.create(item, engine());
      const { kernels, result } = await tf.profile(() => {
        const stepped = drawn.run(0);
        tf.dispose([stepped.gradient, stepped.weights]);
        return stepped.loss;
      });
      tf.dispose(result);
      const expected = new Map<string, number>();
      for (const { name } of kernels) expected.set(name, (expected.get(name) ?? 0) + 1);
      for (const name of ["BatchMatMul", "Reshape", "Transpose", "Concat", "SplitV"]) {
        const found = profiled.rows.filter(({ kernel }) => kernel === name);
        expect([name, total(found, "calls")]).toEqual([name, expected.get(name)]);
      }
      const products = profiled.rows.filter(({ kernel }) => kernel === "BatchMatMul");
      expect(total(products, "bytes")).toBe(
        kernels
          .filter(({ name }) => name === "BatchMatMul")
          .flatMap(({ outputShapes }) => outputShapes as number[][])
          .reduce((sum, shape) => sum + 4 * tf.util.sizeFromShape(shape), 0),
      );
      drawn.dispose();
    });
    expect(tf.getKernelsForBackend(id).every(({ kernelFunc }) => before.has(kernelFunc))).toBe(true);
    expect(currentKernels()).toBe(own);
  });

  test("products of a layer are found in its module, forward once and backward twice", async () => {
    const { rows } = await profiledOn(engine(), item, { steps: 1, clock: countingClock() });
    const products = (part: string, module: string) =>
      total(
        rows.filter((row) => row.kernel === "BatchMatMul" && row.part === part && row.module === module),
        "calls",
      );
    const { depth } = item.model;
    for (const [module, each] of [
      ["glu", 3 * depth],
      ["mixer/projections", 4 * depth],
      ["head", 1],
    ] as const) {
      expect([module, products("forward", module)]).toEqual([module, each]);
      expect([module, products("backward", module)]).toEqual([module, 2 * each]);
    }
    expect(new Set(rows.map(({ part }) => part))).toEqual(
      new Set(["rest", "forward", "loss", "backward", "optimiser"]),
    );
  });

  test("a training has its data as well, and one too short is refused", async () => {
    await expectNoLeak(engine(), async () => {
      const { rows, steps } = await profiledOn(engine(), trainingOf(40), { steps: 2, clock: countingClock() });
      expect(steps).toBe(2);
      expect(new Set(rows.map(({ part }) => part))).toEqual(
        new Set(["rest", "data", "forward", "loss", "backward", "optimiser"]),
      );
    });
    await expect(profiledOn(engine(), trainingOf(4), { steps: 2 })).rejects.toThrow(UsageError);
  });
});
