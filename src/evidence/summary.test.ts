import { describe, expect, test } from "vitest";
import { recordSchema } from "#store/record";
import { failedRecord, operatorCase, simulateRecords, trainingRecord } from "#testing/simulated-records";
import { compareScores, summariseScores } from "./scores.ts";
import { summarise } from "./summary.ts";

const cases = [256, 512].flatMap((N) =>
  ["additive-global", "softmax-full"].map((contender) => operatorCase(contender, N)),
);
const records = simulateRecords(cases, { seconds: (item) => item.shape.N * 1e-5 });

test("the simulated records follow the schema of a run", () => {
  for (const record of [records[0], trainingRecord({ seed: 1, top1: 0.9 }), failedRecord(cases[0]!, "oom", "heap")]) {
    expect(recordSchema.safeParse(record).error).toBeUndefined();
  }
});

describe("summary of a case", () => {
  const summaries = summarise(records);
  const first = summaries.find(({ axes }) => axes["N"] === 256 && axes["contender"] === "additive-global")!;

  test("counts processes, rounds and samples and brackets the simulated time", () => {
    expect(summaries).toHaveLength(4);
    if (first.status !== "ok") throw new Error("expected a measured case");
    expect([first.processes, first.rounds, first.samples]).toEqual([3, 30, 90]);
    expect(first.seconds!.low).toBeLessThan(256e-5);
    expect(first.seconds!.high).toBeGreaterThan(256e-5);
    expect(first.warnings).toEqual(["3 processes: headline times need 8"]);
    expect(first.strategies).toEqual(["reference"]);
  });

  test("work over time gives rates whose interval is the time's turned round, and shares of the measured peak", () => {
    if (first.status !== "ok") throw new Error("expected a measured case");
    const { flopsPerSecond, flopsShare } = first.achieved!;
    expect(flopsPerSecond.estimate * first.seconds!.estimate).toBeCloseTo(256e6, 3);
    expect(flopsPerSecond.low! * first.seconds!.high!).toBeCloseTo(256e6, 3);
    expect(flopsShare).toBeCloseTo(flopsPerSecond.estimate / 1e10, 12);
  });

  test("what the machine did meanwhile: highest load, overhead as a share of the time, throttled processes", () => {
    const facts = (process: number) => ({
      load: { before: 0.5 * process, after: 9 },
      overheadSeconds: 2e-6,
      gpuState: [{ clockLimits: process === 1 ? ["power cap"] : ["idle"] }],
    });
    const told = simulateRecords([cases[0]!], { seconds: () => 1e-4 }).map((record) =>
      record.round === 0 ? { ...record, ...facts(record.process) } : record,
    );
    expect(told.map((record) => recordSchema.safeParse(record).success)).not.toContain(false);
    const [summary] = summarise(told);
    expect(summary).toMatchObject({ conditions: { loadBefore: 1, overheadSeconds: 2e-6, throttledProcesses: 1 } });
    expect(summary!.warnings).toContain("GPU clocks held down by power or heat in 1 of 3");
    expect(summary!.warnings.find((warning) => warning.startsWith("measuring adds"))).toMatch(
      /^measuring adds 2(\.0)? % to each sample$/,
    );
    expect(first).toMatchObject({ conditions: { throttledProcesses: 0 } });
  });

  test("does not depend on which other cases are summarised with it", () => {
    const alone = summarise(records.filter((record) => record.matchup === records[0]!.matchup));
    expect(alone[0]).toEqual(summaries.find(({ caseId }) => caseId === alone[0]!.caseId));
  });

  test("noise is warned about at 10 % and 25 % of the median", () => {
    const noisy = (within: number) =>
      summarise(simulateRecords([cases[0]!], { seconds: () => 1, within, processes: 8, rounds: 20 }))[0]!.warnings;
    expect(noisy(0.02)).toEqual([]);
    expect(noisy(0.12)[0]).toMatch(/^noisy: /);
    expect(noisy(0.4)[0]).toMatch(/^hardly usable: /);
  });
});

