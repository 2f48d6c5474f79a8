// The reference is what everything else is tested against; it is tested by hand and by differences.

import { describe, expect, test } from "vitest";
import { Random } from "#base/random";
import { DIFFERENCES, DIFFERENCE_STEP, largestRelativeError } from "#engine/tolerance";
import type { OperatorSpec, Shape } from "#case/case";
import { shapeOf } from "#case/shape";
import type { InputName, Inputs } from "../operator.ts";
import { multiplicative } from "./declaration.ts";
import { reference } from "./reference.ts";

type Arrays = Inputs<Float64Array>;

function draw(spec: OperatorSpec, shape: Shape, random: Random): Record<string, Float64Array> {
  const shapes = Object.entries(multiplicative.inputShapes(spec, shape));
  return Object.fromEntries(
    shapes.map(([name, dims]) => {
      const normals = Float64Array.from(random.normals(dims.reduce((a, b) => a * b, 1)));
      return [name, name === "logDecay" ? normals.map((value) => -Math.abs(value)) : normals];
    }),
  );
}

const line = shapeOf({ grid: [6], B: 2, H: 2, D: 2, E: 3 });
const image = shapeOf({ grid: [2, 3], H: 4, D: 2, E: 3, prefix: 1 });
const causal = { op: "multiplicative", causal: true } as const;
const scanned = { op: "multiplicative", causal: false, decay: "vector" } as const;

const SPECS: readonly (readonly [string, OperatorSpec, Shape])[] = [
  ["no decay, causal", causal, line],
  ["no decay, global", { op: "multiplicative", causal: false, decay: "none" }, image],
  ["constant", { ...causal, decay: "constant" }, line],
  ["scalar", { ...causal, decay: "scalar" }, line],
  ["vector", { ...causal, decay: "vector" }, line],
  ["tied key", { ...causal, decay: "vector", tiedKey: true }, line],
  ["four scans, constant, mean", { ...scanned, decay: "constant", scans: 4, merge: "mean" }, image],
  ["own decays, current token once", { ...scanned, scans: 2, sharing: "decay", currentToken: "once" }, image],
  ["own keys and decays", { ...scanned, decay: "scalar", scans: 4, sharing: "k+decay" }, image],
  ["everything its own", { ...scanned, scans: 2, sharing: "none" }, line],
  ["head-split", { ...scanned, scans: 4, layout: "head-split" }, image],
  ["alternate", { ...scanned, tiedKey: true, scans: 4, layout: "alternate", direction: 2 }, image],
];

describe("backward against central differences", () => {
  test.each(SPECS)("%s", (_name, spec, shape) => {
    const random = new Random(7);
    const inputs: Record<string, Float64Array> = draw(spec, shape, random);
    const { B, H, N, D, E } = shape;
    if (spec.causal) inputs["initialState"] = Float64Array.from(random.normals(B * H * D * E));
    const cotangent = Float64Array.from(random.normals(B * H * N * E));
    const mask = Float64Array.from({ length: B * N }, (_, i) => (i % N === 1 || i % N === N - 1 ? 0 : 1));
    for (const given of [inputs, { ...inputs, mask }]) {
      const gradients = reference.backward(given, spec, shape, cotangent);
      for (const name of Object.keys(inputs)) {
        const expected = inputs[name]!.map((_, i) =>
          slope(given, name, i, (moved) => value(moved, spec, shape, cotangent)),
        );
        expect(largestRelativeError(gradients[name as InputName]!, expected), name).toBeLessThan(DIFFERENCES.gradient);
      }
    }
  });
});

function value(inputs: Arrays, spec: OperatorSpec, shape: Shape, cotangent: Float64Array): number {
  return reference.forward(inputs, spec, shape).out.reduce((sum, out, i) => sum + out * cotangent[i]!, 0);
}

function slope(inputs: Arrays, name: string, at: number, f: (inputs: Arrays) => number): number {
  const moved = (step: number) => {
    const values = inputs[name as InputName]!.slice();
    values[at]! += step;
    return f({ ...inputs, [name]: values });
  };
  return (moved(DIFFERENCE_STEP) - moved(-DIFFERENCE_STEP)) / (2 * DIFFERENCE_STEP);
}

describe("by hand", () => {
  const shape = shapeOf({ grid: [3], H: 1, D: 1, E: 1 });
  const inputs = {
    q: Float64Array.of(1, 1, 2),
    k: Float64Array.of(1, 1, 1),
    v: Float64Array.of(1, 2, 4),
    logDecay: Float64Array.of(Math.log(0.5), Math.log(0.5), Math.log(0.25)),
  };

  test("one direction: s = 1, 0.5·1 + 2, 0.25·2.5 + 4", () => {
    const { out, state } = reference.forward(inputs, { ...causal, decay: "scalar" }, shape);
    expect([...out]).toEqual([1, 2.5, 9.25]);
    expect([...state!]).toEqual([4.625]);
  });

  test("two directions: the reverse adds 4, 0.5·4 + 2, 0.5·4 + 1, in grid order", () => {
    const { out, state } = reference.forward(inputs, { ...scanned, decay: "scalar", scans: 2 }, shape);
    expect([...out]).toEqual([1 + 3, 2.5 + 4, 9.25 + 8]);
    expect(state).toBeUndefined();
  });

  test("a masked token neither adds nor decays", () => {
    const masked = { ...inputs, mask: Float64Array.of(1, 0, 1) };
    expect([...reference.forward(masked, { ...causal, decay: "scalar" }, shape).out]).toEqual([1, 1, 8.5]);
  });

  test("the current token once: two directions less one count of it", () => {
    const spec = { ...scanned, decay: "scalar", scans: 2 } as const;
    const once = reference.forward(inputs, { ...spec, currentToken: "once" }, shape).out;
    expect([...once]).toEqual([4 - 1, 6.5 - 2, 17.25 - 8]);
  });
});
