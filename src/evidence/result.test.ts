import { describe, expect, test } from "vitest";
import { recordSchema } from "#store/record";
import { failedRecord, operatorCase, simulateRecords, trainingRecord } from "#testing/simulated-records";
import { resultsOf } from "./result.ts";

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
  const results = resultsOf(records);
  const first = results.find(({ axes }) => axes["N"] === 256 && axes["contender"] === "additive-global")!;

  test("counts processes, rounds and samples and brackets the simulated time", () => {
    expect(results).toHaveLength(4);
    expect([first.n, first.rounds, first.samples]).toEqual([3, 30, 90]);
    expect(first.time!.low).toBeLessThan(256e-5);
    expect(first.time!.high).toBeGreaterThan(256e-5);
    expect(first.warnings.map(({ code, text }) => [code, text])).toEqual([
      ["few processes", "3 processes: headline times need 8"],
    ]);
    expect(first.strategies).toEqual(["reference"]);
  });

  test("work over time gives rates whose interval is the time's turned round, and shares of the measured peak", () => {
    const { flopsPerSecond, flopsShare } = first.achieved!;
    expect(flopsPerSecond.estimate * first.time!.estimate).toBeCloseTo(256e6, 3);
    expect(flopsPerSecond.low! * first.time!.high!).toBeCloseTo(256e6, 3);
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
    const [summary] = resultsOf(told);
    const texts = summary!.warnings.map(({ text }) => text);
    expect(summary).toMatchObject({ conditions: { loadBefore: 1, overheadSeconds: 2e-6, throttledProcesses: 1 } });
    expect(texts).toContain("GPU clocks held down by power or heat in 1 of 3");
    expect(texts.find((text) => text.startsWith("measuring adds"))).toMatch(
      /^measuring adds 2(\.0)? % to each sample$/,
    );
    expect(first).toMatchObject({ conditions: { throttledProcesses: 0 } });
  });

  test("does not depend on which other cases are summarised with it", () => {
    const alone = resultsOf(records.filter((record) => record.matchup === records[0]!.matchup));
    expect(alone[0]).toEqual(results.find(({ id }) => id === alone[0]!.id));
  });

  test("noise is warned about at 10 % and 25 % of the median", () => {
    const noisy = (within: number) =>
      resultsOf(simulateRecords([cases[0]!], { seconds: () => 1, within, processes: 8, rounds: 20 }))[0]!.warnings.map(
        ({ code }) => code,
      );
    expect(noisy(0.02)).toEqual([]);
    expect(noisy(0.12)[0]).toBe("noisy");
    expect(noisy(0.4)[0]).toBe("hardly usable");
  });
});

describe("which records count", () => {
  test("an unfinished atom does not", () => {
    const cut = records.slice(0, -1); // the last atom lacks its final line
    const samples = (lines: typeof records) => resultsOf(lines).reduce((sum, item) => sum + item.samples, 0);
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
    const found = resultsOf([...older, ...newer]);
    expect(found.map(({ stale }) => stale).sort()).toEqual([false, true]);
    expect(found.find(({ stale }) => !stale)!.time!.estimate).toBeLessThan(2);
  });

  test("the newer code is the later one in the file, whatever the clock said", () => {
    const first = simulateRecords([cases[0]!], { seconds: () => 9, processes: 3, codeHash: "code-0" });
    const later = simulateRecords([cases[0]!], {
      seconds: () => 1,
      processes: 2,
      codeHash: "code-1",
      startedAt: "2025-01-01T00:00:00Z", // set back
    });
    const current = resultsOf([...first, ...later]).filter(({ stale }) => !stale);
    expect(current.map(({ n }) => n)).toEqual([2]);
    expect(current[0]!.time!.estimate).toBeLessThan(2);
  });

  test("cases without a result keep status and reason; a failed process of a measured case is a warning", () => {
    const [failed] = resultsOf([failedRecord(cases[1]!, "oom", "heap of 4 GiB is full")]);
    expect(failed).toMatchObject({ status: "oom", failures: [{ reason: "heap of 4 GiB is full" }], stale: false });
    const later = { ...failedRecord(cases[0]!, "timeout", "silent for 120 s"), process: 7 };
    const [mixed] = resultsOf([...simulateRecords([cases[0]!], { seconds: () => 1 }), later]);
    expect(mixed!.status).toBe("ok");
    expect(mixed!.warnings[0]).toMatchObject({ code: "failed process", text: "process 7: timeout: silent for 120 s" });
  });
});

