import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startEngine } from "#engine/registry";
import type { RunningEngine } from "#engine/engine";
import { testFusedStrategies } from "#testing/fused-strategies";

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

  testFusedStrategies(() => engine);
});
