// What conformance does not see: gradients through the final state and lse, long sequences, and float32 invariance
// under shifts of the logits.

import fc from "fast-check";
import { expect, test } from "vitest";
import { Random } from "#base/random";
import * as tf from "#engine/tf";
import { DIFFERENCES, largestRelativeError, toleranceOf } from "#engine/tolerance";
import type { OperatorSpec, Shape } from "#case/case";
import { shapeOf } from "#case/shape";
import { describeOnEachEngine, expectNoLeak } from "#testing/engines";
import { dot, finiteDifferences } from "#testing/finite-differences";
import { withShapes, optionalShapes, randomInputs, toTensors } from "../random-inputs.ts";
import { evaluate } from "../compare.ts";
import { additive } from "./declaration.ts";
import { additiveStrategies } from "./strategies.ts";

const strategyOf = (id: string) => additiveStrategies.strategies.find((item) => item.id === id)!;
const CAUSAL: OperatorSpec = { op: "additive", causal: true, explicitKey: true };
const GLOBAL: OperatorSpec = { op: "additive", causal: false, explicitKey: true };

await describeOnEachEngine("additive", (engine) => {
  test.each([
    ["sequential", CAUSAL],
    ["parallel", CAUSAL],
    ["chunked", CAUSAL],
    ["global", GLOBAL],
  ] as const)("%s differentiates its final state and lse as well", async (id, spec) => {
    const shape: Shape = shapeOf({ grid: [5], B: 1, H: 2, D: 2, E: 3 });
    const random = new Random(11);
    const shapes = {
      ...additive.inputShapes(spec, shape),
      ...(spec.causal ? { initialState: [1, 2, 2, 3], initialLse: [1, 2, 2] } : {}),
    };
    const values = {
      ...randomInputs(additive, spec, { shape, random }),
      ...(spec.causal ? { initialState: random.fork("s").normals(12), initialLse: random.fork("z").normals(4) } : {}),
    };
    const cotangents = {
      out: random.fork("out").normals(30),
      state: random.fork("state").normals(12),
      lse: random.fork("lse").normals(4),
    };

    const { gradients } = await evaluate({
      run: (inputs) => {
        const { out, state, lse } = strategyOf(id).run(inputs, spec, shape, engine());
        const terms = Object.entries({ out, state: state!, lse: lse! }).map(([name, x]) =>
          tf.sum(tf.mul(x, tf.tensor(cotangents[name as "out"], x.shape))),
        );
        return { out: tf.addN(terms) };
      },
      inputs: withShapes(values, shapes) as Record<
        string,
        { shape: readonly number[]; data: Float32Array<ArrayBuffer> }
      >,
      cotangent: { shape: [], data: Float32Array.of(1) },
    });

    const doubles = Object.fromEntries(Object.entries(values).map(([name, data]) => [name, Float64Array.from(data)]));
    for (const [name, x] of Object.entries(doubles)) {
      const expected = finiteDifferences((moved) => {
        const outputs = additive.reference.forward({ ...doubles, [name]: moved }, spec, shape);
        return (
          dot(outputs.out, cotangents.out) + dot(outputs.state!, cotangents.state) + dot(outputs.lse!, cotangents.lse)
        );
      }, x);
      const limit = toleranceOf("float32", engine().device.kind).gradient + DIFFERENCES.gradient;
      expect({ name, error: largestRelativeError(gradients[name]!, expected, 1) }).toSatisfy(
        ({ error }: { error: number }) => error < limit,
      );
    }
  });

  test("a common shift of the logits changes no bit of the output", async () => {
    const shape: Shape = shapeOf({ grid: [70], B: 1, H: 1, D: 4, E: 4 });
    const spec: OperatorSpec = { op: "additive", causal: true };
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: -500, max: 500 }), async (seed, shift) => {
        // Multiples of 1/64 shift without rounding.
        const values = randomInputs(additive, spec, { shape, random: new Random(seed) });
        const g = values.g!.map((value) => Math.round(64 * value) / 64);
        const run = async (moved: Float32Array<ArrayBuffer>) => {
          const out = tf.tidy(
            () =>
              strategyOf("chunked").run(
                toTensors({ ...values, g: moved }, additive.inputShapes(spec, shape)),
                spec,
                shape,
                engine(),
              ).out,
          );
          const result = await out.data();
          out.dispose();
          return result;
        };
        expect(await run(g.map((value) => value + shift))).toEqual(await run(g));
      }),
      { numRuns: 10 },
    );
  });

  test("padding in front changes nothing for what follows", async () => {
    const spec: OperatorSpec = { op: "additive", causal: true };
    await expectNoLeak(engine(), async () => {
      const [whole, tail] = [
        shapeOf({ grid: [90], B: 1, H: 1, D: 4, E: 4 }),
        shapeOf({ grid: [20], B: 1, H: 1, D: 4, E: 4 }),
      ];
      const inputs = toTensors(
        randomInputs(additive, spec, { shape: whole, random: new Random(3) }),
        additive.inputShapes(spec, whole),
      );
      const last = <T extends tf.Tensor>(x: T) => tf.slice(x, [0, 0, 70, 0], [1, 1, 20, 4]);
      const [padded, alone] = tf.tidy(() => {
        const mask = tf.tensor(
          Float32Array.from({ length: 90 }, (_, t) => (t < 70 ? 0 : 1)),
          [...optionalShapes(whole).mask],
        );
        const cut = Object.fromEntries(Object.entries(inputs).map(([name, x]) => [name, last(x)]));
        return [
          last(strategyOf("chunked").run({ ...inputs, mask }, spec, whole, engine()).out),
          strategyOf("chunked").run(cut, spec, tail, engine()).out,
        ];
      }) as [tf.Tensor, tf.Tensor];
      expect(largestRelativeError(await padded.data(), await alone.data())).toBeLessThan(
        toleranceOf("float32", engine().device.kind).output,
      );
      tf.dispose([padded, alone, inputs as tf.NamedTensorMap]);
    });
  });
});
