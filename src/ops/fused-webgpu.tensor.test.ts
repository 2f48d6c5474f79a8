import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engineAvailability, startEngine } from "#engine/registry";
import type { RunningEngine } from "#engine/engine";
import type { OperatorSpec } from "#case/case";
import { checkStrategy } from "./conformance.ts";
import { operators } from "./registry.ts";

// A file of its own, which is a process of its own: no tensor moves between webgpu and another engine.
const SPECS: readonly OperatorSpec[] = [
  { op: "additive", causal: false },
  { op: "additive", causal: true, explicitKey: true },
  { op: "multiplicative", causal: true, decay: "none" },
  { op: "multiplicative", causal: true, decay: "constant" },
  { op: "multiplicative", causal: true, decay: "vector" },
  { op: "multiplicative", causal: false, decay: "scalar", scans: 2 },
  { op: "softmax", causal: true },
];

const availability = await engineAvailability("webgpu");
const required = (process.env["REQUIRE_ENGINES"] ?? "").split(",").includes("webgpu");
const title = availability.available
  ? "fused strategies on webgpu"
  : `fused strategies on webgpu: ${availability.reason}`;

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

  // An emulated GPU compiles for seconds where a GPU takes milliseconds.
  test.each(SPECS.map((spec) => [JSON.stringify(spec), spec] as const))(
    "%s agrees with the reference",
    { timeout: 300_000 },
    async (_name, spec) => {
      const operator = operators.get(spec.op);
      const strategy = (await operator.load()).strategies.find(({ id }) => id === "fused")!;
      const results = await checkStrategy({ operator, strategy, spec, engine, quick: true });
      expect(results.filter(({ ok }) => !ok)).toEqual([]);
      expect(results.filter(({ unsupported }) => unsupported === undefined).length).toBeGreaterThan(2);
    },
  );
});
