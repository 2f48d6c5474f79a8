// What must hold for any input, on the references: strategies are compared with these.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random } from "#base/random";
import { largestRelativeError, toleranceOf } from "#engine/tolerance";
import type { OperatorSpec, Shape } from "#case/case";
import { shapeOf } from "#case/shape";
import type { Inputs, Outputs } from "./operator.ts";
import { randomInputs } from "./random-inputs.ts";
import { operators } from "./registry.ts";

const EXACT = toleranceOf("float64", "cpu").output;
const shapes = fc.record({
  N: fc.integer({ min: 1, max: 9 }),
  D: fc.integer({ min: 1, max: 4 }),
  E: fc.integer({ min: 1, max: 4 }),
  seed: fc.integer(),
});

const CAUSAL: readonly OperatorSpec[] = [
  { op: "additive", causal: true },
  { op: "additive", causal: true, explicitKey: true },
  { op: "softmax", causal: true },
];
const ALL: readonly OperatorSpec[] = [
  ...CAUSAL,
  { op: "additive", causal: false },
  { op: "softmax", causal: false },
  { op: "efficient-attention", causal: false },
];

interface Sample {
  readonly inputs: Inputs<Float64Array>;
  readonly shape: Shape;
}

function sample(spec: OperatorSpec, { N, D, E, seed }: { N: number; D: number; E: number; seed: number }): Sample {
  const shape = shapeOf({ grid: [N], B: 1, H: 2, D, E });
  const values = randomInputs(operators.get(spec.op), spec, { shape, random: new Random(seed) });
  return {
    shape,
    inputs: Object.fromEntries(Object.entries(values).map(([name, data]) => [name, Float64Array.from(data)])),
  };
}

function forward(spec: OperatorSpec, inputs: Inputs<Float64Array>, shape: Shape): Outputs<Float64Array> {
  return operators.get(spec.op).reference.forward(inputs, spec, shape);
}

describe.each(ALL)("%o", (spec) => {
  test("is linear in v", () => {
    fc.assert(
      fc.property(shapes, fc.double({ min: -3, max: 3, noNaN: true }), (size, factor) => {
        const { inputs, shape } = sample(spec, size);
        const other = Float64Array.from(new Random(size.seed + 1).normals(inputs.v!.length));
        const out = (v: Float64Array) => forward(spec, { ...inputs, v }, shape).out;
        const [a, b] = [out(inputs.v!), out(other)];
        const together = out(inputs.v!.map((value, i) => value + factor * other[i]!));
        expect(
          largestRelativeError(
            together,
            a.map((value, i) => value + factor * b[i]!),
            1,
          ),
        ).toBeLessThan(EXACT);
      }),
    );
  });
});

describe.each(CAUSAL)("%o", (spec) => {
  test("a token does not see later ones", () => {
    fc.assert(
      fc.property(shapes, fc.nat(), (size, at) => {
        const { inputs, shape } = sample(spec, size);
        const t = at % size.N;
        const later = sample(spec, { ...size, seed: size.seed + 1 }).inputs;
        // Everything after token t is replaced.
        const changed = Object.fromEntries(
          Object.entries(inputs).map(([name, data]) => {
            const width = data.length / (2 * size.N);
            return [
              name,
              data.map((value, i) => (Math.floor(i / width) % size.N > t ? later[name as "q"]![i]! : value)),
            ];
          }),
        );
        const rows = (out: Float64Array) => out.filter((_, i) => Math.floor(i / size.E) % size.N <= t);
        expect(rows(forward(spec, changed, shape).out)).toEqual(rows(forward(spec, inputs, shape).out));
      }),
    );
  });
});

