import { describe, expect, test } from "vitest";
import { caseId, matchupId } from "#case/case";
import { failedRecord, operatorCase, simulateRecords } from "#testing/simulated-records";
import { findCrossovers, fitGrowth } from "./growth.ts";
import { pairWithin, ratioLookup } from "./ratios.ts";
import { resultsOf } from "./result.ts";

const lengths = [256, 512, 1024, 2048, 4096];
const cases = lengths.flatMap((N) =>
  ["additive-global", "vector-2scan", "softmax-full"].map((contender) => operatorCase(contender, N)),
);
/** linear, twice that, and quadratic with equal time at N = 1000 */
const SECONDS: Readonly<Record<string, (N: number) => number>> = {
  "additive-global": (N) => N * 1e-6,
  "vector-2scan": (N) => 2 * N * 1e-6,
  "softmax-full": (N) => (N * N * 1e-6) / 1000,
};
const records = simulateRecords(cases, {
  seconds: (item) => SECONDS[item.contender]!(item.shape.N),
  between: 0.2,
  within: 0.1,
});

const results = resultsOf(records, { resamples: 200 });

describe("ratios inside a run", () => {
  const ratios = ratioLookup(results);
  const scans = results.filter(({ contender }) => contender === "vector-2scan");

  test("two scans cost twice one scan at every length, though processes and rounds drift by far more", () => {
    expect(scans.map(({ axes }) => axes["N"])).toEqual(lengths);
    for (const result of scans) {
      const ratio = ratios(result, "additive-global")!;
      expect(ratio.n).toBe(3);
      expect(ratio.low).toBeGreaterThan(1.8);
      expect(ratio.high).toBeLessThan(2.2);
    }
  });

  test("a matchup without the baseline has no ratio; the baseline's own is 1 by definition", () => {
    expect(ratios(scans[0]!, "linear-global")).toBeUndefined();
    const own = results.find(({ contender }) => contender === "additive-global")!;
    expect(ratios(own, "additive-global")).toMatchObject({ estimate: 1, method: "by definition" });
  });

  test("rounds in which one of the two is missing are left out", () => {
    const dropped = records.filter((record) => record.case.contender !== "vector-2scan" || record.round >= 4);
    const pairs = pairWithin(resultsOf(dropped, { resamples: 1 }), "additive-global");
    const { processes } = pairs.find(({ result }) => result.contender === "vector-2scan")!;
    expect(processes.map(({ numerator }) => numerator.length)).toEqual([6, 6, 6]);
  });
});

describe("growth over N", () => {
  test("exponents of time, with the theory of the operator's own formula beside", () => {
    const growth = fitGrowth(results);
    expect(growth.map((item) => item.contender)).toEqual(["additive-global", "vector-2scan", "softmax-full"]);
    expect(growth[0]!.exponent!.estimate).toBeCloseTo(1, 0);
    expect(growth[2]!.exponent!.estimate).toBeCloseTo(2, 0);
    expect(growth[0]!.theory!.estimate).toBeCloseTo(1, 9);
    expect(growth[0]!.lengths).toEqual(lengths);
  });

  test("decoding: a recurrence reads a state of one size, attention everything before", () => {
    const shared = {
      kind: "decode",
      suite: "decode",
      engine: "wasm",
      precision: "float32",
      scale: "smoke",
      seed: 0,
    } as const;
    const decoded = records.map((record) => {
      if (record.case.kind !== "operator") throw new Error("expected operator cases");
      const { contender, spec, shape } = record.case;
      const item = { ...shared, contender, spec, shape };
      return { ...record, case: item, caseId: caseId(item), matchup: matchupId(item) };
    });
    const theory = fitGrowth(resultsOf(decoded, { resamples: 1 })).map((item) => item.theory!.estimate);
    expect(theory.map((exponent) => Math.round(1e9 * exponent) / 1e9 + 0)).toEqual([0, 0, 1]);
  });

  test("a series says where it stops and why", () => {
    const failed = failedRecord(operatorCase("softmax-full", 8192), "oom", "heap full");
    const softmax = fitGrowth(resultsOf([...records, failed], { resamples: 1 })).find(
      (item) => item.contender === "softmax-full",
    )!;
    expect(softmax.stopsAt).toMatchObject({ N: 8192, status: "oom", reason: "heap full" });
    expect(softmax.lengths).toEqual(lengths);
  });
});

test("the crossover against softmax is where the two formulas meet", () => {
  const crossovers = findCrossovers(results, "softmax-full");
  const [additive, twoScans] = ["additive-global", "vector-2scan"].map((id) =>
    crossovers.find((item) => item.contender === id)!,
  );
  expect(additive!.kind).toBe("crosses");
  expect(additive!.low).toBeLessThan(1000 * 1.02);
  expect(additive!.high).toBeGreaterThan(1000 * 0.98);
  expect(additive).toMatchObject({
    point: { engine: "wasm", precision: "float32" },
    strategies: ["reference"],
    referenceStrategies: ["reference"],
  });
  expect(twoScans!.estimate! / additive!.estimate!).toBeCloseTo(2, 1);
});