describe("scores over seeds", () => {
  const seeds = [1, 2, 3, 4, 5, 6, 7];
  const trained = (contender: string, top1: number) =>
    seeds.map((seed) => trainingRecord({ seed, top1: top1 + 0.005 * (seed % 3), contender }));
  const results = resultsOf([...trained("additive-global", 0.9), ...trained("softmax-full", 0.89)]);
  const { scores } = results[0]!.training!;

  test("cases that differ in their seed only make one experiment", () => {
    expect(results.map(({ contender, training }) => [contender, [...training!.runs.keys()]])).toEqual([
      ["additive-global", seeds],
      ["softmax-full", seeds],
    ]);
    const top1 = scores.get("top1")!;
    expect(top1.n).toBe(7);
    expect(top1.estimate).toBeCloseTo(0.9 + (0.005 * (1 + 2 + 0 + 1 + 2 + 0 + 1)) / 7, 10);
    expect(top1.low).toBeLessThan(top1.estimate);
  });

  test("test items widen the interval: 200 items leave more doubt than the seeds alone", () => {
    const top1 = scores.get("top1")!;
    expect(top1.high! - top1.low!).toBeGreaterThan(0.02);
    expect(scores.get("loss")!.method).toContain("hierarchical");
  });

  test("one seed is a score without interval, unless its test items speak for it", () => {
    const [one] = resultsOf([trainingRecord({ seed: 1, top1: 0.9 })]);
    expect(one!.training!.scores.get("loss")).not.toHaveProperty("low");
    expect(one!.training!.scores.get("top1")!.method).toContain("within one group");
  });

  test("scores with names that every object has are scores like others", () => {
    const record = trainingRecord({ seed: 1, top1: 0.9 });
    if (record.status !== "ok") throw new Error("expected a training");
    const named = { ...record, training: { ...record.training!, scores: { constructor: 0.5, toString: 0.25 } } };
    const { training } = resultsOf([named])[0]!;
    expect([...training!.scores.keys()]).toEqual(["constructor", "toString"]);
    expect(training!.trivial.get("constructor")).toBeUndefined();
  });
});

describe("times that a clock could not resolve", () => {
  const zero = (clock: "secondsSamples" | "deviceSecondsSamples", value: number) =>
    records.map((record, index) =>
      record.status !== "ok"
        ? record
        : {
            ...record,
            deviceSecondsSamples: record.secondsSamples!.map((time) => time / 2),
            ...(index === 0 ? { [clock]: record.secondsSamples!.map(() => value) } : {}),
          },
    );

  test.each([
    ["wall", "secondsSamples", 0],
    ["device", "deviceSecondsSamples", 0],
    ["device", "deviceSecondsSamples", -1e-9],
  ] as const)(
    "a round of %s time (%s, %d s) is left out with a warning, and costs no other case anything",
    (clock, field, value) => {
      const [changed, ...others] = resultsOf(zero(field, value));
      expect(changed!.time!.estimate).toBeGreaterThan(0);
      expect(changed!.warnings.find(({ code }) => code === "below resolution")?.text).toBe(
        `1 of 30 rounds lie below the resolution of the ${clock} clock and are left out`,
      );
      expect(others.map(({ time }) => time)).toEqual(
        resultsOf(records)
          .slice(1)
          .map(({ time }) => time),
      );
    },
  );

  test("a case that is always below it has no time, and is a result", () => {
    const [result] = resultsOf(records.map((record) => ({ ...record, secondsSamples: [0, 0, 0] })));
    expect(result).toMatchObject({ status: "ok", n: 3 });
    expect(result!.time).toBeUndefined();
    expect(result!.warnings.map(({ code }) => code)).toEqual(["below resolution"]);
  });
});
