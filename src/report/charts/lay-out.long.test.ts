import { beforeAll, expect, test } from "vitest";
import { fixtureRun } from "#testing/fixture-records";
import { buildReport, type Report } from "../build.ts";
import { labelOf } from "../palette.ts";
import { chartConfig } from "./config.ts";
import type { Picture } from "./picture.ts";

let report: Report;
let pictures: ReadonlyMap<string, Picture>;

beforeAll(() => {
  const { manifest, records, suites } = fixtureRun();
  report = buildReport({ runs: [{ manifest, records }], suites });
  pictures = new Map(report.data.suites.flatMap((suite) => suite.pictures).map((picture) => [picture.id, picture]));
});

const get = (id: string): Picture => {
  const picture = pictures.get(id);
  if (picture === undefined) throw new Error(`no picture ${id}; there are ${[...pictures.keys()].join(", ")}`);
  return picture;
};

test("time against N is log–log, marks the lengths of real tasks in range, and says what is missing", () => {
  const picture = get("kernel-forward-time");
  expect([picture.kind, picture.x.scale, picture.y.scale]).toEqual(["line", "log", "log"]);
  expect([picture.x.title, picture.y.title]).toEqual(["tokens N", "time of one forward pass"]);
  expect(picture.marks).toEqual({ at: [256, 512], label: "N = 256, 512: where real tasks live" });
  expect(picture.missing).toEqual(["softmax attention at N = 16384: timeout, longer than 30 s"]);
  expect(picture.series.find(({ id }) => id === "softmax-full")?.points.map(({ x }) => x)).toEqual([
    256, 512, 1024, 4096,
  ]);
  expect(picture.subtitle).toBe(
    "operator alone · scale smoke · engine wasm on Fixture CPU <model> · B 1, H 4, D 64 · median with 95 % intervals, n = 4 processes",
  );
});

test("every point carries its interval, and every line the exponent that was fitted to it, with its interval", () => {
  const { series } = get("kernel-forward-time");
  for (const { points } of series) {
    for (const { y, low, high, text } of points) {
      expect(low).toBeLessThan(y);
      expect(high).toBeGreaterThan(y);
      expect(text).toMatch(/^[\d.]+ \[[\d.]+, [\d.]+\] (µs|ms|s), n = 4 processes$/);
    }
  }
  expect(series.find(({ id }) => id === "softmax-full")).toMatchObject({
    label: "softmax attention",
    detail: expect.stringMatching(/^∝ N\^2\.0\d* \[[\d.]+, [\d.]+\], \d+×$/) as unknown,
  });
});

test("rows of all grids stand in one picture under headings, those of images in one of their own before it", () => {
  const ids = [...pictures.keys()].filter((id) => id.startsWith("scan-count-scans"));
  expect(ids).toEqual(["scan-count-scans-operator", "scan-count-scans-mixer-dims-2", "scan-count-scans-mixer"]);
  const headings = get("scan-count-scans-mixer").y.ticks.filter(({ isHeading }) => isHeading === true);
  expect(headings.map(({ label }) => label)).toEqual(["1-D grid", "2-D grid", "3-D grid"]);
  expect(get("scan-count-scans-mixer").missing[0]).toMatch(/^constant decay .* failed, correctness/);
});

test("ratios are dots around a line at 1, in groups by number of scans, sorted, the base with its time", () => {
  const picture = get("scan-count-scans-mixer-dims-2");
  expect(picture.title).toBe("Time over the time of one additive scan — mixer layer, 2-D grid");
  expect(picture).toMatchObject({ kind: "dots", isLead: true, marks: { at: [1] } });
  expect(picture.x).toMatchObject({ title: "time / time of additive, 1 scan (LightNet)", hint: "← faster │ slower →" });
  const headings = picture.y.ticks.filter(({ isHeading }) => isHeading === true).map(({ label }) => label);
  expect(headings).toEqual(["additive", "order-free", "1 scan", "2 scans", "4 scans", "attention"]);
  expect(picture.series[0]?.points[0]).toMatchObject({
    x: 1,
    value: expect.stringMatching(/^1 \([\d.]+ ms\)$/) as unknown,
  });
  for (const heading of headings) {
    const values = picture.series.filter(({ group }) => group === heading).map(({ points }) => points[0]!.x);
    expect(values, heading).toEqual(values.toSorted((a, b) => a - b));
  }
});

test("what is beyond twice the upper quartile is clipped and keeps its value", () => {
  const picture = get("scan-count-scans-mixer-dims-2");
  const clipped = picture.series.filter(({ points }) => points[0]!.isClipped === true);
  expect(clipped.map(({ id }) => id.length)).not.toEqual([]);
  for (const { points } of clipped) expect(points[0]!.x).toBeGreaterThan(picture.x.max);
  const [arrow] = chartConfig(picture)
    .data.datasets.filter(({ pointStyle }) => pointStyle === "triangle")
    .slice(-1);
  expect(arrow).toMatchObject({ data: [{ x: picture.x.max }], rotation: 90 });
});

test("memory gives one picture a measure, on bytes", () => {
  expect(get("kernel-memory-memory-engine-peak").y.title).toBe("peak memory allocated by the engine");
  const picture = get("kernel-memory-memory-process-peak");
  expect(picture.y.title).toBe("peak memory resident in the process");
  expect(picture.subtitle).toMatch(/largest over 1 process$/);
  expect(picture.missing.join()).toContain("oom, needs 4.3 GB");
});

test("learning curves: training and test loss apart, a band over seeds, the data named", () => {
  const training = get("image-classification-loss-loss-synthetic-shapes");
  expect(training.title).toBe("Training loss by training step — synthetic shapes");
  expect(training.subtitle).toContain(
    "synthetic shapes · 200 training steps · mean with a band from the lowest to the highest seed, n = 3 seeds",
  );
  expect(training.series.map(({ spread }) => spread)).toEqual(["band", "band", "band"]);
  const test = get("image-classification-loss-test-loss-synthetic-shapes");
  expect(test.series[0]?.points.map(({ x }) => x)).toEqual([0, 50, 100, 150, 200]);
});

test("times of a software GPU are never drawn", () => {
  const { manifest, records, suites } = fixtureRun({ software: true });
  const { data, files } = buildReport({ runs: [{ manifest, records }], suites });
  const drawn = data.suites.flatMap((suite) => suite.pictures.map(({ id }) => id));
  expect(drawn.filter((id) => !id.startsWith("kernel-memory") && !id.startsWith("image-classification"))).toEqual([]);
  expect(data.limitations.join()).toContain("emulated on the CPU");
  const samples = files.find(({ path }) => path === "csv/kernel-forward-samples.csv")?.content ?? "";
  expect([...samples].join("").split("\n")[0]).not.toContain("time_s");
});

test("configurations are plain JSON, with axes as the picture says", () => {
  for (const picture of pictures.values()) {
    const config = chartConfig(picture);
    expect(JSON.parse(JSON.stringify(config))).toEqual(config);
    expect(config.options.scales.x).toMatchObject({ min: picture.x.min, max: picture.x.max });
  }
});

test("no two series of a picture look alike", () => {
  for (const { series, id } of pictures.values()) {
    if (id.startsWith("scan-count-scans")) continue; // rows are told apart by their labels
    const looks = series.map(({ style }) => JSON.stringify([style.ink.light, style.marker, style.dash]));
    expect(new Set(looks).size, `${id}: ${series.map(({ id: own }) => labelOf(own)).join(", ")}`).toBe(looks.length);
  }
});
