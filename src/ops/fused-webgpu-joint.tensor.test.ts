import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Random } from "#base/random";
import { engineAvailability, startEngine } from "#engine/registry";
import type { RunningEngine } from "#engine/engine";
import type { OperatorSpec } from "#case/case";
import { shapeOf } from "#case/shape";
import { allWithin, errorsOf, evaluate } from "./compare.ts";
import { checkStrategy, referenceOf, runAs } from "./conformance.ts";
import type { Strategy } from "./operator.ts";
import { randomInputs, withShapes } from "./random-inputs.ts";
import { operators } from "./registry.ts";

const twoScans = (decay: "constant" | "scalar" | "vector"): OperatorSpec => ({
  op: "multiplicative",
  causal: false,
  decay,
  scans: 2,
});
const SPECS: readonly OperatorSpec[] = [
  twoScans("constant"),
  { ...twoScans("vector"), tiedKey: true },
  { ...twoScans("vector"), merge: "mean", currentToken: "once" },
];

const availability = await engineAvailability("webgpu");
const required = (process.env["REQUIRE_ENGINES"] ?? "").split(",").includes("webgpu");
const title = availability.available
  ? "two directions at once on webgpu"
  : `two directions at once on webgpu: ${availability.reason}`;

describe.skipIf(!availability.available && !required)(title, () => {
  const operator = operators.get("multiplicative");
  let engine: RunningEngine;
  let strategy: Strategy;

  beforeAll(async () => {
    process.env["LIGHTNET_BENCH_SEGMENT"] = "16"; // several segments at these lengths
    engine = await startEngine("webgpu");
    strategy = (await operator.load()).strategies.find(({ id }) => id === "fused-joint")!;
  });

  afterAll(async () => {
    delete process.env["LIGHTNET_BENCH_SEGMENT"];
    await engine.stop();
  });

  test.each(SPECS.map((spec) => [JSON.stringify(spec), spec] as const))(
    "%s agrees with the reference",
    { timeout: 900_000 },
    async (_name, spec) => {
      const results = await checkStrategy({ operator, strategy, spec, engine, quick: spec.tiedKey !== true });
      expect(results.filter(({ ok }) => !ok)).toEqual([]);
      expect(results.filter(({ unsupported }) => unsupported === undefined).length).toBeGreaterThan(2);
    },
  );

  // Heads wider than a thread's rows and a workgroup's columns; a segment that is no multiple of two chunks.
  test("D 128, E 132 in one uneven segment agree with the reference", { timeout: 900_000 }, async () => {
    const [spec, shape] = [twoScans("vector"), shapeOf({ grid: [21], B: 1, H: 1, D: 128, E: 132 })];
    const random = new Random(3);
    const inputs = withShapes(randomInputs(operator, spec, { shape, random }), operator.inputShapes(spec, shape));
    const cotangent = { shape: [1, 1, 21, 132], data: random.normals(21 * 132) };
    const actual = await evaluate({
      run: (tensors) => runAs(strategy, tensors, { spec, shape, engine }),
      inputs,
      cotangent,
    });
    const errors = errorsOf(actual, referenceOf(operator, { spec, shape, inputs, cotangent }), "float32", "gpu");
    expect(allWithin(errors), JSON.stringify(errors)).toBe(true);
  });

  test("is refused where directions have inputs of their own, and where there are more than two", () => {
    const shape = shapeOf({ grid: [4, 4], H: 2, D: 4 });
    expect(strategy.unsupported({ ...twoScans("vector"), sharing: "decay" }, shape, engine, [])).toMatch(
      /must be shared/,
    );
    expect(strategy.unsupported({ ...twoScans("vector"), scans: 4 }, shape, engine, [])).toMatch(
      /two parallel directions/,
    );
    expect(strategy.unsupported(twoScans("vector"), shape, { ...engine, kernels: {} }, [])).toMatch(
      /no kernel of its own/,
    );
  });
});
