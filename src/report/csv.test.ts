import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import { evidenceOf } from "#evidence/evidence";
import type { Grid } from "#evidence/raw";
import { fixtureRun } from "#testing/fixture-records";
import { csvOf, gridCsv } from "./csv.ts";

const { manifest, records } = fixtureRun({ processes: 2 });
const { results, ratios, raw } = evidenceOf([{ manifest, records }], { resamples: 200 });
const suiteCsv = (suite: string): string =>
  csvOf(
    results.filter(({ axes }) => axes["suite"] === suite),
    ratios,
    "additive-global",
  );
const gridText = (grid: Grid): string => [...gridCsv(grid)].join("");
const read = (text: string): Record<string, string>[] => parse(text, { columns: true });

test("a line a case, with axes, seconds, intervals, ratios and n", () => {
  const lines = read(suiteCsv("kernel-forward"));
  expect(lines).toHaveLength(30);
  const line = lines.find(({ contender, N }) => contender === "vector-2scan" && N === "1024")!;
  const [time, low, high] = [Number(line["time_s"]), Number(line["time_s_low"]), Number(line["time_s_high"])];
  expect(low).toBeLessThan(time);
  expect(high).toBeGreaterThan(time);
  expect(Number(line["ratio_to_additive-global"])).toBeCloseTo(2, 0);
  expect(line).toMatchObject({ status: "ok", n: "2", n_of: "processes", pass: "forward", D: "64" });
});

test("a case without a result keeps its line, its status and its reason", () => {
  const line = read(suiteCsv("kernel-forward")).find(({ status }) => status === "timeout")!;
  expect(line).toMatchObject({ contender: "softmax-full", N: "16384", reason: "longer than 30 s", time_s: "" });
});

test("training: a line an experiment, scores with their trivial value, and whether the data are synthetic", () => {
  const lines = read(suiteCsv("image-classification"));
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
    for (const text of [suiteCsv(suite), gridText(raw.samples(suite))]) {
      expect(text).not.toMatch(/NaN|Infinity|undefined|null/);
    }
  }
});

test("samples: every raw sample once, in order", () => {
  const lines = read(gridText(raw.samples("decode")));
  const taken = records.flatMap((record) =>
    record.case.suite === "decode" && record.status === "ok" ? (record.secondsSamples ?? []) : [],
  );
  expect(lines.map(({ time_s }) => Number(time_s))).toEqual(taken);
});

test("one line a point of each seed's curve, with step, seconds and every value read there", () => {
  const rows = parse(gridText(raw.curves("image-classification")!), { columns: true }) as Record<string, string>[];
  const trained = records.flatMap((record) =>
    record.status === "ok" && record.case.suite === "image-classification" && record.training !== undefined
      ? [record.training]
      : [],
  );
  expect(rows).toHaveLength(trained.reduce((sum, { curve }) => sum + curve.length, 0));
  const [point] = trained[0]!.curve;
  expect(rows[0]).toMatchObject({
    dataset: "synthetic-shapes",
    seed: "0",
    step: String(point!.step),
    elapsed_s: String(point!.elapsedSeconds),
    loss: String(point!.values["loss"]),
  });
});

test("a suite without trainings has no curves", () => {
  expect(raw.curves("kernel-forward")).toBeUndefined();
});

test("rows of a grid are made as they are read and never held; read twice, they are the same", () => {
  let made = 0;
  const rows = {
    *[Symbol.iterator]() {
      for (let n = 0; n < 10_000; n++, made++) yield [n, "a,b", undefined];
    },
  };
  const grid = gridCsv({ columns: ["n", "text", "nothing"], rows });
  const [first] = grid;
  expect(first).toMatch(/^n,text\n0,"a,b"\n1,/);
  expect(made).toBeLessThan(15_000); // once for the columns, and no further than the first part
  expect([...grid].join("")).toBe([...grid].join(""));
});
