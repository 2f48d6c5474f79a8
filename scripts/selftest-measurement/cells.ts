// What the self-test measures: real operators at small shapes, repeated k times a call. Repeating them 5, 10 or 20 %
// more often is a slowdown of exactly that size, made of the same work and not of waiting.

import { Random } from "#base/random";
import type { RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import type { Callable } from "#measure/callable";
import { randomInputs, toTensors } from "#ops/random-inputs";
import { operators } from "#ops/registry";
import { contenders } from "#catalogue/contenders";
import type { OperatorCase } from "#case/case";
import { shapeOf } from "#case/shape";

/** Variants measured side by side; `again` is `base` a second time. */
export const REPEATS = { base: 20, again: 20, slow5: 21, slow10: 22, slow20: 24 } as const;
export type Variant = keyof typeof REPEATS;
export const VARIANTS = Object.keys(REPEATS) as Variant[];

const CONTENDERS = ["additive-global", "linear-global", "efficient-attention", "vector-causal", "softmax-full"];
const LENGTHS = [16, 32, 64, 128];

/** The cells, cheapest first: five operators at four lengths. */
export function cells(): OperatorCase[] {
  return LENGTHS.flatMap((N) =>
    CONTENDERS.map((contender): OperatorCase => {
      const { spec, strategy } = contenders.get(contender);
      const point = { engine: "wasm", precision: "float32", scale: "smoke", seed: 1 } as const;
      const shape = shapeOf({ grid: [N], H: 2, D: 32 });
      return {
        kind: "operator",
        suite: "selftest-measurement",
        contender,
        ...point,
        spec,
        strategy,
        level: "operator",
        pass: "forward",
        quantity: "time",
        shape,
      };
    }),
  );
}

/** One cell as the callables of all variants, on inputs they share. */
export async function callablesOf(
  { spec, strategy: name, shape, seed }: OperatorCase,
  engine: RunningEngine,
): Promise<{ callables: Callable[]; dispose: () => void }> {
  const declaration = operators.get(spec.op);
  const { strategies, choose } = await declaration.load();
  const id = name === "default" ? choose(spec, shape, engine) : name;
  const strategy = strategies.find((candidate) => candidate.id === id)!;
  const inputs = toTensors(
    randomInputs(declaration, spec, { shape, random: new Random(seed) }),
    declaration.inputShapes(spec, shape),
  );
  const once = () => tf.tidy(() => strategy.run(inputs, spec, shape, engine).out); // [B, H, N, E]
  const callables = VARIANTS.map((variant): Callable => ({
    id: variant,
    inputSets: 1,
    call: async () => {
      for (let repeat = 1; repeat < REPEATS[variant]; repeat++) once().dispose();
      const last = once();
      await engine.synchronise(last);
      return () => last.dispose();
    },
  }));
  return { callables, dispose: () => tf.dispose(Object.values(inputs)) };
}
