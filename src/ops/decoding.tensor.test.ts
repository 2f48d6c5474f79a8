// Decoding one token at a time equals the causal form on the whole sequence, from nothing and from a context.

import { expect, test } from "vitest";
import { Random } from "#base/random";
import * as tf from "#engine/tf";
import { largestRelativeError, toleranceOf } from "#engine/tolerance";
import type { OperatorSpec, Shape } from "#case/case";
import { shapeOf } from "#case/shape";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import type { Decoder, Inputs } from "./operator.ts";
import { randomInputs, toTensors } from "./random-inputs.ts";
import { operators } from "./registry.ts";

const SPECS: readonly OperatorSpec[] = [
  { op: "additive", causal: true },
  { op: "additive", causal: true, explicitKey: true },
  { op: "additive", causal: true, initialLse: "zero" },
  { op: "softmax", causal: true },
  { op: "softmax", causal: true, scoreScale: 0.7 },
];

const DECAYS: readonly OperatorSpec[] = [
  { op: "multiplicative", causal: true, decay: "none" },
  { op: "multiplicative", causal: true, decay: "constant" },
  { op: "multiplicative", causal: true, decay: "scalar" },
  { op: "multiplicative", causal: true, decay: "vector" },
  { op: "multiplicative", causal: true, decay: "vector", tiedKey: true },
];

const N = 75;
const shapeOfLength = (length: number): Shape => shapeOf({ grid: [length], B: 2, H: 2, D: 5, E: 23 }); // no whole vector, and a whole tile with a rest

function tokens(inputs: Inputs<tf.Tensor>, from: number, count: number): Inputs<tf.Tensor> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, x]) => [
      name,
      x.rank < 3 // a decay of a head has no tokens
        ? tf.clone(x)
        : tf.slice(x, [0, 0, from, 0].slice(0, x.rank), [-1, -1, count, -1].slice(0, x.rank)),
    ]),
  );
}

interface Decoding {
  readonly inputs: Inputs<tf.Tensor>;
  readonly spec: OperatorSpec;
  readonly from: number;
  readonly to: number;
  /** the state before `from`, taken over */
  readonly start: tf.NamedTensorMap;
}

/** Token after token: their outputs on one axis. */
function decodeAll(decoder: Decoder, { inputs, spec, from, to, start }: Decoding): tf.Tensor {
  let state = start;
  const outs: tf.Tensor[] = [];
  for (let t = from; t < to; t++) {
    const token = tokens(inputs, t, 1);
    const step = decoder.step(token, state, spec);
    tf.dispose([state, token as tf.NamedTensorMap]);
    state = step.state as tf.NamedTensorMap;
    outs.push(step.out);
  }
  const decoded = tf.concat(outs, 2);
  tf.dispose([state, outs]);
  return decoded;
}

await describeOnEachEngine("decoding", (engine) => {
  for (const spec of [...SPECS, ...DECAYS]) {
    test.each([0, 70])(`${JSON.stringify(spec)} after %i tokens`, async (context) => {
      const operator = operators.get(spec.op);
      const { strategies, decoder } = await operator.load();
      await expectNoLeak(engine(), async () => {
        const shape = shapeOfLength(N);
        const inputs = toTensors(
          randomInputs(operator, spec, { shape, random: new Random(5) }),
          operator.inputShapes(spec, shape),
        );
        const strategy = strategies.find(({ id }) => id === "chunked" || id === "tiled")!;
        const whole = tf.tidy(() =>
          tf.slice(strategy.run(inputs, spec, shape, engine()).out, [0, 0, context, 0], [-1, -1, -1, -1]),
        );
        const start = tf.tidy(
          () =>
            decoder!.begin(
              context === 0 ? undefined : tokens(inputs, 0, context),
              spec,
              shapeOfLength(Math.max(context, 1)),
            ) as tf.NamedTensorMap,
        );
        const decoded = decodeAll(decoder!, { inputs, spec, from: context, to: N, start });
        const error = largestRelativeError(await decoded.data(), await whole.data());
        expect(error).toBeLessThan(toleranceOf("float32", engine().device.kind).output);
        tf.dispose([decoded, whole, inputs as tf.NamedTensorMap]);
      });
    });
  }

  test.each([250, 1e4])("logits of ± %i, up and down", async (size) => {
    const operator = operators.get("additive");
    const { decoder } = await operator.load();
    const spec: OperatorSpec = { op: "additive", causal: true };
    const shape = shapeOf({ grid: [12], B: 1, H: 2, D: 5, E: 23 });
    const values = randomInputs(operator, spec, { shape, random: new Random(6) });
    const extreme = { ...values, g: values.g!.map((logit) => size * logit) };
    const float64 = Object.fromEntries(Object.entries(extreme).map(([name, data]) => [name, Float64Array.from(data)]));
    const expected = operator.reference.forward(float64, spec, shape).out;
    await expectNoLeak(engine(), async () => {
      const inputs = toTensors(extreme, operator.inputShapes(spec, shape));
      const start = decoder!.begin(undefined, spec, shape) as tf.NamedTensorMap;
      const decoded = decodeAll(decoder!, { inputs, spec, from: 0, to: shape.N, start });
      const { output } = toleranceOf("float32", engine().device.kind);
      expect(largestRelativeError(await decoded.data(), expected)).toBeLessThan(output);
      tf.dispose([decoded, inputs as tf.NamedTensorMap]);
    });
  });

  test("the cache of softmax attention moves full tails to the rest", async () => {
    const { decoder } = await operators.get("softmax").load();
    const spec: OperatorSpec = { op: "softmax", causal: true };
    const shape = shapeOf({ grid: [1], B: 1, H: 1, D: 1, E: 1 });
    let state = decoder!.begin(undefined, spec, shape);
    // Equal scores: the output is the mean of the values 0 … t.
    for (let t = 0; t < 300; t++) {
      const [one, value] = [tf.ones([1, 1, 1, 1]), tf.fill([1, 1, 1, 1], t)];
      const step = decoder!.step({ q: one, k: one, v: value }, state, spec);
      tf.dispose([state as tf.NamedTensorMap, one, value]);
      state = step.state;
      expect((await step.out.data())[0]).toBeCloseTo(t / 2, 3);
      step.out.dispose();
    }
    expect(state["k"]!.shape[1]! + state["kTail"]!.shape[1]!).toBe(300);
    tf.dispose(state as tf.NamedTensorMap);
  });
});
