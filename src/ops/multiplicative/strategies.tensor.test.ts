// Every strategy against the float64 reference, over everything that a spec can ask for.

import { describe, expect, test } from "vitest";
import type { OperatorSpec } from "#case/case";
import { describeOnEachEngine } from "#testing/engines";
import { ownVectors } from "#testing/vector-files";
import { checkStrategy } from "../conformance.ts";
import { operatorVectors } from "../operator-vectors.ts";
import { checkVectorFile } from "../vectors.ts";
import { multiplicative } from "./declaration.ts";
import { strategies } from "./strategies.ts";

const causal = { op: "multiplicative", causal: true } as const;
const scanned = { op: "multiplicative", causal: false } as const;
const SPECS: readonly OperatorSpec[] = [
  { ...scanned, decay: "none" },
  causal,
  { ...scanned, decay: "none", feature: "identity" },
  { ...scanned, decay: "none", feature: "relu" },
  { ...scanned, decay: "none", feature: "elu+1" },
  { ...scanned, decay: "none", feature: "relu", normalised: true },
  { ...scanned, decay: "none", feature: "elu+1", normalised: true },
  { ...scanned, decay: "none", feature: "exp", normalised: true },
  { ...causal, decay: "none", feature: "exp" },
  { ...causal, decay: "none", feature: "elu+1" },
  { ...causal, decay: "constant" },
  { ...causal, decay: "scalar" },
  { ...causal, decay: "vector" },
  { ...causal, decay: "vector", tiedKey: true },
  { ...scanned, decay: "constant", scans: 2 },
  { ...scanned, decay: "scalar", scans: 2, currentToken: "once" },
  { ...scanned, decay: "vector", scans: 2, merge: "mean" },
  { ...scanned, decay: "vector", scans: 2, sharing: "k+decay", currentToken: "once" },
  { ...scanned, decay: "vector", scans: 2, tiedKey: true },
  { ...scanned, decay: "constant", scans: 4, sharing: "decay" },
  { ...scanned, decay: "scalar", scans: 4, sharing: "none" },
  { ...scanned, decay: "vector", scans: 4, layout: "head-split" },
  { ...scanned, decay: "constant", scans: 4, layout: "head-split" },
  { ...scanned, decay: "vector", scans: 6, layout: "alternate", direction: 5 },
  { ...scanned, decay: "vector", scans: 6 },
];

// The plain JavaScript engine is slow and runs the same code: a part of everything shows that it can.
const SLOW_ENGINE_SPECS = SPECS.filter((_, i) => i % 4 === 0);
const SLOW_ENGINE_VECTORS = /causal|tied-key|6scan/;

await describeOnEachEngine("multiplicative", (engine, engineId) => {
  const slow = engineId === "cpu";
  describe.each((slow ? SLOW_ENGINE_SPECS : SPECS).map((spec) => [JSON.stringify(spec), spec] as const))(
    "%s",
    (_name, spec) => {
      test.each(strategies.strategies.map((strategy) => [strategy.id, strategy] as const))(
        "%s",
        async (_id, strategy) => {
          const results = await checkStrategy({
            operator: multiplicative,
            strategy,
            spec,
            engine: engine(),
            quick: slow,
          });
          expect(results.filter(({ ok }) => !ok)).toEqual([]);
          const chosen = strategies.choose(spec, { B: 1, H: 1, N: 64, D: 64, E: 64, grid: [64], prefix: 0 }, engine());
          if (strategy.id === chosen) expect(results.some(({ unsupported }) => unsupported === undefined)).toBe(true);
        },
      );
    },
  );

  test("vectors", async () => {
    const files = ownVectors("decay-");
    const checked = slow
      ? files.filter((path) => SLOW_ENGINE_VECTORS.test(path) && !path.includes("wide-range"))
      : files;
    const results = [];
    for (const path of checked) results.push(...(await checkVectorFile(path, engine(), [operatorVectors])));
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    expect(checked.length).toBeGreaterThan(0);
    expect(results.length).toBeGreaterThan(checked.length);
  });
});
