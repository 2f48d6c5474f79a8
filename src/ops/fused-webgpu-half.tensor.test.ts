import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engineAvailability, startEngine } from "#engine/registry";
import type { RunningEngine } from "#engine/engine";
import * as tf from "#engine/tf";
import type { OperatorSpec } from "#case/case";
import { shapeOf } from "#case/shape";
import { checkStrategy } from "./conformance.ts";
import { unsupportedAsHalf } from "./half.ts";
import { operators } from "./registry.ts";

const SPECS: readonly OperatorSpec[] = [
  { op: "additive", causal: false },
  { op: "additive", causal: true, explicitKey: true },
  { op: "multiplicative", causal: true, decay: "none" },
  { op: "multiplicative", causal: true, decay: "constant" },
  { op: "multiplicative", causal: true, decay: "scalar" },
  { op: "multiplicative", causal: true, decay: "vector" },
  { op: "softmax", causal: true },
];

const availability = await engineAvailability("webgpu");
const required = (process.env["REQUIRE_ENGINES"] ?? "").split(",").includes("webgpu");
const title = availability.available
  ? "float16 storage on webgpu"
  : `float16 storage on webgpu: ${availability.reason}`;

async function fusedStrategy(op: string) {
  return (await operators.get(op).load()).strategies.find(({ id }) => id === "fused")!;
}

describe.skipIf(!availability.available && !required)(title, () => {
  let engine: RunningEngine;

  beforeAll(async () => {
    process.env["LIGHTNET_BENCH_SEGMENT"] = "16"; // several segments at these lengths
    engine = await startEngine("webgpu");
  });

  afterAll(async () => {
    delete process.env["LIGHTNET_BENCH_SEGMENT"];
    await engine.stop();
  });

  test("keeps what float16 can hold, two numbers in one", async () => {
    const values = [1, -2, 0.5, 65504, 2 ** -24, 0, -0.1, 3.140625];
    const { toHalves, fromHalves } = engine.kernels.half!;
    const [stored, back] = tf.tidy(() => {
      const halves = toHalves(tf.tensor(values, [1, 1, 2, 4]));
      return [halves, fromHalves(halves)] as const;
    });
    expect([stored.shape, back.shape]).toEqual([
      [1, 1, 2, 2],
      [1, 1, 2, 4],
    ]);
    const read = [...(await back.data())];
    tf.dispose([stored, back]);
    values.forEach((value, i) =>
      value === -0.1 ? expect(Math.abs(read[i]! + 0.1)).toBeLessThan(1e-4) : expect(read[i]).toBe(value),
    );
  });

  test.each(SPECS.map((spec) => [JSON.stringify(spec), spec] as const))(
    "%s agrees with the reference on what was stored",
    { timeout: 300_000 },
    async (_name, spec) => {
      const operator = operators.get(spec.op);
      const wholeKit = spec.decay === "vector" || spec.op === "softmax";
      const results = await checkStrategy({
        operator,
        strategy: await fusedStrategy(spec.op),
        spec,
        engine,
        precision: "float16",
        quick: !wholeKit,
      });
      expect(results.filter(({ ok }) => !ok)).toEqual([]);
      const checked = results.filter(({ unsupported }) => unsupported === undefined);
      expect(checked.map(({ case: item }) => item)).toContain("wide");
      const gradients = Object.keys(operator.inputShapes(spec, shapeOf({ grid: [4] }))).map((name) => `grad.${name}`);
      for (const { errors } of checked)
        expect(errors.map(({ name }) => name).sort()).toEqual([...gradients, "out"].sort());
    },
  );

  test("gradients are stored as their inputs are", async () => {
    const spec: OperatorSpec = { op: "multiplicative", causal: true, decay: "vector" };
    const shape = shapeOf({ grid: [40], H: 1, D: 8, E: 4 });
    const { half } = await fusedStrategy(spec.op);
    const kernels = engine.kernels.half!;
    const stored = tf.tidy(() => {
      const halves = (width: number) => kernels.toHalves(tf.fill([1, 1, 40, width], -0.5));
      const inputs = { q: halves(8), k: halves(8), v: halves(4), logDecay: halves(8) };
      const gradients = half!.run(inputs, spec, shape, kernels).backward(halves(4));
      return Object.fromEntries(
        Object.entries(gradients).map(([name, { dtype, shape: dims }]) => [name, [dtype, dims]]),
      );
    });
    expect(stored).toEqual({
      q: ["int32", [1, 1, 40, 4]],
      k: ["int32", [1, 1, 40, 4]],
      v: ["int32", [1, 1, 40, 2]],
      logDecay: ["int32", [1, 1, 40, 4]],
    });
  });

  test("says what it cannot do, and other engines that they cannot", async () => {
    const spec: OperatorSpec = { op: "multiplicative", causal: true, decay: "vector" };
    const fused = await fusedStrategy(spec.op);
    const at = (D: number) => ({ spec, shape: shapeOf({ grid: [8], D }), engine });
    expect(unsupportedAsHalf(fused, at(8), ["q", "k", "v", "logDecay"])).toBeUndefined();
    expect(unsupportedAsHalf(fused, at(6), [])).toMatch(/multiples of 4/);
    expect(unsupportedAsHalf(fused, at(8), ["mask"])).toMatch(/takes no mask/);
    expect(unsupportedAsHalf(fused, { ...at(8), spec: { ...spec, causal: false, scans: 2 } }, [])).toMatch(
      /one causal scan/,
    );
    expect(unsupportedAsHalf(fused, { ...at(8), engine: { ...engine, id: "wasm", kernels: {} } }, [])).toBe(
      "engine wasm does not store numbers as float16",
    );
  });
});
