import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import { summariseScores } from "#evidence/scores";
import { summarise } from "#evidence/summary";
import { fixtureRun } from "#testing/fixture-records";
import { csvOf, samplesCsvOf } from "./csv.ts";
import { ratioLookup, viewsOf } from "./view.ts";

const { records } = fixtureRun({ processes: 2 });
const summaries = summarise(records, { resamples: 200 });
const views = viewsOf(summaries, summariseScores(summaries, { resamples: 200 }));
const options = { ratios: ratioLookup(records), baseline: "additive-global" };
const read = (text: string): Record<string, string>[] => parse(text, { columns: true });

test("a line a case, with axes, seconds, intervals, ratios and n", () => {
  const lines = read(csvOf("kernel-forward", views, options));
  expect(lines).toHaveLength(30);
  const line = lines.find(({ contender, N }) => contender === "vector-2scan" && N === "1024")!;
  const [time, low, high] = [Number(line["time_s"]), Number(line["time_s_low"]), Number(line["time_s_high"])];
  expect(low).toBeLessThan(time);
  expect(high).toBeGreaterThan(time);
  expect(Number(line["ratio_to_additive-global"])).toBeCloseTo(2, 0);
  expect(line).toMatchObject({ status: "ok", n: "2", n_of: "processes", pass: "forward", D: "64" });
});

test("a case without a result keeps its line, its status and its reason", () => {
  const line = read(csvOf("kernel-forward", views, options)).find(({ status }) => status === "timeout")!;
  expect(line).toMatchObject({ contender: "softmax-full", N: "16384", reason: "longer than 30 s", time_s: "" });
});

test("training: a line an experiment, scores with their trivial value, and whether the data are synthetic", () => {
  const lines = read(csvOf("image-classification", views, options));
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatchObject({
    seed: "0 1 2",
    n: "3",
    n_of: "seeds",
    synthetic: "true",
    trivial_top1: "0.1",
    data: "synthetic shapes",
  });
  expect(Number(lines[0]!["score_top1"])).toBeGreaterThan(0.8);
});

test("no file holds NaN, Infinity or undefined", () => {
  for (const suite of new Set(records.map((record) => record.case.suite))) {
    for (const text of [csvOf(suite, views, options), samplesCsvOf(suite, records)]) {
      expect(text).not.toMatch(/NaN|Infinity|undefined|null/);
    }
  }
});

test("samples: every raw sample once, in order", () => {
  const lines = read(samplesCsvOf("decode", records));
  const taken = records.flatMap((record) =>
    record.case.suite === "decode" && record.status === "ok" ? (record.secondsSamples ?? []) : [],
  );
  expect(lines.map(({ time_s }) => Number(time_s))).toEqual(taken);
});
