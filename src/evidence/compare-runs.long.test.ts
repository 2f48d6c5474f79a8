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

describe("times", () => {
  test.each([3, 8])("%i processes: every time × 1.2 is slower for all, ÷ 1.2 faster for all", (processes) => {
    const records = simulate(1, processes);
    expect(words(records, scaleTimes(records, 1.2))).toMatchObject({ slower: cases.length });
    expect(words(records, scaleTimes(records, 1 / 1.2))).toMatchObject({ faster: cases.length });
  });

  test.each([3, 8])("%i processes: × 1.005 is slower for none", (processes) => {
    const records = simulate(1, processes);
    expect(words(records, scaleTimes(records, 1.005))).toMatchObject({ slower: 0, faster: 0 });
  });

  test.each([
    [1, 1],
    [1, 8],
    [8, 1],
  ])("%i processes against %i show no difference between processes: ambiguous, and told", (before, after) => {
    const comparison = compareRuns(run("before", simulate(1, before)), run("after", scaleTimes(simulate(2, after), 2)));
    expect(comparison.counts).toMatchObject({ ambiguous: cases.length });
    expect(comparison.regressions).toEqual([]);
    expect(comparison.items[0]).toMatchObject({
      reason: "one process on a side shows no difference between processes",
    });
    expect(comparison.items[0]).not.toHaveProperty("ratio.low");
    expect(comparison.warnings.join()).toContain("15 of 15 times have one process on a side");
  });

  test("two processes against two are tested by Welch's t: a factor of two is seen, and how little could not be", () => {
    const comparison = compareRuns(run("before", simulate(1, 2)), run("after", scaleTimes(simulate(2, 2), 4)), {
      alpha: 0.2,
    });
    expect(comparison.counts.faster).toBe(0);
    expect(comparison.items[0]).toMatchObject({ n: { baseline: 2, candidate: 2 }, test: { method: /Welch/ } });
    expect(comparison.warnings.join()).toMatch(/a change of time below [\d.e+]+ % .* could not have been seen/);
  });

  test("a training is compared over its seeds, one process each: one seed says nothing of time", () => {
    const trained = [1, 2, 3].map((seed) => trainingRecord({ seed, top1: 0.9 }));
    expect(words(trained, trained)).toMatchObject({ same: 1 });
    const one = trained.slice(0, 1);
    expect(words(one, scaleTimes(one, 1.2))).toMatchObject({ slower: 0, ambiguous: 2 });
  });

  test.each([2, 3, 8])("equal code, %i processes: hardly any run has a case that is called different", (processes) => {
    let alarms = 0;
    const runs = 12;
    for (let seed = 0; seed < runs; seed++) {
      const counts = words(simulate(2 * seed, processes), simulate(2 * seed + 1, processes), { resamples: 200 });
      if (counts.slower + counts.faster > 0) alarms++;
    }
    expect(alarms / runs).toBeLessThan(0.2);
  });

  test("eight processes of equal code are mostly called the same; identical ones all", () => {
    expect(words(simulate(1, 8), simulate(2, 8)).same / cases.length).toBeGreaterThan(0.7);
    expect(words(simulate(1, 8), simulate(1, 8))).toMatchObject({ same: cases.length });
  });

  test("tied times (a coarse clock) are judged, not refused", () => {
    const coarse = simulate(1, 8).map((record) => ({ ...record, secondsSamples: [0.01] })) as RunRecord[];
    expect(words(coarse, coarse)).toMatchObject({ same: cases.length });
    expect(words(coarse, scaleTimes(coarse, 2))).toMatchObject({ slower: cases.length });
  });

  test("where the rank test can speak it must agree; where processes are few Welch's t speaks for it", () => {
    const methodOf = (processes: number) => {
      const records = simulate(1, processes);
      const [item] = compareRuns(run("before", records), run("after", scaleTimes(records, 1.2))).items;
      if (item?.quantity !== "time" || !("test" in item)) throw new Error("expected a test");
      expect(item.test!.adjustedPValue).toBeLessThanOrEqual(0.05);
      return item.test!.method;
    };
    expect(methodOf(3)).toBe("Welch's t over processes");
    expect(methodOf(8)).toBe("Mann–Whitney over processes, exact");
  });

  test("a run beside a copy of itself is told to be one", () => {
    const records = simulate(1);
    expect(compareRuns(run("before", records), run("after", records)).warnings.join()).toContain(
      "they are the same measurement",
    );
  });
});

