// Every strategy against the reference on every engine present; and the kit itself, which must not pass what is wrong.

import { describe, expect, test } from "vitest";
import type { RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import { traitsOf, type OperatorSpec } from "#case/case";
import { shapeOf } from "#case/shape";
import { describeOnEachEngine } from "#testing/engines";
import { checkStrategy, type ConformanceResult } from "./conformance.ts";
import type { OperatorDeclaration, Strategy } from "./operator.ts";
import { operators } from "./registry.ts";

const SPECS: readonly OperatorSpec[] = [
  { op: "additive", causal: true },
  { op: "additive", causal: true, explicitKey: true },
  { op: "additive", causal: true, initialLse: "zero" },
  { op: "additive", causal: false },
  { op: "additive", causal: false, explicitKey: true },
  { op: "softmax", causal: true },
  { op: "softmax", causal: false },
  { op: "softmax", causal: true, scoreScale: 0.7 },
  { op: "efficient-attention", causal: false },
  { op: "matmul", causal: false },
];

function failuresOf(results: readonly ConformanceResult[]): ConformanceResult[] {
  return results.filter(({ ok }) => !ok);
}

await describeOnEachEngine("conformance", (engine) => {
  for (const spec of SPECS) {
    const operator = operators.get(spec.op);
    describe(JSON.stringify(spec), () => {
      test.each(operator.strategies)("%s", async (id) => {
        const strategy = (await operator.load()).strategies.find((item) => item.id === id)!;
        const results = await checkStrategy({ operator, strategy, spec, engine: engine() });
        expect(failuresOf(results)).toEqual([]);
      });
    });
  }

  test("each mixer is computed by at least two strategies", async () => {
    const shape = shapeOf({ grid: [37], B: 1, H: 1, D: 4 });
    for (const spec of SPECS.filter((each) => traitsOf(each).isMixer)) {
      const { strategies } = await operators.get(spec.op).load();
      const able = strategies.filter((strategy) => strategy.unsupported(spec, shape, engine(), []) === undefined);
      expect({ spec, able: able.length }).toEqual({ spec, able: Math.max(2, able.length) });
    }
  });
});

await describeOnEachEngine("the kit", (engine) => {
  const spec: OperatorSpec = { op: "additive", causal: false };
  const operator = operators.get("additive");

  /** Results of `global` with its outputs changed on the way. */
  async function checkChanged(
    change: (run: Strategy["run"]) => Strategy["run"],
    declaration: OperatorDeclaration = operator,
  ): Promise<ConformanceResult[]> {
    const right = (await operator.load()).strategies.find(({ id }) => id === "global")!;
    const strategy = { ...right, run: change(right.run) };
    return checkStrategy({ operator: declaration, strategy, spec, engine: engine(), quick: true });
  }

  test("passes the unchanged strategy", async () => {
    expect(failuresOf(await checkChanged((run) => run))).toEqual([]);
  });

  test("reports an output that is off by a ten-thousandth", async () => {
    const results = await checkChanged((run) => (...given) => ({
      ...run(...given),
      out: tf.mul(run(...given).out, 1.0001),
    }));
    const uneven = results.find((result) => result.case === "uneven")!;
    expect(uneven.ok).toBe(false);
    expect(uneven.errors.find(({ name }) => name === "out")!.error).toBeGreaterThan(5e-5);
  });

  test("reports a state that is wrong although the output is right", async () => {
    const results = await checkChanged((run) => (...given) => {
      const outputs = run(...given);
      return { ...outputs, state: tf.add(outputs.state!, 1) };
    });
    expect(
      results
        .find((result) => result.case === "uneven")!
        .errors.filter(({ error, tolerance }) => error > tolerance)
        .map(({ name }) => name),
    ).toEqual(["state"]);
  });

  test("reports a wrong gradient", async () => {
    const dampened = tf.customGrad((x) => ({
      value: (x as tf.Tensor).clone(),
      gradFunc: (dy: tf.Tensor) => tf.mul(dy, 0.99),
    }));
    const results = await checkChanged(
      (run) =>
        (inputs, ...rest) =>
          run({ ...inputs, v: dampened(inputs.v!) }, ...rest),
    );
    const wrong = results
      .find((result) => result.case === "uneven")!
      .errors.filter(({ error, tolerance }) => error > tolerance);
    expect(wrong.map(({ name }) => name)).toEqual(["grad.v"]);
  });

  test("reports tensors left behind", async () => {
    const kept: tf.Tensor[] = [];
    const results = await checkChanged((run) => (...given) => {
      kept.push(tf.keep(tf.scalar(1)));
      return run(...given);
    });
    expect(results.every(({ ok, leaked }) => !ok && leaked > 0)).toBe(true);
    tf.dispose(kept);
  });
});

/** Timing belongs to the runner; only the outcome of the gate's subset is checked. */
await describeOnEachEngine("the quick subset", (engine: () => RunningEngine) => {
  test("has a case of one token, one of several chunks, and padding", async () => {
    const operator = operators.get("additive");
    const strategy = (await operator.load()).strategies.find(({ id }) => id === "chunked")!;
    const results = await checkStrategy({
      operator,
      strategy,
      spec: { op: "additive", causal: true },
      engine: engine(),
      quick: true,
    });
    expect(results.map((result) => result.case)).toEqual([
      "one-token",
      "uneven",
      "wide",
      "offset",
      "padding",
      "resumed",
    ]);
  });
});
