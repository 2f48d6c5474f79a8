import { afterAll, beforeAll, describe, test } from "vitest";
import { engineAvailability, startEngine } from "#engine/registry";
import type { RunningEngine } from "#engine/engine";
import { expectGate, GATE_CASES } from "#testing/decay-gates";

const availability = await engineAvailability("webgpu");
const required = (process.env["REQUIRE_ENGINES"] ?? "").split(",").includes("webgpu");
const title = availability.available
  ? "gates of decays on webgpu"
  : `gates of decays on webgpu: ${availability.reason}`;

describe.skipIf(!availability.available && !required)(title, () => {
  let engine: RunningEngine;
  beforeAll(async () => void (engine = await startEngine("webgpu")));
  afterAll(() => engine.stop());

  test.each(GATE_CASES)("$shape, bounded $bounded, temperature $temperature, tied $tied", (gate) =>
    expectGate(engine, gate),
  );
});
