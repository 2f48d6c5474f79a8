// The analytic gradients of the float64 references against central differences.

import { describe, expect, test } from "vitest";
import { Random } from "#base/random";
import { DIFFERENCES, largestRelativeError } from "#engine/tolerance";
import type { OperatorSpec } from "#case/case";
import { shapeOf } from "#case/shape";
import { dot, finiteDifferences } from "#testing/finite-differences";
import { INPUT_NAMES, type InputName, type Inputs } from "./operator.ts";
import { optionalShapes, randomInputs } from "./random-inputs.ts";
import { operators } from "./registry.ts";

const SPECS: readonly (readonly [spec: OperatorSpec, extras: readonly InputName[]])[] = [
  [{ op: "additive", causal: true }, []],
  [{ op: "additive", causal: true, explicitKey: true }, ["mask"]],
  [{ op: "additive", causal: true }, ["initialState", "initialLse"]],
  [{ op: "additive", causal: true, initialLse: "zero" }, ["initialState"]],
  [{ op: "additive", causal: false }, ["mask"]],
  [{ op: "additive", causal: false, explicitKey: true }, []],
  [{ op: "softmax", causal: true }, ["mask"]],
  [{ op: "softmax", causal: false, scoreScale: 0.7 }, []],
  [{ op: "efficient-attention", causal: false }, ["mask"]],
  [{ op: "matmul", causal: false }, []],
];

const shape = shapeOf({ grid: [5], B: 2, H: 1, D: 2, E: 3 });
const MASK = [0, 0, 1, 1, 0, 1, 1, 0, 1, 1]; // leading padding, and a hole

describe.each(SPECS)("gradients of %o with %o", (spec, extras) => {
  const operator = operators.get(spec.op);
  const random = new Random(7);
  const inputs: { [Name in InputName]?: Float64Array } = {};
  for (const [name, values] of Object.entries(randomInputs(operator, spec, { shape, random })))
    inputs[name as InputName] = Float64Array.from(values);
  for (const name of extras) {
    const size = optionalShapes(shape)[name as "mask"].reduce((a, b) => a * b, 1);
    inputs[name] = name === "mask" ? Float64Array.from(MASK) : Float64Array.from(random.fork(name).normals(size));
  }
  const cotangent = Float64Array.from(random.fork("cotangent").normals(shape.B * shape.H * shape.N * shape.E));
  const gradients = operator.reference.backward(inputs, spec, shape, cotangent);
  const differentiable = INPUT_NAMES.filter((name) => name !== "mask" && inputs[name] !== undefined);

  test("every differentiable input has one", () => {
    expect(Object.keys(gradients).sort()).toEqual([...differentiable].sort());
  });

  test.each(differentiable)("%s", (name) => {
    const loss = (x: Float64Array) =>
      dot(operator.reference.forward({ ...inputs, [name]: x } as Inputs<Float64Array>, spec, shape).out, cotangent);
    expect(largestRelativeError(gradients[name]!, finiteDifferences(loss, inputs[name]!), 1)).toBeLessThan(
      DIFFERENCES.gradient,
    );
  });
});
