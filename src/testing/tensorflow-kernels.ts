// The native kernels of engine `tensorflow` against the references, for one instruction set: a process holds one.

import { beforeAll, describe } from "vitest";
import type { RunningEngine } from "#engine/engine";
import { engineAvailability, startEngine } from "#engine/registry";
import type { InstructionSet } from "#engine/tensorflow/instruction-sets";
import { testFusedStrategies } from "./fused-strategies.ts";

const availability = await engineAvailability("tensorflow");
const required = (process.env["REQUIRE_ENGINES"] ?? "").split(",").includes("tensorflow");

/** @param set forced through the environment; skipped, with the reason, where the processor or the set-up has it not */
export function describeTensorflowKernels(set: InstructionSet): void {
  const kernels = availability.available ? availability.device.details["kernels"] : undefined;
  const reason = availability.available
    ? kernels === set
      ? undefined
      : `the engine runs kernels "${String(kernels)}" here`
    : availability.reason;
  const missing = reason !== undefined && !(required && !availability.available);
  describe.skipIf(missing)(`kernels of tensorflow for ${set}${missing ? `: ${reason}` : ""}`, () => {
    let engine: RunningEngine;

    beforeAll(async () => {
      engine = await startEngine("tensorflow");
    });

    testFusedStrategies(() => engine, [{ op: "additive", causal: false, explicitKey: true }]);
  });
}
