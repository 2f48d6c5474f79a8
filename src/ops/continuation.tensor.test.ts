// Forms with a state: what a prefix leaves and a continuation takes up gives the whole, and what stands in hidden tokens
// changes no bit.

import { describe, expect, test } from "vitest";
import { Random } from "#base/random";
import type { OperatorSpec } from "#case/case";
import { shapeOf } from "#case/shape";
import type { RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import { largestRelativeError, toleranceOf } from "#engine/tolerance";
import { describeOnEachEngine } from "#testing/engines";
import type { Inputs, Strategy } from "./operator.ts";
import { randomInputs, toTensors } from "./random-inputs.ts";
import { operators } from "./registry.ts";

const SPECS: readonly OperatorSpec[] = [
  { op: "additive", causal: true },
  { op: "multiplicative", causal: true, decay: "scalar" },
  { op: "multiplicative", causal: true, decay: "vector" },
];
const PREFIX = 37;
const CHUNK = 64;
const [H, D, E] = [2, 6, 8];

/** Tensors of tokens from … to − 1. */
function part(inputs: Inputs<tf.Tensor>, from: number, to: number): Inputs<tf.Tensor> {
  const cut = (x: tf.Tensor) => {
    const begin = x.shape.map((_, axis) => (axis === 2 ? from : 0));
    return tf.slice(
      x,
      begin,
      x.shape.map((size, axis) => (axis === 2 ? to - from : size)),
    );
  };
  return Object.fromEntries(Object.entries(inputs).map(([name, x]) => [name, cut(x)]));
}

function drawn(spec: OperatorSpec, N: number, seed: number): Inputs<tf.Tensor> {
  const [operator, shape] = [operators.get(spec.op), shapeOf({ grid: [N], H, D, E })];
  return toTensors(
    randomInputs(operator, spec, { shape, random: new Random(seed) }),
    operator.inputShapes(spec, shape),
  );
}

function run(strategy: Strategy, inputs: Inputs<tf.Tensor>, spec: OperatorSpec, engine: RunningEngine) {
  return strategy.run(inputs, spec, shapeOf({ grid: [inputs.q!.shape[2]!], H, D, E }), engine);
}

await describeOnEachEngine("continuation", (engine) => {
  describe.each(SPECS.map((spec) => [JSON.stringify(spec), spec] as const))("%s", (_name, spec) => {
    test.each([1, CHUNK - 1, CHUNK, CHUNK + 1])("a prefix and %i tokens more are the whole", async (more) => {
      const { strategies } = await operators.get(spec.op).load();
      const shape = shapeOf({ grid: [PREFIX + more], H, D, E });
      const able = strategies.filter((item) => item.unsupported(spec, shape, engine(), ["initialState"]) === undefined);
      expect(able.length).toBeGreaterThan(2);
      const { output } = toleranceOf("float32", engine().device.kind);
      for (const strategy of able) {
        const errors = tf.tidy(() => {
          const inputs = drawn(spec, PREFIX + more, 3);
          const whole = run(strategy, inputs, spec, engine());
          const { state, lse } = run(strategy, part(inputs, 0, PREFIX), spec, engine());
          const rest = {
            ...part(inputs, PREFIX, PREFIX + more),
            initialState: state!,
            ...(lse && { initialLse: lse }),
          };
          const next = run(strategy, rest, spec, engine());
          const later = part({ v: whole.out }, PREFIX, PREFIX + more).v!;
          return [
            largestRelativeError(next.out.dataSync(), later.dataSync()),
            largestRelativeError(next.state!.dataSync(), whole.state!.dataSync()),
          ];
        });
        expect([strategy.id, Math.max(...errors) <= output]).toEqual([strategy.id, true]);
      }
    });

    test("what stands in padding on the left changes no bit of output and state", async () => {
      const { strategies } = await operators.get(spec.op).load();
      const [N, hidden] = [70, 7];
      const able = strategies.filter(
        (item) => item.unsupported(spec, shapeOf({ grid: [N], H, D, E }), engine(), ["mask"]) === undefined,
      );
      for (const strategy of able) {
        tf.tidy(() => {
          const mask = tf.tensor(
            Float32Array.from({ length: N }, (_, t) => Number(t >= hidden)),
            [1, N],
          );
          const [first, other] = [drawn(spec, N, 3), drawn(spec, N, 4)];
          const joined = Object.fromEntries(
            Object.entries(part(first, hidden, N)).map(([name, rest]) => [
              name,
              tf.concat([part(other, 0, hidden)[name as "q"]!, rest], 2),
            ]),
          );
          const [one, two] = [first, joined].map((inputs) => run(strategy, { ...inputs, mask }, spec, engine()));
          expect(two!.state!.dataSync()).toEqual(one!.state!.dataSync());
          const seen = (out: tf.Tensor) => part({ v: out }, hidden, N).v!.dataSync();
          expect(seen(two!.out)).toEqual(seen(one!.out));
        });
      }
    });
  });
});
