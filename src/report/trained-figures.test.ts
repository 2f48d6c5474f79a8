// Figures and tables of trained models: curves against time, lines by an axis, positions, operations, floors and gates.

import { beforeAll, expect, test } from "vitest";
import type { RunRecord, TrainingResult } from "#store/record";
import { contenders } from "#catalogue/contenders";
import { gridOf, shapeOf } from "#case/shape";
import { defineSuite, grid, type Suite } from "#case/suite";
import { fixtureRun } from "#testing/fixture-records";
import { buildReport, type Report } from "./build.ts";
import { chartConfig } from "./charts/config.ts";
import type { Picture } from "./charts/picture.ts";

const COMMON = { engine: "wasm", precision: "float32", scale: "small" } as const;
const RECIPE = {
  steps: 200,
  batch: 8,
  learningRate: 1e-3,
  warmupSteps: 0,
  schedule: "cosine",
  weightDecay: 0,
} as const;
const PROCESSES = { smoke: 1, small: 1, paper: 1 };

function model(contender: string, encoding: "lrpe" | "learned" | "md-lrpe", width: number) {
  return {
    variant: "lm-mini",
    width,
    depth: 2,
    heads: 2,
    gluWidth: 8,
    mixer: { operator: contenders.get(contender).spec, encoding },
    localMixing: "none",
  } as const;
}

const scans: Suite = defineSuite({
  id: "scan-count",
  title: "scans",
  question: "scans",
  kind: "operator",
  processes: PROCESSES,
  figures: [
    {
      id: "scans",
      title: "k scans over one",
      where: { decay: "vector", layout: "parallel", strategy: "default" },
      x: "scans",
      y: "ratio",
      baseline: "additive-global",
      by: "decay",
      kind: "line",
    },
  ],
  cases: () =>
    ["additive-global", "vector-1scan", "vector-2scan", "vector-2scan-joint", "vector-4scan"].map((contender) => {
      const { spec, strategy } = contenders.get(contender);
      return {
        ...COMMON,
        kind: "operator",
        suite: "scan-count",
        contender,
        spec,
        strategy,
        seed: 0,
        level: "operator",
        pass: "forward",
        quantity: "time",
        shape: shapeOf({ grid: gridOf(1024, 2) }),
      } as const;
    }),
});

const growing: Suite = defineSuite({
  id: "feature-maps",
  title: "growth",
  question: "growth",
  kind: "training",
  processes: PROCESSES,
  figures: [
    { id: "operations", title: "Operations", x: "C", y: "operations", kind: "line" },
    { id: "curve", title: "Accuracy", x: "seconds", y: "score", score: "top1", facets: ["C"], kind: "line" },
    { id: "data", title: "Accuracy", x: "tokens", y: "score", facets: ["C"], kind: "line" },
    { id: "throughput", title: "Throughput", x: "contender", y: "throughput", facets: ["C"], kind: "bar" },
  ],
  cases: () =>
    grid({ width: [16, 32], seed: [0, 1] }).map(
      ({ width, seed }) =>
        ({
          ...COMMON,
          kind: "training",
          suite: "feature-maps",
          contender: "additive-global",
          seed,
          task: "image-classification",
          dataset: "synthetic-shapes",
          model: model("additive-global", "md-lrpe", width),
          recipe: RECIPE,
        }) as const,
    ),
});

const language: Suite = defineSuite({
  id: "autoregressive-lm",
  title: "language",
  question: "language",
  kind: "training",
  processes: PROCESSES,
  figures: [
    { id: "position", title: "Loss by position", x: "position", y: "loss", facets: ["encoding"], kind: "line" },
  ],
  cases: () =>
    (
      [
        ["softmax-causal", "learned"],
        ["additive-causal", "lrpe"],
      ] as const
    ).map(
      ([contender, encoding]) =>
        ({
          ...COMMON,
          kind: "training",
          suite: "autoregressive-lm",
          contender,
          seed: 0,
          task: "autoregressive-lm",
          dataset: "tinyshakespeare",
          model: model(contender, encoding, 16),
          recipe: { ...RECIPE, steps: 2000 },
        }) as const,
    ),
});

/** The loss that the calibrating run reaches. */
function reportWith(calibration: number): Report {
  const { manifest, records, suites } = fixtureRun({ suites: [scans, growing, language] });
  return buildReport({ runs: [{ manifest, records: records.map((record) => changed(record, calibration)) }], suites });
}

function changed(record: RunRecord, calibration: number): RunRecord {
  if (record.status !== "ok" || record.case.kind !== "training" || record.training === undefined) return record;
  const { suite, model: spec, seed } = record.case;
  const floor = { score: "top1", limit: 0.95, reached: 0.9, beaten: seed === 0 };
  const own: Partial<TrainingResult> =
    suite === "feature-maps"
      ? {
          flopsPerExample: 1e5 * spec.width ** 2,
          floor,
          curve: record.training.curve.map((point) => ({
            ...point,
            elapsedSeconds: point.step * (seed === 0 ? 0.1 : 0.3),
          })),
        }
      : { scores: { loss: calibration, "loss.tokens0-15": calibration + 0.5, "loss.tokens16-63": calibration } };
  return { ...record, training: { ...record.training, itemScoreSamples: [], ...own } };
}

let report: Report;
let pictures: ReadonlyMap<string, Picture>;

beforeAll(() => {
  report = reportWith(1.9);
  pictures = new Map(report.data.suites.flatMap((suite) => suite.pictures).map((picture) => [picture.id, picture]));
});

