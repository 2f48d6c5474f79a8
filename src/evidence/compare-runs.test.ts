import { describe, expect, test } from "vitest";
import { UsageError } from "#base/errors";
import type { OkRecord, RunRecord } from "#store/record";
import { failedRecord, manifest, operatorCase, simulateRecords, trainingRecord } from "#testing/simulated-records";
import { scaleTimes } from "./scale-times.ts";
import { caseId } from "#case/case";
import { compareRuns } from "./compare-runs.ts";
import { formatComparison } from "./formats.ts";

const lengths = [256, 512, 1024, 2048, 4096];
const cases = lengths.flatMap((N) =>
  ["additive-global", "vector-4scan", "softmax-full"].map((contender) => operatorCase(contender, N)),
);
const simulate = (seed: number, processes = 3) =>
  simulateRecords(cases, { seed, processes, seconds: (item) => item.shape.N * 1e-5 });
const run = (name: string, records: readonly RunRecord[], environment = {}) => ({
  manifest: manifest(name, environment),
  records,
});
const words = (before: readonly RunRecord[], after: readonly RunRecord[], options = {}) =>
  compareRuns(run("before", before), run("after", after), options).counts;

describe("verdicts", () => {
  test.each([1, 3, 8])("%i processes: every time × 1.2 is slower for all, ÷ 1.2 faster for all", (processes) => {
    const records = simulate(1, processes);
    expect(words(records, scaleTimes(records, 1.2))).toMatchObject({ slower: cases.length });
    expect(words(records, scaleTimes(records, 1 / 1.2))).toMatchObject({ faster: cases.length });
  });

  test.each([1, 3, 8])("%i processes: × 1.005 is slower for none", (processes) => {
    const records = simulate(1, processes);
    expect(words(records, scaleTimes(records, 1.005))).toMatchObject({ slower: 0, faster: 0 });
  });

  test("a training case is compared by its steps", () => {
    const trained = [trainingRecord({ seed: 1, top1: 0.9 })];
    expect(words(trained, scaleTimes(trained, 1.2))).toMatchObject({ slower: 1 });
    expect(words(trained, trained)).toMatchObject({ same: 1 });
  });

  test.each([3, 8])(
    "equal code, %i processes: at most one in twenty is called different, most are called the same",
    (processes) => {
      const totals = { faster: 0, slower: 0, same: 0, ambiguous: 0, missing: 0 };
      for (let seed = 0; seed < 8; seed++) {
        const counts = words(simulate(2 * seed, processes), simulate(2 * seed + 1, processes), { resamples: 300 });
        for (const word of Object.keys(totals) as (keyof typeof totals)[]) totals[word] += counts[word];
      }
      const all = 8 * cases.length;
      expect((totals.faster + totals.slower) / all).toBeLessThan(0.05);
      expect(totals.same / all).toBeGreaterThan(0.7);
    },
  );

  test("one sample a side supports no verdict", () => {
    const one = simulateRecords([cases[0]!], { seconds: () => 1, processes: 1, rounds: 1 });
    const { cases: found } = compareRuns(run("before", one), run("after", scaleTimes(one, 2)));
    expect(found[0]).toMatchObject({ verdict: "ambiguous", reason: "one sample a side has no interval" });
  });

  test("where the rank test can speak it must agree; where processes are few it says so", () => {
    const few = simulate(1, 3);
    const [quiet] = compareRuns(run("before", few), run("after", scaleTimes(few, 1.2))).cases;
    expect(quiet).toMatchObject({
      test: { unit: "process", canSpeak: false, smallestPValue: expect.closeTo(0.1, 12) },
    });
    const many = simulate(1, 8);
    const [loud] = compareRuns(run("before", many), run("after", scaleTimes(many, 1.2))).cases;
    expect(loud).toMatchObject({ test: { unit: "process", canSpeak: true } });
    if (loud!.verdict === "missing") throw new Error("expected a comparison");
    expect(loud!.test.adjustedPValue).toBeLessThanOrEqual(0.05);
  });
});

describe("missing and broken cases", () => {
  const records = simulate(1);
  const id = caseId(cases[0]!);
  const without = records.filter((record) => record.matchup !== records[0]!.matchup);

  test("a case of one run only is missing, not a regression", () => {
    const { counts, regressions, cases: found } = compareRuns(run("before", records), run("after", without));
    expect(counts.missing).toBe(3);
    expect(regressions).toEqual([]);
    expect(found.find((item) => item.caseId === id)).toMatchObject({
      verdict: "missing",
      reason: "baseline measured, candidate absent",
    });
  });

  test("a case that ran before and fails now is a regression; one that is mended is not", () => {
    const broken = [...without, failedRecord(cases[0]!, "oom", "heap full")];
    const { regressions } = compareRuns(run("before", records), run("after", broken));
    expect(regressions.map((item) => [item.caseId, item.reason])).toEqual([
      [id, "baseline measured, candidate oom (heap full)"],
    ]);
    expect(compareRuns(run("before", broken), run("after", records)).regressions).toEqual([]);
  });
});

