// The fused strategies of an engine against references and vector files: the same forms on every build of its kernels.

import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { RunningEngine } from "#engine/engine";
import { checkStrategy } from "#ops/conformance";
import { operators } from "#ops/registry";
import { checkVector } from "#ops/operator-vectors";
import { readVector } from "#ops/vectors";
import type { OperatorSpec } from "#case/case";

const VECTORS = fileURLToPath(new URL("./vectors/", import.meta.url));

const SPECS: readonly OperatorSpec[] = [
  { op: "additive", causal: false },
  { op: "additive", causal: true },
  { op: "additive", causal: true, explicitKey: true },
  { op: "additive", causal: true, initialLse: "zero" },
  ...(["none", "constant", "scalar", "vector"] as const).map(
    (decay) => ({ op: "multiplicative", causal: true, decay }) as const,
  ),
  { op: "multiplicative", causal: true, decay: "vector", tiedKey: true },
  { op: "multiplicative", causal: false, decay: "constant", scans: 2 },
  { op: "multiplicative", causal: false, decay: "scalar", scans: 4, layout: "head-split" },
  { op: "multiplicative", causal: false, decay: "vector", scans: 6 },
  { op: "multiplicative", causal: false, decay: "vector", scans: 4, layout: "head-split", tiedKey: true },
  { op: "multiplicative", causal: false, decay: "vector", scans: 4, layout: "alternate", direction: 2 },
  { op: "multiplicative", causal: false, decay: "scalar", scans: 4, sharing: "none", currentToken: "once" },
  { op: "multiplicative", causal: false, decay: "constant", scans: 4, sharing: "decay", merge: "mean" },
  { op: "multiplicative", causal: false, decay: "vector", scans: 2, tiedKey: true, sharing: "decay" },
  { op: "multiplicative", causal: false, decay: "vector", scans: 2, currentToken: "once" },
  { op: "softmax", causal: false },
  { op: "softmax", causal: true },
];

async function fusedStrategy(op: string, fused = "fused") {
  return (await operators.get(op).load()).strategies.find(({ id }) => id === fused)!;
}

/** Declares the tests; called within a `describe`. @param more forms that this engine fuses beside the common ones */
export function testFusedStrategies(engine: () => RunningEngine, more: readonly OperatorSpec[] = []): void {
  test.each([...SPECS, ...more].map((spec) => [JSON.stringify(spec), spec] as const))(
    "%s agrees with the reference",
    async (_name, spec) => {
      const results = await checkStrategy({
        operator: operators.get(spec.op),
        strategy: await fusedStrategy(spec.op),
        spec,
        engine: engine(),
      });
      expect(results.filter(({ ok }) => !ok)).toEqual([]);
      expect(results.filter(({ unsupported }) => unsupported === undefined).length).toBeGreaterThan(3);
    },
  );

  const twoWays = { op: "multiplicative", causal: false, scans: 2 } as const;
  test.each(["constant", "scalar", "vector"] as const)(
    "two directions at once, decay %s, agree with the reference",
    async (decay) => {
      const spec: OperatorSpec = { ...twoWays, decay };
      const results = await checkStrategy({
        operator: operators.get(spec.op),
        strategy: await fusedStrategy(spec.op, "fused-joint"),
        spec,
        engine: engine(),
        quick: true,
      });
      expect(results.filter(({ ok }) => !ok)).toEqual([]);
      expect(results.filter(({ unsupported }) => unsupported === undefined).length).toBeGreaterThan(2);
    },
  );

  const files = readdirSync(VECTORS).filter(
    (file) => file.endsWith(".safetensors") && operators.has(readVector(VECTORS + file).op),
  );
  test.each(files)("agrees with %s", async (file) => {
    const vector = readVector(VECTORS + file);
    expect(await checkVector(vector, await fusedStrategy(vector.op), engine())).toMatchObject({ ok: true });
  });
}