const get = (id: string): Picture => {
  const picture = pictures.get(id);
  if (picture === undefined) throw new Error(`no picture ${id}; there are ${[...pictures.keys()].join(", ")}`);
  return picture;
};

test("scans of one decay are one line, without the joint form", () => {
  const { series, x } = get("scan-count-scans");
  expect(series.map(({ label, points }) => [label, points.map((point) => point.x)])).toEqual([
    ["vector decay", [1, 2, 4]],
  ]);
  expect(x.title).toBe("number of scans");
});

test("operations are counted, and stand on a log axis", () => {
  const picture = get("feature-maps-operations");
  expect(picture.y.scale).toBe("log");
  expect(picture.subtitle).toMatch(/counted from the model$/);
  expect(picture.series[0]?.points.map(({ x, value }) => [x, value])).toEqual([
    [16, "25.6 MFLOP"],
    [32, "102.4 MFLOP"],
  ]);
});

test("against time a curve's points stand at the mean of the seeds' seconds, with a band over seeds", () => {
  const picture = get("feature-maps-curve-test-top1-c-16");
  expect(picture.x.title).toBe("training time, without evaluations (s)");
  expect(picture.title).toContain("by training time");
  const { points, spread } = picture.series[0]!;
  expect(spread).toBe("band");
  expect(points.map(({ x }) => x)).toEqual([0, 10, 20, 30, 40].map((seconds) => expect.closeTo(seconds, 9)));
  expect(points.at(-1)!.low).toBeLessThan(points.at(-1)!.high!);
  expect([points.at(-1)!.xLow, points.at(-1)!.xHigh]).toEqual([20, 60].map((seconds) => expect.closeTo(seconds, 9)));
  expect(points.at(-1)!.text).toMatch(/ % \(.* to .*\) after 40 s \(20 s to 60 s\)$/);
  const main = chartConfig(picture).data.datasets.find(({ isHelper, isMark }) => isHelper !== true && isMark !== true)!;
  expect(main.data.at(-1)).toMatchObject({ xMin: expect.closeTo(20, 9), xMax: expect.closeTo(60, 9) });
  expect([...pictures.keys()].filter((id) => id.startsWith("feature-maps-curve"))).toHaveLength(2);
});

test("against data a curve's points stand at what was read until then: examples of a batch, step by step", () => {
  const { x, title, series } = get("feature-maps-data-test-top1-c-16");
  expect(title).toContain("by training examples");
  expect(x.title).toBe("training examples, repeated ones counted again");
  expect(series[0]!.points.map((point) => point.x)).toEqual([0, 50, 100, 150, 200].map((step) => step * RECIPE.batch));
});

test("throughput is what a step's time makes of its examples, with the ends of the interval exchanged", () => {
  const { series, subtitle } = get("feature-maps-throughput-c-16");
  const [point] = series[0]!.points;
  const row = report.data.suites
    .find(({ id }) => id === "feature-maps")!
    .tables[0]!.rows.find(({ id }) => id === series[0]!.id)!;
  const step = row.cells["step"]!;
  expect(point!.x).toBeCloseTo(RECIPE.batch / step.value!, 9);
  expect([point!.low, point!.high]).toEqual(
    [step.high!, step.low!].map((seconds) => expect.closeTo(RECIPE.batch / seconds, 6)),
  );
  expect(subtitle).toMatch(/median with 95 % intervals, n = 2 seeds$/);
});

test("where nothing has an interval, the line under the title says so", () => {
  expect(get("autoregressive-lm-position-encoding-lrpe").subtitle).toMatch(/n = 1 seed, no interval$/);
});

test("the loss by position has a point a group, at its middle", () => {
  expect(get("autoregressive-lm-position-encoding-lrpe").series[0]?.points.map(({ x, y }) => [x, y])).toEqual([
    [8, 2.4],
    [40, 1.9],
  ]);
});

test("models that did not learn are among the failures, once a seed, and in the note of their row", () => {
  expect(report.data.failures.rows.map(({ cells }) => [cells["status"]!.text, cells["reason"]!.text])).toEqual(
    [1, 2].map(() => [
      "NOT LEARNED",
      "trained, but top1 0.900 does not beat 0.950, the trivial predictor with the margin of its task",
    ]),
  );
  const ablations = report.data.paperTables.find(({ id }) => id === "ablations")!;
  expect(ablations.rows.map(({ id }) => id)).toContain(
    "feature-maps additive-global synthetic-shapes lm-mini md-lrpe none top-1",
  );
  const row = ablations.rows.find(({ cells }) => cells["metric"]?.text === "top-1")!;
  expect(row.cells["note"]!.text).toContain("NOT LEARNED in 1 of 2");
  expect(row.cells["flops"]!.text).not.toBe("–");
});

test("the gate of the language models passes within its tolerance, fails beyond, and the table says so", () => {
  const notes = (one: Report): string =>
    one.data.paperTables.find(({ id }) => id === "autoregressive-lm")!.notes.join(" ");
  expect(notes(report)).toContain(
    "Calibration passed: softmax attention with learned positions, loss 1.88 ± 0.05 published",
  );
  expect(notes(reportWith(1.94))).toContain("Calibration failed, so nothing is claimed from this suite");
  const other = fixtureRun();
  expect(notes(buildReport({ runs: [other], suites: other.suites }))).toContain("Calibration not run");
});
