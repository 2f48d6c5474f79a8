import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startEngine } from "#engine/registry";
import type { RunningEngine } from "#engine/engine";
import type { OperatorSpec } from "#suite/case";
import { checkStrategy } from "./conformance.ts";
import { operators } from "./registry.ts";
import { checkVector, readVector } from "./vectors.ts";

const VECTORS = fileURLToPath(new URL("../testing/vectors/", import.meta.url));

const SPECS: readonly OperatorSpec[] = [
  { op: "additive", causal: false },
  { op: "additive", causal: true },
  { op: "additive", causal: true, explicitKey: true },
  { op: "additive", causal: true, initialLse: "zero" },
  ...(["none", "constant", "scalar", "vector"] as const).map((decay) => ({ op: "multiplicative", causal: true, decay }) as const),
  { op: "multiplicative", causal: true, decay: "vector", tiedKey: true },
  { op: "multiplicative", causal: false, decay: "constant", scans: 2 },
  { op: "multiplicative", causal: false, decay: "scalar", scans: 4, layout: "head-split" },
  { op: "multiplicative", causal: false, decay: "vector", scans: 6 },
  { op: "softmax", causal: false },
  { op: "softmax", causal: true },
];

const BUILDS = ["simd", "relaxed"] as const;

describe.each(BUILDS)("fused strategies on the %s build", (build) => {
  let engine: RunningEngine;

  beforeAll(async () => {
    process.env["LIGHTNET_BENCH_WASM"] = build;
    engine = await startEngine("wasm");
  });

  afterAll(() => {
    delete process.env["LIGHTNET_BENCH_WASM"];
  });

  test("the engine says which build it runs", () => {
    expect(engine.device.details["kernels"]).toBe(build);
  });

  test.each(SPECS.map((spec) => [JSON.stringify(spec), spec] as const))("%s agrees with the reference", async (_name, spec) => {
    const operator = operators.get(spec.op);
    const strategy = (await operator.load()).strategies.find(({ id }) => id === "fused")!;
    const results = await checkStrategy({ operator, strategy, spec, engine });
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    expect(results.filter(({ unsupported }) => unsupported === undefined).length).toBeGreaterThan(3);
  });

  const files = readdirSync(VECTORS).filter((file) => file.endsWith(".safetensors") && operators.has(readVector(VECTORS + file).op));
  test.each(files)("agrees with %s", async (file) => {
    const vector = readVector(VECTORS + file);
    const fused = (await operators.get(vector.op).load()).strategies.find(({ id }) => id === "fused")!;
    expect(await checkVector(vector, fused, engine)).toMatchObject({ ok: true });
  });
});