describe("scores", () => {
  const trained = (top1: number, seeds = [1, 2, 3]) =>
    seeds.map((seed) => trainingRecord({ seed, top1: top1 + 0.001 * (seed % 2) }));
  const compared = (before: readonly RunRecord[], after: readonly RunRecord[]) =>
    compareRuns(run("before", before), run("after", after));

  test("a training that got worse on the seeds both share is a regression", () => {
    const { counts, regressions } = compared(trained(0.9), trained(0.2));
    expect(counts).toMatchObject({ worse: 1 });
    expect(regressions[0]).toMatchObject({ quantity: "top1", difference: { n: 3 } });
  });

  test("a loss within the margin is not worse, a gain neither", () => {
    expect(compared(trained(0.9), trained(0.899)).counts).toMatchObject({ "not worse": 1, worse: 0 });
    expect(compared(trained(0.8), trained(0.9)).counts).toMatchObject({ "not worse": 1, worse: 0 });
  });

  test("one seed decides nothing, unless it fell below the floor that it beat before", () => {
    expect(compared(trained(0.9, [1]), trained(0.8, [1])).counts).toMatchObject({ worse: 0, ambiguous: 2 });
    const { regressions } = compared(trained(0.9, [1]), trained(0.15, [1]));
    expect(regressions[0]).toMatchObject({ verdict: "worse", reason: "it no longer beats the trivial predictor" });
  });

  test("seeds that the candidate lacks, or did not train to the end, are incomplete", () => {
    const { incomplete, counts } = compared(trained(0.9), trained(0.9, [1, 2]));
    expect(counts).toMatchObject({ "not worse": 1 });
    expect(incomplete.map(({ reason }) => reason).join()).toContain("lacks 1 of 3 seeds");
  });
});

describe("missing and broken cases", () => {
  const records = simulate(1);
  const id = caseId(cases[0]!);
  const without = records.filter((record) => record.matchup !== records[0]!.matchup);

  test("a case that the candidate lacks is incomplete, not a regression; one that is new is neither", () => {
    const {
      counts,
      regressions,
      incomplete,
      warnings,
      items: found,
    } = compareRuns(run("before", records), run("after", without));
    expect(counts.missing).toBe(3);
    expect(regressions).toEqual([]);
    expect(incomplete).toHaveLength(3);
    expect(warnings).toContain("3 results of the baseline are missing or unfinished in the candidate");
    expect(found.find((item) => item.caseId === id)).toMatchObject({
      verdict: "missing",
      reason: "baseline measured, candidate absent",
    });
    expect(compareRuns(run("before", without), run("after", records)).incomplete).toEqual([]);
  });

  test("an unfinished atom is missing; nothing in common is wrong usage", () => {
    const cut = records.filter((record) => record.matchup !== records[0]!.matchup || !record.final);
    expect(compareRuns(run("before", records), run("after", cut)).incomplete).toHaveLength(3);
    const other = simulateRecords([operatorCase("additive-global", 8192)], { seconds: () => 1 });
    expect(() => compareRuns(run("before", records), run("after", other))).toThrow(
      "after and before have no measured case in common: nothing was compared.",
    );
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
    expect(warnings.slice(0, 2)).toEqual(["host name differs: bench → b", "Node version differs: v20.20.0 → v22.0.0"]);
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
  expect(comparison.items).toEqual([]);
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
    expect(rows.every((row) => row.replaceAll("\\|", "").split("|").length === 8)).toBe(true);
  });

  test("CSV has a row a case and units in its header; JSON is the comparison", () => {
    const [header, ...rows] = formatComparison(comparison, "csv").trim().split("\n");
    expect(header).toContain("baseline_seconds,candidate_seconds");
    expect(rows).toHaveLength(comparison.items.length);
    expect(JSON.parse(formatComparison(comparison, "json"))).toEqual(JSON.parse(JSON.stringify(comparison)));
  });

  test("the github-action-benchmark file has name, unit and value of every time", () => {
    const entries = JSON.parse(formatComparison(comparison, "github")) as {
      name: string;
      unit: string;
      value: number;
      range: string;
    }[];
    expect(entries).toHaveLength(comparison.items.filter(({ quantity }) => quantity === "time").length);
    for (const entry of entries) {
      expect(entry).toMatchObject({ unit: "s", extra: expect.stringMatching(/^(slower|ambiguous): .* × before$/) });
      expect(entry.value).toBeGreaterThan(0);
    }
    expect(new Set(entries.map((entry) => entry.name)).size).toBe(entries.length);
  });
});