describe("additive", () => {
  const causal: OperatorSpec = { op: "additive", causal: true };
  const global: OperatorSpec = { op: "additive", causal: false };

  test.each([causal, global])("a common shift of the logits changes the lse alone: %o", (spec) => {
    fc.assert(
      fc.property(shapes, fc.double({ min: -1000, max: 1000, noNaN: true }), (size, shift) => {
        const { inputs, shape } = sample(spec, size);
        const plain = forward(spec, inputs, shape);
        const shifted = forward(spec, { ...inputs, g: inputs.g!.map((value) => value + shift) }, shape);
        expect(largestRelativeError(shifted.out, plain.out)).toBeLessThan(EXACT);
        expect(largestRelativeError(shifted.state!, plain.state!)).toBeLessThan(EXACT);
        expect(
          largestRelativeError(
            shifted.lse!,
            plain.lse!.map((value) => value + shift),
            1,
          ),
        ).toBeLessThan(EXACT);
      }),
    );
  });

  test("the global state is the last state of the causal form, and so is the last output", () => {
    fc.assert(
      fc.property(shapes, (size) => {
        const { inputs, shape } = sample(causal, size);
        const [a, b] = [forward(causal, inputs, shape), forward(global, inputs, shape)];
        expect(largestRelativeError(a.state!, b.state!)).toBeLessThan(EXACT);
        expect(largestRelativeError(a.lse!, b.lse!, 1)).toBeLessThan(EXACT);
        const lastRows = (out: Float64Array) => out.filter((_, i) => Math.floor(i / size.E) % size.N === size.N - 1);
        expect(largestRelativeError(lastRows(a.out), lastRows(b.out))).toBeLessThan(EXACT);
      }),
    );
  });

  test("resuming from a state and its lse continues the sequence", () => {
    fc.assert(
      fc.property(shapes, (size) => {
        const { inputs, shape } = sample(causal, { ...size, N: 2 * size.N });
        const half = shapeOf({ grid: [size.N], B: 1, H: 2, D: size.D, E: size.E });
        const part = (second: boolean) =>
          Object.fromEntries(
            Object.entries(inputs).map(([name, data]) => [
              name,
              data.filter((_, i) => Math.floor((i / data.length) * 4) % 2 === Number(second)),
            ]),
          );
        const first = forward(causal, part(false), half);
        const second = forward(causal, { ...part(true), initialState: first.state!, initialLse: first.lse! }, half);
        const whole = forward(causal, inputs, shape);
        expect(largestRelativeError(second.state!, whole.state!)).toBeLessThan(EXACT);
        expect(
          largestRelativeError(
            second.out,
            whole.out.filter((_, i) => Math.floor((i / whole.out.length) * 4) % 2 === 1),
          ),
        ).toBeLessThan(EXACT);
      }),
    );
  });

  test("without a start the first output is q·v alone, whatever g; Δ₀ = 1 halves it at g = 0", () => {
    const shape = shapeOf({ grid: [1], B: 1, H: 1, D: 2, E: 1 });
    const inputs = { q: Float64Array.of(2, 3), g: Float64Array.of(0, 0), v: Float64Array.of(5) };
    expect([...forward(causal, inputs, shape).out]).toEqual([25]);
    expect([...forward({ ...causal, initialLse: "zero" }, inputs, shape).out]).toEqual([12.5]);
  });

  test("two tokens by hand: weights e^{g_j}/Σ e^{g}", () => {
    const shape = shapeOf({ grid: [2], B: 1, H: 1, D: 1, E: 1 });
    const inputs = { q: Float64Array.of(1, 1), g: Float64Array.of(0, Math.log(3)), v: Float64Array.of(4, 8) };
    expect(largestRelativeError(forward(causal, inputs, shape).out, [4, 7])).toBeLessThan(EXACT);
    expect(largestRelativeError(forward(global, inputs, shape).out, [7, 7])).toBeLessThan(EXACT);
  });
});

test("a row that sees no token outputs 0", () => {
  for (const spec of ALL) {
    const { inputs, shape } = sample(spec, { N: 3, D: 2, E: 2, seed: 3 });
    const none = forward(spec, { ...inputs, mask: Float64Array.of(0, 0, 0) }, shape);
    expect(none.out.every((value) => value === 0)).toBe(true);
  }
});

test("efficient attention is additive global on the softmax of q: by hand", () => {
  const shape = shapeOf({ grid: [1], B: 1, H: 1, D: 2, E: 1 });
  const out = forward(
    { op: "efficient-attention", causal: false },
    { q: Float64Array.of(Math.log(3), 0), k: Float64Array.of(9, -9), v: Float64Array.of(8) },
    shape,
  ).out;
  expect(largestRelativeError(out, [8])).toBeLessThan(EXACT); // 3/4 · 8 + 1/4 · 8: one token has all the weight
});