describe("what may be compared", () => {
  const records = simulate(1);

  test("another machine is refused unless allowed, then told", () => {
    const other = run("after", records, { cpu: "Other CPU" });
    expect(() => compareRuns(run("before", records), other)).toThrow(UsageError);
    expect(() => compareRuns(run("before", records), other)).toThrow(
      /machine differs: Example CPU × 4.*--allow-different machine/,
    );
    expect(compareRuns(run("before", records), other, { allowDifferent: ["machine"] }).warnings[0]).toMatch(
      /^machine differs/,
    );
  });

  test("other versions and host names are only told", () => {
    const { warnings } = compareRuns(run("before", records), run("after", records, { host: "b", node: "v22.0.0" }));
    expect(warnings).toEqual(["host name differs: bench → b", "Node version differs: v20.20.0 → v22.0.0"]);
  });

  test("another engine or scale is refused; once allowed, cases are aligned across it", () => {
    const onTensorflow = cases.map((item) => ({ ...item, engine: "tensorflow" as const }));
    const other = run("after", simulateRecords(onTensorflow, { seconds: (item) => item.shape.N * 1e-6 }));
    expect(() => compareRuns(run("before", records), other)).toThrow(
      "engine differs: wasm in before, tensorflow in after",
    );
    expect(compareRuns(run("before", records), other, { allowDifferent: ["engine"] }).counts).toMatchObject({
      faster: cases.length,
    });
    const paper = cases.map((item) => ({ ...item, scale: "paper" as const }));
    expect(() =>
      compareRuns(run("before", records), run("after", simulateRecords(paper, { seconds: () => 1 }))),
    ).toThrow("scale differs");
  });

  test("empty runs and senseless thresholds are wrong usage", () => {
    expect(() => compareRuns(run("before", []), run("after", records))).toThrow("has no records");
    expect(() => compareRuns(run("before", records), run("after", records), { noise: -1 })).toThrow("--noise");
    expect(() => compareRuns(run("before", records), run("after", records), { alpha: 5 })).toThrow("--alpha");
  });
});

test("the geometric mean of a suite has every case's ratio in it", () => {
  const records = simulate(1);
  const [suite] = compareRuns(run("before", records), run("after", scaleTimes(records, 1.2))).suites;
  expect(suite).toMatchObject({ suite: "simulated", cases: cases.length });
  expect(suite!.ratio.estimate).toBeCloseTo(1.2, 9);
});

test("memory cases are listed with their bytes, not judged", () => {
  const item = operatorCase("softmax-full", 512, { quantity: "memory" });
  const memory = (enginePeakBytes: number): RunRecord[] =>
    simulateRecords([item], { seconds: () => 1, processes: 1, rounds: 1 }).map((record) => ({
      ...(record as OkRecord),
      secondsSamples: [],
      memory: { leastBytes: 100, enginePeakBytes },
    }));
  const comparison = compareRuns(run("before", memory(1000)), run("after", memory(1500)));
  expect(comparison.cases).toEqual([]);
  expect(comparison.memory).toMatchObject([{ baselineBytes: 1000, candidateBytes: 1500, ratio: 1.5 }]);
});

describe("formats", () => {
  const records = simulate(1);
  const comparison = compareRuns(
    run("before", records),
    run("after", [...scaleTimes(records.slice(0, -30), 1.2), failedRecord(cases.at(-1)!, "oom", "a | b")]),
  );

  test("Markdown starts with the counts and lists regressions first, with no cell broken by a bar", () => {
    const text = formatComparison(comparison, "md");
    expect(text).toContain("# after against before");
    const rows = text.split("\n").filter((line) => line.startsWith("| slower") || line.startsWith("| missing"));
    expect(rows.length).toBe(comparison.counts.slower + comparison.counts.missing);
    expect(rows.every((row) => row.replaceAll("\\|", "").split("|").length === 7)).toBe(true);
  });

  test("CSV has a row a case and units in its header; JSON is the comparison", () => {
    const [header, ...rows] = formatComparison(comparison, "csv").trim().split("\n");
    expect(header).toContain("baseline_seconds,candidate_seconds");
    expect(rows).toHaveLength(comparison.cases.length);
    expect(JSON.parse(formatComparison(comparison, "json"))).toEqual(JSON.parse(JSON.stringify(comparison)));
  });

  test("the github-action-benchmark file has name, unit and value of every time", () => {
    const entries = JSON.parse(formatComparison(comparison, "github")) as {
      name: string;
      unit: string;
      value: number;
      range: string;
    }[];
    expect(entries).toHaveLength(comparison.cases.filter((item) => item.verdict !== "missing").length);
    for (const entry of entries) {
      expect(entry).toMatchObject({ unit: "s", range: expect.stringMatching(/^± /) });
      expect(entry.value).toBeGreaterThan(0);
    }
    expect(new Set(entries.map((entry) => entry.name)).size).toBe(entries.length);
  });
});
