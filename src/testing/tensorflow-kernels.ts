// The native kernels of engine `tensorflow` against the references, for one instruction set: a process holds one.

import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import type { RunningEngine } from "#engine/engine";
import { engineAvailability, startEngine } from "#engine/registry";
import type { InstructionSet } from "#engine/tensorflow/instruction-sets";
import { checkStrategy } from "#ops/conformance";
import { operators } from "#ops/registry";
import { checkVector, readVector } from "#ops/vectors";
import type { OperatorSpec } from "#suite/case";

const VECTORS = fileURLToPath(new URL("./vectors/", import.meta.url));

const SPECS: readonly OperatorSpec[] = [
  { op: "additive", causal: false },
  { op: "additive", causal: false, explicitKey: true },
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

const availability = await engineAvailability("tensorflow");
const required = (process.env["REQUIRE_ENGINES"] ?? "").split(",").includes("tensorflow");

/** @param set forced through the environment; skipped, with the reason, where the processor or the set-up has it not */
export function describeTensorflowKernels(set: InstructionSet): void {
  const kernels = availability.available ? availability.device.details["kernels"] : undefined;
  const reason = availability.available ? (kernels === set ? undefined : `the engine runs kernels "${String(kernels)}" here`) : availability.reason;
  const missing = reason !== undefined && !(required && !availability.available);
  describe.skipIf(missing)(`kernels of tensorflow for ${set}${missing ? `: ${reason}` : ""}`, () => {
    let engine: RunningEngine;

    beforeAll(async () => {
      engine = await startEngine("tensorflow");
    });

    test.each(SPECS.map((spec) => [JSON.stringify(spec), spec] as const))("%s agrees with the reference", { timeout: 120_000 }, async (_name, spec) => {
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
}