describe("which records count", () => {
  test("an unfinished atom does not", () => {
    const cut = records.slice(0, -1); // the last atom lacks its final line
    const samples = (lines: typeof records) =>
      summarise(lines).reduce((sum, item) => sum + (item.status === "ok" ? item.samples : 0), 0);
    expect(samples(records) - samples(cut)).toBe(60);
  });

  test("results of older code are kept apart and marked", () => {
    const older = simulateRecords([cases[0]!], {
      seconds: () => 9,
      processes: 3,
      codeHash: "code-0",
      startedAt: "2025-12-01T00:00:00Z",
    });
    const newer = simulateRecords([cases[0]!], { seconds: () => 1, processes: 2 });
    const found = summarise([...older, ...newer]);
    expect(found.map(({ codeHash, stale }) => [codeHash, stale])).toEqual(
      [
        ["code-1", false],
        ["code-0", true],
      ].toSorted(
        (a, b) => found.findIndex((item) => item.codeHash === a[0]) - found.findIndex((item) => item.codeHash === b[0]),
      ),
    );
    const current = found.find((item) => !item.stale)!;
    expect(current.status === "ok" && current.seconds!.estimate).toBeLessThan(2);
  });

  test("cases without a result keep status and reason; a failed process of a measured case is a warning", () => {
    const [failed] = summarise([failedRecord(cases[1]!, "oom", "heap of 4 GiB is full")]);
    expect(failed).toMatchObject({ status: "oom", reason: "heap of 4 GiB is full", stale: false });
    const later = { ...failedRecord(cases[0]!, "timeout", "silent for 120 s"), process: 7 };
    const [mixed] = summarise([...simulateRecords([cases[0]!], { seconds: () => 1 }), later]);
    expect(mixed!.status).toBe("ok");
    expect(mixed!.warnings[0]).toBe("process 7: timeout: silent for 120 s");
  });
});

describe("scores over seeds", () => {
  const seeds = [1, 2, 3, 4, 5, 6, 7];
  const trained = (contender: string, top1: number) =>
    seeds.map((seed) => trainingRecord({ seed, top1: top1 + 0.005 * (seed % 3), contender }));
  const scores = summariseScores(summarise([...trained("additive-global", 0.9), ...trained("softmax-full", 0.89)]));

  test("cases that differ in their seed only make one experiment", () => {
    expect(scores.map(({ case: item, seeds: found }) => [item.contender, found])).toEqual([
      ["additive-global", seeds],
      ["softmax-full", seeds],
    ]);
    const { top1 } = scores[0]!.scores;
    expect(top1!.n).toBe(7);
    expect(top1!.estimate).toBeCloseTo(0.9 + (0.005 * (1 + 2 + 0 + 1 + 2 + 0 + 1)) / 7, 10);
    expect(top1!.low).toBeLessThan(top1!.estimate);
  });

  test("test items widen the interval: 200 items leave more doubt than the seeds alone", () => {
    const { top1, loss } = scores[0]!.scores;
    expect(top1!.high! - top1!.low!).toBeGreaterThan(0.02);
    expect(loss!.method).toContain("hierarchical");
  });

  test("not worse within the margin, on the seeds both share", () => {
    const [additive, softmax] = scores;
    expect(compareScores(additive!, softmax!, { metric: "top1", margin: 0.005, higherIsBetter: true })?.verdict).toBe(
      "not worse",
    );
    expect(compareScores(softmax!, additive!, { metric: "top1", margin: 0.005, higherIsBetter: true })?.verdict).toBe(
      "not shown",
    );
    expect(compareScores(additive!, softmax!, { metric: "absent", margin: 1, higherIsBetter: true })).toBeUndefined();
  });

  test("one seed is a score without interval, unless its test items speak for it", () => {
    const [one] = summariseScores(summarise([trainingRecord({ seed: 1, top1: 0.9 })]));
    expect(one!.scores["loss"]).not.toHaveProperty("low");
    expect(one!.scores["top1"]!.method).toContain("within one group");
  });
});
